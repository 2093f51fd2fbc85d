"""Addresses that every site has."""

from django.urls import include, path

from licheng.config.web import choose_language
from licheng.foundations.accounts import views as accounts

urlpatterns = [
    path("", include("licheng.foundations.ledger.urls")),
    path("", include("licheng.foundations.custody.urls")),
    path("", include("licheng.foundations.status.urls")),
    path("language/", choose_language, name="set_language"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("account/", accounts.account, name="account"),
    path("account/", include("licheng.foundations.accounts.factor_urls")),
    path("password/", accounts.password, name="password"),
    path("sessions/", accounts.sessions, name="sessions"),
    path("sessions/<int:device_id>/end/", accounts.session_end, name="session_end"),
    path("sessions/end-others/", accounts.sessions_end_others, name="sessions_end_others"),
    path("sessions/end-all/", accounts.sessions_end_all, name="sessions_end_all"),
    path("email/code/", accounts.email_code, name="email_code"),
    path("email/none/", accounts.email_none, name="email_none"),
    path("forgotten/new-password/", accounts.reset_page, name="reset_password"),
    path("forgotten/<str:token>/", accounts.reset, name="reset"),
    path("outbox/", accounts.letters, name="outbox"),
]

handler400 = "licheng.config.web.bad_request"
handler403 = "licheng.config.web.forbidden"
handler404 = "licheng.config.web.page_not_found"
handler500 = "licheng.config.web.server_error"
