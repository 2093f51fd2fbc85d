from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from licheng_exchange import NoteError, parse_keys

from licheng.archive.intake.errors import KeysUnreadable
from licheng.archive.intake.models import RegisteredSchool
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.machines.operations import make_token, revoke_token
from licheng.foundations.machines.queries import tokens_of
from licheng.foundations.machines.scopes import Scope

TOKEN_DAYS = 365  # own bound; renewed by `manage.py renew_token`


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered school; `token` is the secret, given once, when it was made, and kept nowhere else."""

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
    school = RegisteredSchool.objects.create(code=code, name=name, keys=keys)
    record(actor=actor, action="school.registered", subject=school, code=code)
    return Registration(school, _new_token(actor, school))


@transaction.atomic
def renew_token(*, actor: Actor, code: str) -> Registration:
    """Give a registered school a new token; those it had stop working at once.

    Raises NotFound for a school that is not registered.
    """
    school = RegisteredSchool.objects.select_for_update().filter(code=code).first()
    if school is None:
        raise NotFound
    for token in tokens_of(code).filter(revoked_at=None):
        revoke_token(actor=actor, token_id=token.pk)
    return Registration(school, _new_token(actor, school))


def _new_token(actor: Actor, school: RegisteredSchool) -> str:
    _token, secret = make_token(
        actor=actor, holder=school.code, name=_("送件系統"), scopes=[Scope.DEPOSIT], days=TOKEN_DAYS
    )
    return secret
