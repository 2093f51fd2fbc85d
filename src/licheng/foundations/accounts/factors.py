"""What a session has shown of its person: a second factor, and identity again within the last minutes.

Both stand in the session, so that no request asks the database. The mark carries the account's
`factors_version`; adding or removing a factor raises it, and what other sessions have shown counts no more.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, cast

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.http import HttpRequest

from licheng.foundations.accounts.models import User

MARK = "factors"
KEPT_AT = "viewed_at"  # in the data of recovery codes: when their owner said that she has kept them
FACTOR_METHOD = "mfa"  # as allauth calls it in its records
SHOWABLE = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes stand in for one of these

type State = Literal["none", "shown"]


class Mark(TypedDict):
    """What a session keeps: `none`, the account had no factor, or `shown`, one was shown here."""

    version: int
    state: State


@dataclass(frozen=True, slots=True)
class Registration:
    """A passkey that a browser has made and this site has checked."""

    credential: dict[str, Any]
    sign_count: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """A passkey that was shown, its signature checked; the counter tells copies apart.

    `has_asked`: the device has asked its holder for PIN, finger or face.
    """

    factor_id: int
    sign_count: int
    has_asked: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    factor_id: int
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What protects one account: passkeys, the app by its id, and how many recovery codes are left.

    `are_codes_kept`: their owner has said that she keeps them elsewhere, so they are shown no more.
    """

    passkeys: tuple[Passkey, ...]
    app_id: int | None
    app_added_at: datetime | None
    codes_left: int | None
    are_codes_kept: bool

    @property
    def count(self) -> int:
        """How many ways there are besides recovery codes."""
        return len(self.passkeys) + (self.app_id is not None)


def factors_of(user: User) -> Factors:
    """The account's own factors, oldest first; one query."""
    rows = list(Authenticator.objects.filter(user_id=user.pk).order_by("pk"))
    app = next((row for row in rows if row.type == Authenticator.Type.TOTP), None)
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return Factors(
        passkeys=tuple(
            Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at)
            for row in rows
            if row.type == Authenticator.Type.WEBAUTHN
        ),
        app_id=app and app.pk,
        app_added_at=app and app.created_at,
        codes_left=len(RecoveryCodes(codes).get_unused_codes()) if codes else None,
        are_codes_kept=codes is not None and KEPT_AT in codes.data,
    )


def counter_of(secret: str, code: str) -> int | None:
    """The 30-second step whose code this is, within the tolerance; None for codes of no such step."""
    return next(
        (
            counter
            for counter in yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter)))
        ),
        None,
    )


def has_factor(user: User) -> bool:
    """Whether a passkey or an authenticator app belongs to this account; asks the database."""
    found: bool = Authenticator.objects.filter(user_id=user.pk, type__in=SHOWABLE).exists()
    return found


def mark(request: HttpRequest, user: User, state: State) -> None:
    """Note what this session has shown of the account's present factors."""
    request.session[MARK] = Mark(version=user.factors_version, state=state)


def _state(request: HttpRequest, user: User) -> State | None:
    """What was shown of the present factors; None where one is owed. Notes it for accounts without any."""
    kept = cast("Mark | None", request.session.get(MARK))
    if kept and kept["version"] == user.factors_version:
        return kept["state"]
    if has_factor(user):
        return None
    mark(request, user, "none")
    return "none"


def pending_factor(request: HttpRequest) -> bool:
    """Whether this signed-in session still owes a second factor: one to show, or one to set up.

    Whoever has a factor shows it; whoever must have one and has none sets it up. One query in the first
    request of a session, none afterwards.
    """
    user = request.user
    if not isinstance(user, User):
        return False
    state = _state(request, user)
    actor = getattr(request, "actor", None)
    return state is None or (state == "none" and actor is not None and actor.needs_factor)


def record_proof(request: HttpRequest, user: User, method: str) -> None:
    """Note among allauth's records that identity was shown now, by `password`, `mfa` or `socialaccount`."""
    record_authentication(request, user, method)


def freshness(request: HttpRequest) -> bool:
    """Whether identity was shown here within the last minutes; with a factor, by whoever has one."""
    user = request.user
    if not isinstance(user, User) or (state := _state(request, user)) is None:
        return False
    now = time.time()  # a record from the future is a clock set back, and no younger for it
    return any(
        abs(now - record["at"]) < settings.STEP_UP_SECONDS
        and (state == "none" or record["method"] == FACTOR_METHOD)
        for record in get_authentication_records(request, user)
    )
