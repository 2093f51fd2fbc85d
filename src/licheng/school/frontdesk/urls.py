from django.urls import path

from licheng.school.frontdesk.views import asking, front, office

app_name = "frontdesk"
urlpatterns = [
    path("at/", front.choose, name="choose"),
    path("at/<slug:school_code>/", front.school, name="school"),
    path("at/<slug:school_code>/announcements/", front.announcements, name="announcements"),
    path("at/<slug:school_code>/help/", asking.ask, name="ask"),
    path("manuals/", front.manual_list, name="manuals"),
    path("manuals/<slug:manual>/", front.manual, name="manual"),
    path("help/", asking.mine, name="mine"),
    path("help/thread/<str:secret>/", asking.thread, name="thread"),
    path("help/thread/<str:secret>/who/", asking.thread_who, name="thread_who"),
    path("help/desk/", office.desk, name="desk"),
    path("help/<uuid:question_id>/", asking.question, name="question"),
    path("help/<uuid:question_id>/who/", asking.question_who, name="question_who"),
    path("help/<uuid:question_id>/close/", asking.close, name="close"),
    path("help/<uuid:question_id>/reopen/", office.reopen, name="reopen"),
    path("help/<uuid:question_id>/discard/", office.discard, name="discard"),
    path("announcements/", office.board, name="board"),
    path("announcements/<int:announcement_id>/withdraw/", office.withdraw, name="withdraw"),
]
