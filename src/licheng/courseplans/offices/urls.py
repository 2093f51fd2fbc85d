from django.urls import path

from licheng.courseplans.offices import views

urlpatterns = [
    path("", views.directory, name="directory"),
    path("officers/add/", views.add_officer, name="add_officer"),
    path("officers/<int:officer_id>/", views.officer, name="officer"),
    path("officers/<int:officer_id>/code/", views.officer_code, name="officer_code"),
    path("officers/<int:officer_id>/end/", views.end_officer, name="end_officer"),
]
