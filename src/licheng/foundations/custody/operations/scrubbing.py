"""The scrub: every copy of every content is hashed again within a week, those longest unread first."""

import logging
import math
from collections.abc import Sequence
from datetime import timedelta
from itertools import batched

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Copy
from licheng.foundations.custody.models import Content, CustodyRun, Job, KeptCopy
from licheng.foundations.custody.operations.healing import heal_open
from licheng.foundations.custody.operations.reading import (
    Reading,
    copy_named,
    every_copy,
    note_readings,
    read_where_it_is,
)
from licheng.foundations.custody.operations.running import Budget, Tally, run_job
from licheng.foundations.custody.queries import CLOCK_SLACK, SCRUB_WITHIN

log = logging.getLogger(__name__)
SPEED = 2  # a slice is twice what the week asks for, so that half of it may be lost
SLICE_SECONDS = (
    30.0  # own bounds of one run: seconds for each copy, for healing, and files between two commits
)
HEALING_SECONDS = 30.0
AT_ONCE = 32
AHEAD = 1024  # names fetched at once: a whole copy has more than fit in memory


def scrub(actor: Actor) -> Tally:
    """Hash the next slice of every copy and heal what is found; a kill loses at most one batch."""
    tally = Tally()
    for copy in every_copy():
        _scrub_slice(copy, _slice_size(), tally, Budget.of(SLICE_SECONDS))
    heal_open(actor=actor, tally=tally, budget=Budget.of(HEALING_SECONDS))
    return tally


def scrub_whole(*, actor: Actor, copy: str | None) -> CustodyRun:
    """Hash all of one copy, or of every copy, now, and heal. Raises UnknownCopy or RunUnderWay."""
    asked = [copy_named(copy)] if copy else every_copy()

    def work(actor: Actor) -> Tally:
        tally, endless = Tally(), Budget(math.inf)
        for one in asked:
            _scrub_slice(one, Content.objects.count(), tally, endless)
        heal_open(actor=actor, tally=tally, budget=endless)
        return tally

    return run_job(actor=actor, job=Job.SCRUB, work=work)


def _slice_size() -> int:
    """Files of one copy for one run, so that all have their turn within the week."""
    every = timedelta(seconds=settings.CUSTODY_EVERY[Job.SCRUB])
    return math.ceil(Content.objects.count() * SPEED / (SCRUB_WITHIN / every))


def _scrub_slice(copy: Copy, size: int, tally: Tally, budget: Budget) -> None:
    while size > 0:
        hashes = _next_hashes(copy, min(size, AHEAD))
        size = size - len(hashes) if hashes else 0
        for batch in batched(hashes, AT_ONCE):
            readings = _read_batch(copy, batch, tally, budget)
            for bad in note_readings(readings=readings, found_by=Job.SCRUB):
                tally.figures[bad.state] += 1
            tally.figures["read"] += len(readings)
            if len(readings) < len(batch):
                return


def _next_hashes(copy: Copy, size: int) -> list[str]:
    """Those this copy was never asked for, those read in a future that was none, then the longest unread."""
    unread = Content.objects.filter(~Exists(KeptCopy.objects.filter(content=OuterRef("pk"), copy=copy.name)))
    never = list(unread.values_list("pk", flat=True)[:size])
    rows = KeptCopy.objects.filter(copy=copy.name)
    jumped = rows.filter(verified_at__gt=timezone.now() + CLOCK_SLACK).values_list("content_id", flat=True)
    first = never + list(jumped[: size - len(never)])
    oldest = rows.order_by("verified_at").values_list("content_id", flat=True)
    return first + list(oldest[: size - len(first)])


def _read_batch(copy: Copy, batch: Sequence[str], tally: Tally, budget: Budget) -> list[Reading]:
    """Readings until the time is up or the copy does not answer."""
    readings: list[Reading] = []
    for sha256 in batch:
        if budget.is_spent:
            break
        try:
            readings.append(read_where_it_is(copy, sha256))
        except OSError:
            log.exception("copy %s failed while it was scrubbed", copy.name)
            tally.unreachable(copy.name)
            break
    return readings
