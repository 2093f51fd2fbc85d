"""Reading tokens: whose a presented secret is, what a holder has, what a token was used for."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.machines.models import MachineToken, TokenUse
from licheng.foundations.machines.scopes import Scope

USES_PER_PAGE = 50
SECRET_PREFIX = "lck_"  # noqa: S105 -- the recognisable beginning of every secret, so that scanners find leaked ones
MOST_LETTERS = 200
MACHINE = "machine:"  # how a machine's label begins; the key of its token follows


class TokenState(TextChoices):
    """Whether a token opens anything now."""

    ACTIVE = "active", _("使用中")
    EXPIRED = "expired", _("已到期")
    REVOKED = "revoked", _("已撤銷")

    @property
    def tone(self) -> str:
        """The chip's tone."""
        return {self.ACTIVE: "success", self.EXPIRED: "neutral", self.REVOKED: "error"}[self]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token as its holder sees it; `prefix` tells tokens apart and opens nothing."""

    token_id: int
    name: str
    prefix: str
    scopes: list[str]
    made_by: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: TokenState


def digest_of(secret: str) -> str:
    """The form in which a secret is kept. A plain hash suffices: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_presented(secret: str) -> MachineToken | None:
    """The token behind a presented secret, or None when there is none that works now."""
    if not 0 < len(secret) <= MOST_LETTERS:
        return None
    return MachineToken.objects.filter(
        sha256=digest_of(secret), revoked_at=None, expires_at__gt=timezone.now()
    ).first()


def actor_for_token(token: MachineToken, *, school_id: int | None) -> Actor:
    """A machine as an actor: nobody's person, without roles; rules let it in by scope alone."""
    return Actor(None, school_id, f"{MACHINE}{token.pk}", name=token.name, scopes=frozenset(token.scopes))


def state_of(token: MachineToken) -> TokenState:
    """Whether a token opens anything now."""
    if token.revoked_at is not None:
        return TokenState.REVOKED
    return TokenState.ACTIVE if token.expires_at > timezone.now() else TokenState.EXPIRED


def line_of(token: MachineToken) -> TokenLine:
    """A token as its holder sees it."""
    return TokenLine(
        token_id=token.pk,
        name=token.name,
        prefix=token.prefix,
        scopes=[str(Scope(scope).label) for scope in token.scopes],
        made_by=token.made_by,
        made_at=token.made_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        state=state_of(token),
    )


def tokens_of(holder: str) -> QuerySet[MachineToken]:
    """Every token a holder ever had, newest first; the caller asks first whether its actor may know."""
    return MachineToken.objects.filter(holder=holder).order_by("-made_at", "-pk")


def token_of(holder: str, token_id: int) -> MachineToken:
    """One token of a holder. Raises NotFound for everybody else's."""
    token = tokens_of(holder).filter(pk=token_id).first()
    if token is None:
        raise NotFound
    return token


def machine_names(holder: str, labels: Iterable[str]) -> dict[str, str]:
    """What a holder calls its machines, by the labels under which they acted; others are left out."""
    keys = {label: key for label in labels if (key := label.removeprefix(MACHINE)) != label}
    wanted = [int(key) for key in keys.values() if key.isascii() and key.isdecimal()]
    names = {str(pk): name for pk, name in tokens_of(holder).filter(pk__in=wanted).values_list("pk", "name")}
    return {label: names[key] for label, key in keys.items() if key in names}


def uses_of(token: MachineToken, page: Any = 1) -> Page[TokenUse]:
    """What a token was used for, newest first."""
    return Paginator(token.uses.order_by("-at", "-pk"), USES_PER_PAGE).get_page(page)
