import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotFound
from licheng.foundations.machines.errors import TokenInactive
from licheng.foundations.machines.models import MachineToken
from licheng.foundations.machines.queries import SECRET_PREFIX, digest_of
from licheng.foundations.machines.scopes import Scope

SECRET_BYTES = 32  # 256 random bits
SHOWN_LETTERS = 10  # of the secret's 47: six random letters tell tokens apart and open nothing
MOST_DAYS = 400  # own bound: a school year and the weeks around it
MOST_NAME_LETTERS = 60


@transaction.atomic
def make_token(
    *, actor: Actor, holder: str, name: str, scopes: Sequence[str], days: int
) -> tuple[MachineToken, str]:
    """Make a token for a holder's machine; the secret is given here once and kept nowhere.

    The caller has asked already whether the actor may. Units: `days` until it ends.
    Raises Invalid for a name, scope or time that cannot be.
    """
    name = " ".join(name.split())
    _check(name, scopes, days)
    secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = MachineToken.objects.create(
        holder=holder,
        name=name,
        scopes=sorted(set(scopes)),
        prefix=secret[:SHOWN_LETTERS],
        sha256=digest_of(secret),
        made_by=actor.label,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(actor=actor, action="token.made", subject=token, holder=holder, scopes=token.scopes, days=days)
    return token, secret


def _check(name: str, scopes: Sequence[str], days: int) -> None:
    if not name or len(name) > MOST_NAME_LETTERS or not name.isprintable():
        raise Invalid(field=_("用途"), reason=_("請寫 1 到 60 個字，說明哪個系統要用。"))
    if not scopes or set(scopes) - set(Scope.values):
        raise Invalid(field=_("權限範圍"), reason=_("請至少選一項，而且只能選列出的項目。"))
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(field=_("有效天數"), reason=_("請填 1 到 400 天。"))


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> MachineToken:
    """End a token at once; its history stays. The caller has asked already whether the actor may.

    Raises NotFound for no such token, TokenInactive when it was revoked before.
    """
    token = MachineToken.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotFound
    if token.revoked_at is not None:
        raise TokenInactive
    token.revoked_at, token.revoked_by = timezone.now(), actor.label
    token.save(update_fields=["revoked_at", "revoked_by"])
    record(actor=actor, action="token.revoked", subject=token, holder=token.holder)
    return token
