"""How failures are counted: what django-axes asks of this house, and what the sign-in page asks of it.

Its rows hold a keyed digest in place of the account: people type passwords into the wrong field.
"""

import math
from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations.accounts.devices import Device, device_of, knows
from licheng.foundations.accounts.models import User
from licheng.foundations.limits.queries import address_of, digest_of, spent

PROOF_FROM = 3  # failures of an account after which a proof of work is asked for
# Own bounds: a whole school of some 2,000 stands behind one address and signs in within a quarter of an hour.
# An address is asked for work and never locked: that would be one classmate's weapon against a school.
ADDRESS_SECONDS = 900
ADDRESS_FAILURES_BEFORE_PROOF = 200
FAILED = "sign-in-failed"


def attempt_key(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What failures are counted under: the account, or the account on a device that it knows."""
    given = credentials or {}
    login = str(given.get("username") or given.get("login") or "")
    device = _known_device(request, login)
    return key_of(f"{login}\n{device['id']}" if device else login)


def key_of(login: str) -> str:
    """The same on a device that the account does not know."""
    return digest_of("sign-in", login)


def _known_device(request: HttpRequest, login: str) -> Device | None:
    """The device a request comes from, if this account has signed in on it."""
    device = device_of(request)
    found = device and User.objects.filter(login=login).values_list("pk", "epoch").first()
    return device if device and found and knows(device, *found) else None


def address(request: HttpRequest) -> str | None:
    """Where a request comes from; None where the socket has no address."""
    found = address_of(request)
    return None if found == "unknown" else found


def wants_proof(request: HttpRequest, login: str) -> bool:
    """Whether the next attempt on this account from here has to bring a proof of work.

    A device that the account knows answers for its own failures, never for those of its address.
    """
    if AxesProxyHandler.get_failures(request, {"username": login}) >= PROOF_FROM:
        return True
    return address_wants_proof(request) and _known_device(request, login) is None


def address_wants_proof(request: HttpRequest) -> bool:
    """Whether so many attempts from this address failed that everybody there brings a proof of work."""
    return spent(action=FAILED, who=address_of(request)) >= ADDRESS_FAILURES_BEFORE_PROOF


def minutes_left(request: HttpRequest, login: str) -> int:
    """How long a lock still lasts, in whole minutes; the same for accounts that do not exist."""
    key = attempt_key(request, {"username": login})
    last = AccessAttempt.objects.filter(username=key).order_by("-attempt_time").first()
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    left = (last.attempt_time + cool_off - timezone.now()) if last else cool_off
    return max(1, math.ceil(left.total_seconds() / 60))
