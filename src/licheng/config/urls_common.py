"""Addresses that every site has."""

from django.urls import include, path
from django.views.i18n import set_language

from licheng.foundations.accounts import views as accounts
from licheng.foundations.requests import open_to_all

urlpatterns = [
    path("", include("licheng.foundations.ledger.urls")),
    path("", include("licheng.foundations.custody.urls")),
    path("", include("licheng.foundations.status.urls")),
    path("language/", open_to_all(set_language), name="set_language"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("password/", accounts.password, name="password"),
]

handler400 = "licheng.config.web.bad_request"
handler403 = "licheng.config.web.forbidden"
handler404 = "licheng.config.web.page_not_found"
handler500 = "licheng.config.web.server_error"
