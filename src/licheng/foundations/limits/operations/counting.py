import math
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from licheng.foundations.errors import TooMany
from licheng.foundations.limits.models import Tally
from licheng.foundations.limits.queries import digest_of


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds. Own bounds, no official ones exist."""

    times: int
    seconds: int


COUNT = """
INSERT INTO limits_tally AS kept (key, began_at, ends_at, times) VALUES (%(key)s, %(now)s, %(ends)s, 1)
ON CONFLICT (key) DO UPDATE SET
    times = CASE WHEN kept.ends_at <= %(now)s THEN 1 ELSE kept.times + 1 END,
    began_at = CASE WHEN kept.ends_at <= %(now)s THEN %(now)s ELSE kept.began_at END,
    ends_at = CASE WHEN kept.ends_at <= %(now)s THEN %(ends)s ELSE kept.ends_at END
RETURNING times, ends_at
"""


def consume(*, action: str, who: str, limit: Limit) -> int:
    """Count one more and give the number within this window.

    `who` is any text that tells askers apart (`person:17`, an address); only its digest is stored. Stands
    outside the caller's rules on purpose: it also counts people who are nobody yet.
    Raises TooMany with the minutes left when the limit is passed.
    """
    now = timezone.now()
    ends = now + timedelta(seconds=limit.seconds)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": digest_of(action, who), "now": now, "ends": ends})
        times, ends_at = cursor.fetchone()
    if times > limit.times:
        raise TooMany(wait=max(1, math.ceil((ends_at - now).total_seconds() / 60)))
    return int(times)


def forget(*, action: str, who: str) -> None:
    """Start again from nought, as after a success."""
    Tally.objects.filter(key=digest_of(action, who)).delete()


def forget_past() -> int:
    """Remove windows that are over; safe at any time."""
    removed, _by_model = Tally.objects.filter(ends_at__lte=timezone.now()).delete()
    return removed
