from django.urls import path

from licheng.school.activities import views

app_name = "activities"
ONE = "<uuid:activity_id>/"
FILE = f"{ONE}files/<slug:role>/"
urlpatterns = [
    path("", views.activity_list, name="list"),
    path("start/", views.start, name="start"),
    path(ONE, views.detail, name="detail"),
    path(f"{ONE}who/", views.who, name="who"),
    path(f"{ONE}edit/", views.edit, name="edit"),
    path(f"{ONE}delete/", views.delete, name="delete"),
    path(FILE, views.file, name="file"),
    path(f"{FILE}remove/", views.remove_file, name="remove_file"),
    path(f"{FILE}pages/<int:number>/", views.page, name="page"),
    path(f"{FILE}thumbnail/", views.thumbnail, name="thumbnail"),
    path(f"{FILE}previews/", views.previews, name="previews"),
    path(f"{FILE}play/", views.play, name="play"),
    path(f"{FILE}player/", views.player, name="player"),
    path(f"{FILE}receipt/", views.receipt, name="receipt"),
]
