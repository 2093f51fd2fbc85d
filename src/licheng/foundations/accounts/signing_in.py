"""One attempt to sign in with a password, counted whatever becomes of it."""

from dataclasses import dataclass

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.http import HttpRequest

from licheng.foundations.accounts import lockout
from licheng.foundations.accounts.models import User
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of

COUNT_ONLY = Limit(2**31 - 1, lockout.ADDRESS_SECONDS)
LOCK = 0x5369676E  # the first half of the advisory lock's key: "Sign"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it: the account, or nothing, and for how many minutes no further attempt counts."""

    user: User | None
    locked_minutes: int = 0


def attempt(request: HttpRequest, *, login: str, password: str) -> Attempt:
    """Try a password. Attempts on one account wait for each other, so that a hundred at once are five too."""
    with transaction.atomic():
        _queue_up(lockout.attempt_key(request, {"username": login}))
        user = authenticate(request, username=login, password=password)
        is_locked = user is None and AxesProxyHandler.is_locked(request, {"username": login})
    if isinstance(user, User):
        return Attempt(user)
    _count_failure(request)
    return Attempt(None, lockout.minutes_left(request, login) if is_locked else 0)


def _queue_up(key: str) -> None:
    """Hold until this transaction ends; the lock's key is the first 31 bits of the digest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, int(key[:8], 16) >> 1])


def _count_failure(request: HttpRequest) -> None:
    consume(action=lockout.FAILED, who=address_of(request), limit=COUNT_ONLY)
