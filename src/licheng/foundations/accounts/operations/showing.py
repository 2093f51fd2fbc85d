"""Showing who one is: a code, a passkey or, without either, the password. Guesses are counted."""

from typing import Literal

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.accounts.errors import NotShown
from licheng.foundations.accounts.factors import Assertion, counter_of, has_factor
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.letters import write_to_owner
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.limits.operations import Limit, consume, forget

TRIES = "factor"

# a failure adds `_failed`
type Occasion = Literal["account.factor", "account.step_up", "account.passkey_sign_in"]


def show_code(*, actor: Actor, user: User, code: str, occasion: Occasion) -> None:
    """Show the code of an app or a recovery code; each works once.

    Raises NotShown for a wrong or spent code, TooMany after five tries. Source: RFC 6238 §5.2, one-time use.
    """
    _count(user)
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user_id=user.pk)
        by_kind = {row.type: row for row in rows.exclude(type=Authenticator.Type.WEBAUTHN)}
        kind = next((kind for kind, row in by_kind.items() if _accepts(row, code)), None)
        if kind is not None:
            _note(actor, user, by_kind[kind], occasion)
    if kind is None:
        _refuse(actor, user, occasion, "code")
    forget(action=TRIES, who=str(user.pk))


def show_passkey(*, actor: Actor, user: User, assertion: Assertion | None, occasion: Occasion) -> None:
    """Show a passkey, whose signature was verified; None stands for one that was not.

    A counter that did not grow means that the passkey was copied: it is refused and the owner told.
    A valid signature is no guess and is not counted. Raises NotShown, TooMany. Source: W3C Web Authentication
    Level 3 §7.2 step 22.
    """
    if assertion is None:
        _count(user)
    reason = "passkey"
    with transaction.atomic():
        row = assertion and _locked_passkey(user, assertion.factor_id)
        if row and assertion:
            kept = row.data.get("sign_count", 0)
            if assertion.sign_count > kept or (assertion.sign_count == kept == 0):
                row.data["sign_count"] = assertion.sign_count
                row.save(update_fields=["data"])
                _note(actor, user, row, occasion)
                reason = ""
            else:
                reason = "copied"
    if reason:
        _refuse(actor, user, occasion, reason)
    forget(action=TRIES, who=str(user.pk))


def show_password(*, actor: Actor, user: User, password: str) -> None:
    """Show the password again: for people without a factor only.

    Raises NotShown when it is wrong or the account has a factor, TooMany after five tries.
    """
    _count(user)
    if has_factor(user) or not user.check_password(password):
        _refuse(actor, user, "account.step_up", "password")
    record(actor=actor, action="account.step_up", subject=user, kind="password")
    forget(action=TRIES, who=str(user.pk))


@transaction.atomic
def move_session(*, actor: Actor, user: User, old_key: str, new_key: str) -> None:  # noqa: ARG001 -- whose it is stands in the row
    """Keep the list of sessions true when a session gets another key at a further step of signing in."""
    UserSession.objects.filter(user_id=user.pk, session_key=old_key).update(session_key=new_key)


def _count(user: User) -> None:
    limit = Limit(settings.FACTOR_TRIES, settings.FACTOR_TRIES_SECONDS)
    consume(action=TRIES, who=str(user.pk), limit=limit)


def _accepts(row: Authenticator, code: str) -> bool:
    """Whether this locked row takes the code; if so the code is spent."""
    if row.type == Authenticator.Type.RECOVERY_CODES:
        taken: bool = RecoveryCodes(row).validate_code(code)
        return taken
    counter = counter_of(decrypt(row.data["secret"]), code)
    # A counter that only grows needs no list of used codes, and holds for every process.
    if counter is None or counter <= row.data.get("last_counter", -1):
        return False
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    return True


def _locked_passkey(user: User, factor_id: int) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user_id=user.pk, pk=factor_id)
    return rows.filter(type=Authenticator.Type.WEBAUTHN).first()


def _note(actor: Actor, user: User, row: Authenticator, occasion: Occasion) -> None:
    row.record_usage()
    record(actor=actor, action=occasion, subject=user, kind=row.type, factor=row.pk)
    if row.type == Authenticator.Type.RECOVERY_CODES:
        text = _("有人用救援碼登入了您的帳號。如果不是您本人，請立刻更換密碼，並通知%(office)s。") % {
            "office": settings.OFFICE
        }
        transaction.on_commit(lambda: write_to_owner(user, _("您的救援碼用掉了一組"), f"{text}\n"))


def _refuse(actor: Actor, user: User, occasion: Occasion, reason: str) -> None:
    record(actor=actor, action=f"{occasion}_failed", subject=user, reason=reason)
    if reason == "copied":
        text = _("有人用了您一把通行金鑰的複本，已經擋下。請到「登入保護」移除它，再加一把新的。")
        write_to_owner(user, _("您的通行金鑰可能被複製"), f"{text}\n")
    raise NotShown
