from django.urls import path, re_path

from licheng.foundations.ledger import views

urlpatterns = [
    path("ledger/checkpoint", views.checkpoint, name="checkpoint"),
    re_path(r"^ledger/(?P<path>tile/.+)$", views.tile, name="tile"),
    path("keys.txt", views.published_keys, name="published_keys"),
]
