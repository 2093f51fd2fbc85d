from django.urls import path

from licheng.foundations.custody import views

urlpatterns = [
    path("integrity/", views.integrity, name="integrity"),
    path("integrity.json", views.integrity_data, name="integrity_data"),
]
