from django.urls import path

from licheng.archive.intake import views

urlpatterns = [
    path("", views.board, name="home"),
    path("sign-in/", views.OperatorSignIn.as_view(), name="sign_in"),
    path("deposits/<uuid:deposit_id>/", views.deposit, name="deposit"),
    path("checkpoint/", views.checkpoint_page, name="checkpoint_page"),
]
