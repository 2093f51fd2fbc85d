from django.urls import include, path

from licheng.school.people import views

pages = [
    path("classes/", views.classes, name="classes"),
    path("classes/<int:class_id>/", views.class_sheet, name="class_sheet"),
    path("<int:person_id>/", views.student, name="student"),
    path("<int:person_id>/password/", views.person_password, name="person_password"),
]
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("", include((pages, "people"))),
]
