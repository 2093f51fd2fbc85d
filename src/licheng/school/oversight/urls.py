from django.urls import path

from licheng.school.oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.acts, name="acts"),
    path("export/", views.export, name="export"),
    path("mine/", views.own, name="own"),
]
