from django.urls import path

from licheng.school.records import duty_views, views

app_name = "records"
urlpatterns = [
    path("classes/", views.board, name="board"),
    path("mine/", views.mine, name="mine"),
    path("mine/records.csv", views.mine_csv, name="mine_csv"),
    path("students/<int:person_id>/", views.student, name="student"),
    path("students/<int:person_id>/who/", views.who, name="who"),
    path("classes/<int:class_id>/", views.class_, name="class"),
    path("classes/<int:class_id>/who/", views.class_who, name="class_who"),
    path("classes/<int:class_id>/records.csv", views.class_csv, name="class_csv"),
    path("courses/<int:offering_id>/", views.course, name="course"),
    path("courses/<int:offering_id>/who/", views.course_who, name="course_who"),
    path("courses/<int:offering_id>/records.csv", views.course_csv, name="course_csv"),
    path("duties/", duty_views.mine, name="duties"),
    path("deputies/", duty_views.deputies, name="deputies"),
    path("deputies/name/", duty_views.name_deputy, name="name_deputy"),
    path("deputies/<int:deputy_id>/end/", duty_views.end, name="end_deputy"),
]
