from django.urls import path

from licheng.archive.intake import views
from licheng.foundations.accounts.views import SignIn

urlpatterns = [
    path("", views.board, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("deposits/<uuid:deposit_id>/", views.deposit, name="deposit"),
    path("checkpoint/", views.checkpoint_page, name="checkpoint_page"),
]
