"""Between signing in and the first page: how long a session lasts, and the steps that are still owed.

Everything asked on every request stands in the session or on the account, which the request has anyway.
"""

import time
from collections.abc import Callable
from typing import Any, Literal, TypedDict, cast

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest

from licheng.foundations.accounts.factors import pending_factor
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.sessions import note_seen
from licheng.foundations.authz import Actor

LASTS = "lasts"  # the session's key of what is below
EMAIL_SETTLED = "email_settled"
SEEN_EVERY_SECONDS = 60  # how often a session's row is written while somebody works

type Step = Literal["email", "factors"]


class Lasting(TypedDict):
    """When a session began and was last seen (seconds since 1970), of which epoch of its account it is."""

    began_at: float
    seen_at: float
    epoch: int


class SessionLimits(TypedDict):
    """How long a session lasts: without a request, and at most."""

    idle_seconds: int
    absolute_seconds: int


def begin(request: HttpRequest, user: User) -> None:
    """Let a session's time run from now; one that knows nothing of it is as new as its first request."""
    now = time.time()
    request.session[LASTS] = Lasting(began_at=now, seen_at=now, epoch=user.epoch)


def end_when_over(request: HttpRequest, actor: Actor) -> bool:
    """Sign out whoever was away too long, worked too long, or whose account has said that nobody is known.

    Whether that happened; otherwise the session is noted as seen, at most once a minute.
    """
    user = request.user
    if not isinstance(user, User):
        return False
    now = time.time()
    lasting = cast("Lasting | None", request.session.get(LASTS))
    if lasting is None:
        begin(request, user)
        return False
    if lasting["epoch"] != user.epoch or _is_over(lasting, limits_of(actor), now):
        logout(request)
        return True
    if now - lasting["seen_at"] >= SEEN_EVERY_SECONDS:
        request.session[LASTS] = {**lasting, "seen_at": now}
        note_seen(actor=actor, session_key=request.session.session_key or "")
    return False


def limits_of(actor: Actor) -> SessionLimits:
    """How long this person's sessions last; whoever works with other people's data has shorter ones."""
    limits = settings.SESSION_LIMITS["staff" if actor.needs_factor else "others"]
    return cast("SessionLimits", limits)


def _is_over(lasting: Lasting, limits: SessionLimits, now: float) -> bool:
    return (
        now - lasting["seen_at"] > limits["idle_seconds"]
        or now - lasting["began_at"] > limits["absolute_seconds"]
    )


def pending_step(request: HttpRequest) -> Step | None:
    """The step that this signed-in session still owes, by the name of its page; None when it owes nothing.

    One query in the first request of a session for each kind of step, none afterwards.
    """
    user = request.user
    if not isinstance(user, User):
        return None
    if not _has_settled_email(request, user):
        return "email"
    return "factors" if pending_factor(request) else None


def _has_settled_email(request: HttpRequest, user: User) -> bool:
    """Whether the account has a verified address, or its person has said that there is none."""
    if user.without_email_at is not None or request.session.get(EMAIL_SETTLED) is True:
        return True
    if not EmailAddress.objects.filter(user_id=user.pk, verified=True).exists():
        return False
    request.session[EMAIL_SETTLED] = True
    return True


def step_of(view: Callable[..., Any]) -> str | None:
    """The step that a view belongs to, as `requests.part_of` marked it."""
    return getattr(view, "part_of", None)
