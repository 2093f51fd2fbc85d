from licheng.foundations.accounts.views.email import Email, email_code, email_none
from licheng.foundations.accounts.views.enrol import Enrol
from licheng.foundations.accounts.views.forgotten import Forgot, reset, reset_page
from licheng.foundations.accounts.views.outbox import letters
from licheng.foundations.accounts.views.own import (
    account,
    password,
    session_end,
    sessions,
    sessions_end_all,
    sessions_end_others,
)
from licheng.foundations.accounts.views.sign_in import SignIn, sign_out

__all__ = [
    "Email",
    "Enrol",
    "Forgot",
    "SignIn",
    "account",
    "email_code",
    "email_none",
    "letters",
    "password",
    "reset",
    "reset_page",
    "session_end",
    "sessions",
    "sessions_end_all",
    "sessions_end_others",
    "sign_out",
]
