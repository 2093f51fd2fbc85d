"""Operators of the archive: opened, let in again and ended by whoever runs its machine."""

from django.db import transaction

from licheng.foundations.accounts.models import CodePurpose, User
from licheng.foundations.accounts.operations import (
    end_sessions,
    issue_code,
    let_in_again,
    open_account,
    withdraw_code,
)
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound


@transaction.atomic
def add_operator(*, actor: Actor, account: str, name: str) -> tuple[User, str | None]:
    """Open an operator's account, with its enrolment code; repeating replaces the name.

    A new code comes as long as the operator has not enrolled; then None: recovery lets her in again.
    """
    user = User.objects.select_for_update().filter(login=account).first()
    if user is None:
        user = open_account(actor=actor, login=account, name=name, is_operator=True)
    user.name, user.is_operator = name, True
    user.save(update_fields=["name", "is_operator"])
    record(actor=actor, action="operator.added", subject=user)
    if user.has_usable_password():
        return user, None
    return user, issue_code(actor=actor, user=user, purpose=CodePurpose.ENROL)


@transaction.atomic
def end_operator(*, actor: Actor, account: str) -> User:
    """Let an operator in no more, from this moment on; what she did stays hers in the audit.

    Raises NotFound for accounts that operate nothing.
    """
    user = User.objects.select_for_update().filter(login=account, is_operator=True).first()
    if user is None:
        raise NotFound
    user.is_operator = False
    user.save(update_fields=["is_operator"])
    end_sessions(actor=actor, user=user)
    withdraw_code(actor=actor, user=user)
    record(actor=actor, action="operator.ended", subject=user)
    return user


@transaction.atomic
def recover_operator(*, actor: Actor, account: str, identity_check: str, reason: str) -> tuple[User, str]:
    """Let an operator in again whose identity was seen: by a code whose use ends the old way in.

    Raises NotFound for accounts that operate nothing, Invalid without identity check or reason.
    """
    user = User.objects.filter(login=account, is_operator=True).first()
    if user is None:
        raise NotFound
    return user, let_in_again(actor=actor, user=user, identity_check=identity_check, reason=reason)
