"""The acknowledgement watcher: what was acknowledged is read back after a minute, an hour and a day."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.custody.models import Content, Defect, DefectKind, Job
from licheng.foundations.custody.operations.healing import heal_content
from licheng.foundations.custody.operations.reading import Reading, note_readings, read_as_served
from licheng.foundations.custody.operations.running import Budget, Tally

log = logging.getLogger(__name__)
# Source: reliability report §6.5.
READ_AFTER = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
SLICE_SECONDS = 40.0  # own bound: under the minute after which the next run comes
AT_ONCE = 5_000


def watch(actor: Actor) -> Tally:
    """Read every content that is due back from every copy, through the path that serves people.

    A miss opens a defect, is healed at once, and is not counted as a read: the next run reads it again.
    """
    tally, budget = Tally(), Budget.of(SLICE_SECONDS)
    now = timezone.now()
    due = list(contents_due(now).order_by("kept_at").values_list("pk", "kept_at")[:AT_ONCE])
    for sha256, kept_at in due:
        if budget.is_spent or len(tally.names.get("unreachable", ())) == len(copies()):
            break
        _watch_one(actor, sha256, _reads_due(now - kept_at), tally)
    return tally


def contents_due(now: datetime) -> QuerySet[Content]:
    """Contents that wait for a read; those with an open defect wait for their healing first."""
    due = Q()
    for done, after in enumerate(READ_AFTER):
        due |= Q(reads_done=done, kept_at__lte=now - after)
    broken = Defect.objects.filter(sha256=OuterRef("pk"), healed_at__isnull=True)
    return Content.objects.filter(due, ~Exists(broken.exclude(kind=DefectKind.UNTRACKED)))


def _reads_due(age: timedelta) -> int:
    """How many of the reads are past at this age: one read answers for all that were missed."""
    return sum(age >= after for after in READ_AFTER)


def _watch_one(actor: Actor, sha256: str, reads_due: int, tally: Tally) -> None:
    readings = _readings(sha256, tally)
    bad = note_readings(readings=readings, found_by=Job.WATCH)
    for reading in bad:
        tally.figures[reading.state] += 1
    if bad:
        tally.figures[heal_content(actor=actor, sha256=sha256)] += 1
    elif len(readings) == len(copies()):
        Content.objects.filter(pk=sha256, reads_done__lt=reads_due).update(reads_done=reads_due)
        tally.figures["read"] += 1


def _readings(sha256: str, tally: Tally) -> list[Reading]:
    """What every copy that answers gives back; one that failed in this run is not asked again."""
    readings = []
    for copy in copies():
        if copy.name in tally.names.get("unreachable", ()):
            continue
        try:
            readings.append(read_as_served(copy, sha256))
        except OSError:
            log.exception("copy %s failed while it was read", copy.name)
            tally.unreachable(copy.name)
    return readings
