from django.urls import path

from licheng.school.outcomes.views import certifying, files, readers, writing

app_name = "outcomes"
urlpatterns = [
    path("", writing.list_, name="list"),
    path("start/<int:enrolment_id>/", writing.start, name="start"),
    path("queue/", certifying.queue, name="queue"),
    path("publish/", certifying.publish, name="publish"),
    path("<uuid:outcome_id>/", writing.detail, name="detail"),
    path("<uuid:outcome_id>/edit/", writing.edit, name="edit"),
    path("<uuid:outcome_id>/delete/", writing.delete, name="delete"),
    path("<uuid:outcome_id>/send/", writing.send, name="send"),
    path("<uuid:outcome_id>/take-back/", writing.take_back, name="take_back"),
    path("<uuid:outcome_id>/who/", readers.who, name="who"),
    path("<uuid:outcome_id>/review/", certifying.review, name="review"),
    path("<uuid:outcome_id>/pass/", certifying.pass_, name="pass"),
    path("<uuid:outcome_id>/hold-back/", certifying.hold_back, name="hold_back"),
    path("<uuid:outcome_id>/undo/", certifying.undo, name="undo"),
    path("<uuid:outcome_id>/<str:role>/remove/", writing.remove_file, name="remove_file"),
    path("<uuid:outcome_id>/<str:role>/file/", files.file, name="file"),
    path("<uuid:outcome_id>/<str:role>/page/<int:number>/", files.page, name="page"),
    path("<uuid:outcome_id>/<str:role>/thumbnail/", files.thumbnail, name="thumbnail"),
    path("<uuid:outcome_id>/<str:role>/previews/", files.previews, name="previews"),
    path("<uuid:outcome_id>/<str:role>/play/", files.play, name="play"),
    path("<uuid:outcome_id>/<str:role>/player/", files.player, name="player"),
    path("<uuid:outcome_id>/<str:role>/receipt/", files.receipt, name="receipt"),
]
