from django.urls import path

from licheng.school.selection import views

app_name = "selection"
urlpatterns = [
    path("", views.board, name="board"),
    path("students/<int:person_id>/who/", views.who, name="who"),
    path("outcomes/<uuid:outcome_id>/select/", views.select_outcome, name="select_outcome"),
    path("outcomes/<uuid:outcome_id>/unselect/", views.unselect_outcome, name="unselect_outcome"),
    path("activities/<uuid:activity_id>/select/", views.select_activity, name="select_activity"),
    path("activities/<uuid:activity_id>/unselect/", views.unselect_activity, name="unselect_activity"),
]
