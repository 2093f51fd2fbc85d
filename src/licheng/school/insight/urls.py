from django.urls import path

from licheng.school.insight import views

urlpatterns = [
    path("wards/<int:person_id>/", views.ward, name="ward"),
]
