import hashlib
import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from licheng_exchange import NoteError, parse_keys

from licheng.archive.intake.errors import KeysUnreadable
from licheng.archive.intake.models import RegisteredSchool
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import open_account
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered school; `token` is given once, when it was made, and kept nowhere else."""

    school: RegisteredSchool
    token: str | None


@transaction.atomic
def register_school(*, actor: Actor, code: str, name: str, keys: str) -> Registration:
    """Let a school deposit; registering it again replaces its name and keys and keeps its token.

    Raises KeysUnreadable when the text is not one C2SP verifier key a line.
    """
    try:
        parse_keys(keys)
    except NoteError as unreadable:
        raise KeysUnreadable(reason=str(unreadable)) from unreadable
    school = RegisteredSchool.objects.select_for_update().filter(code=code).first()
    if school is not None:
        school.name, school.keys = name, keys
        school.save(update_fields=["name", "keys"])
        record(actor=actor, action="school.updated", subject=school, code=code)
        return Registration(school, None)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    school = RegisteredSchool.objects.create(code=code, name=name, keys=keys, token_sha256=_hash(token))
    record(actor=actor, action="school.registered", subject=school, code=code)
    return Registration(school, token)


@transaction.atomic
def replace_token(*, actor: Actor, code: str) -> Registration:
    """Give a registered school a new token; the old one stops working at once."""
    school = RegisteredSchool.objects.select_for_update().get(code=code)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    school.token_sha256 = _hash(token)
    school.save(update_fields=["token_sha256"])
    record(actor=actor, action="school.token_replaced", subject=school, code=code)
    return Registration(school, token)


@transaction.atomic
def add_operator(*, actor: Actor, account: str, name: str, password: str) -> User:
    """Open an operator's account with this password; repeating it replaces name and password.

    Raises Invalid when the password is too short or too common.
    """
    user = User.objects.select_for_update().filter(login=account).first()
    if user is None:
        user = open_account(actor=actor, login=account, name=name, is_operator=True)
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise Invalid(field=_("密碼"), reason=" ".join(refusal.messages)) from refusal
    user.name, user.is_operator, user.must_change_password = name, True, False
    user.set_password(password)
    user.save(update_fields=["name", "is_operator", "must_change_password", "password"])
    record(actor=actor, action="operator.added", subject=user)
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
