from licheng.foundations.accounts.operations.codes import issue_code, redeem_code, withdraw_code
from licheng.foundations.accounts.operations.email import confirm_email, declare_no_email, send_email_code
from licheng.foundations.accounts.operations.factors import (
    add_app,
    add_passkey,
    clear_factors,
    keep_recovery_codes,
    remove_factor,
    rename_passkey,
    renew_recovery_codes,
    show_recovery_codes,
)
from licheng.foundations.accounts.operations.passwords import (
    change_password,
    open_account,
    tell_of_new_password,
)
from licheng.foundations.accounts.operations.purging import forget_sign_ins
from licheng.foundations.accounts.operations.recovering import let_in_again
from licheng.foundations.accounts.operations.resetting import ask_for_reset, reset_password, send_reset_link
from licheng.foundations.accounts.operations.sessions import end_session, end_sessions, note_seen
from licheng.foundations.accounts.operations.showing import (
    move_session,
    show_code,
    show_passkey,
    show_password,
)

__all__ = [
    "add_app",
    "add_passkey",
    "ask_for_reset",
    "change_password",
    "clear_factors",
    "confirm_email",
    "declare_no_email",
    "end_session",
    "end_sessions",
    "forget_sign_ins",
    "issue_code",
    "keep_recovery_codes",
    "let_in_again",
    "move_session",
    "note_seen",
    "open_account",
    "redeem_code",
    "remove_factor",
    "rename_passkey",
    "renew_recovery_codes",
    "reset_password",
    "send_email_code",
    "send_reset_link",
    "show_code",
    "show_passkey",
    "show_password",
    "show_recovery_codes",
    "tell_of_new_password",
    "withdraw_code",
]
