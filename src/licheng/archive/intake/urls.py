from django.urls import path

from licheng.archive.intake import views
from licheng.foundations.accounts.views import Email, Enrol, Forgot, SignIn

urlpatterns = [
    path("", views.board, name="home"),
    path("enrol/", Enrol.as_view(), name="enrol"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/", SignIn.as_view(), name="account_login"),  # the library's name for the same page
    path("forgotten/", Forgot.as_view(), name="forgot"),
    path("email/", Email.as_view(), name="email"),
    path("deposits/<uuid:deposit_id>/", views.deposit, name="deposit"),
    path("acts/", views.acts, name="acts"),
    path("checkpoint/", views.checkpoint_page, name="checkpoint_page"),
]
