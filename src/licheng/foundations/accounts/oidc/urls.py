from django.urls import path

from licheng.foundations.accounts.oidc import views

urlpatterns = [
    path("", views.index, name="oidc"),
    path("start/", views.start, name="oidc_start"),
    path("back/", views.callback, name="oidc_callback"),
    path("first/", views.first, name="oidc_first"),
    path("link/", views.link, name="oidc_link"),
    path("<int:identity_id>/unlink/", views.unlink, name="oidc_unlink"),
]
