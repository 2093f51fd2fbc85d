from django.urls import path

from licheng.school.records import duty_views

app_name = "records"
urlpatterns = [
    path("duties/", duty_views.mine, name="duties"),
    path("deputies/", duty_views.deputies, name="deputies"),
    path("deputies/name/", duty_views.name_deputy, name="name_deputy"),
    path("deputies/<int:deputy_id>/end/", duty_views.end, name="end_deputy"),
]
