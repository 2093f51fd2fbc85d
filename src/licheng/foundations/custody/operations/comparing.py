"""The comparison: the names in each copy against what was acknowledged, in one sorted pass."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import batched

from django.db.models.functions import Collate
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Copy
from licheng.foundations.custody.models import Content, Defect, DefectKind, Job
from licheng.foundations.custody.operations.healing import heal_open
from licheng.foundations.custody.operations.keeping import adopt_contents
from licheng.foundations.custody.operations.reading import every_copy, note_readings, read_where_it_is
from licheng.foundations.custody.operations.running import Budget, Tally

log = logging.getLogger(__name__)
# Own bounds: an upload is in a copy before its row is; names kept for later; names asked at once; seconds.
GRACE = timedelta(hours=24)
MOST_UNTRACKED = 10_000
AT_ONCE = 500
HEALING_SECONDS = 60.0


def compare(actor: Actor) -> Tally:
    """Adopt what is not written down, then find what is missing from a copy and what nobody knows in it."""
    tally = Tally()
    tally.figures["adopted"] = adopt_contents(actor=actor)
    for copy in every_copy():
        try:
            _compare_copy(copy, tally)
        except OSError:
            log.exception("copy %s failed while it was compared", copy.name)
            tally.unreachable(copy.name)
    heal_open(actor=actor, tally=tally, budget=Budget.of(HEALING_SECONDS))
    return tally


def _compare_copy(copy: Copy, tally: Tally) -> None:
    # Contents are asked for first: whatever they name was in the copy before its names were listed.
    names = Content.objects.annotate(name=Collate("pk", "C")).order_by("name").values_list("pk", flat=True)
    strangers = _Strangers(copy.name)
    found = differences(names.iterator(chunk_size=AT_ONCE), lambda: iter(copy.hashes()))
    for batch in batched(found, AT_ONCE):
        _note_missing(copy, [sha256 for sha256, is_ours in batch if is_ours], tally)
        strangers.meet([sha256 for sha256, is_ours in batch if not is_ours])
    tally.figures["untracked"] += strangers.settle()
    tally.figures["compared"] += 1


def differences(ours: Iterator[str], listing: Callable[[], Iterator[str]]) -> Iterator[tuple[str, bool]]:
    """Names that only one side has, each with whether it is ours; both come sorted by their bytes.

    Memory: two names. Raises OSError when the other side does not keep the order.
    """
    mine = next(ours, None)
    theirs_all = _in_order(listing())
    theirs = next(theirs_all, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and mine < theirs):
            yield str(mine), True
            mine = next(ours, None)
        elif mine is None or theirs < mine:
            yield theirs, False
            theirs = next(theirs_all, None)
        else:
            mine, theirs = next(ours, None), next(theirs_all, None)


def _in_order(names: Iterator[str]) -> Iterator[str]:
    """The names, as long as each comes after the one before."""
    before = ""
    for name in names:
        if name <= before:
            raise OSError("a copy lists its names out of order")
        before = name
        yield name


def _note_missing(copy: Copy, hashes: list[str], tally: Tally) -> None:
    """Ask for each once more by name: a list alone makes no defect."""
    readings = [read_where_it_is(copy, sha256) for sha256 in hashes]
    for bad in note_readings(readings=readings, found_by=Job.COMPARE):
        tally.figures[bad.state] += 1


class _Strangers:
    """Names in a copy that no content has: counted once they are older than an upload, never deleted."""

    def __init__(self, copy: str) -> None:
        self.copy = copy
        self.seen: set[str] = set()
        self.surplus = 0

    def meet(self, hashes: list[str]) -> None:
        """Write names down on first sight, so that the next run knows how long they have been there."""
        known = set(Content.every.filter(pk__in=hashes).values_list("pk", flat=True))
        strange = [sha256 for sha256 in hashes if sha256 not in known]
        room = MOST_UNTRACKED - len(self.seen)
        self.surplus += len(strange[room:])
        self.seen.update(strange[:room])
        Defect.objects.bulk_create(
            [
                Defect(copy=self.copy, sha256=sha256, kind=DefectKind.UNTRACKED, found_by=Job.COMPARE)
                for sha256 in strange[:room]
            ],
            ignore_conflicts=True,
        )

    def settle(self) -> int:
        """Close those that are gone or known by now; how many have been there longer than the grace."""
        mine = Defect.objects.filter(copy=self.copy, kind=DefectKind.UNTRACKED, healed_at__isnull=True)
        mine.exclude(sha256__in=self.seen).update(healed_at=timezone.now())
        return self.surplus + mine.filter(found_at__lte=timezone.now() - GRACE).count()
