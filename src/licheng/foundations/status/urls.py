from django.urls import path

from licheng.foundations.status import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("verify/", views.verify, name="verify"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
