"""What the rows say of the copies at this moment; what is older than its period is unknown, not good."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.foundations.custody import mentions, references
from licheng.foundations.custody.copies import Copy, copies, third_copy
from licheng.foundations.custody.models import (
    Content,
    CopyState,
    CustodyRun,
    Defect,
    DefectKind,
    Job,
    KeptCopy,
    Volume,
)

log = logging.getLogger(__name__)
SCRUB_WITHIN = timedelta(days=7)  # Source: reliability report §6.5; "verified now" means within it
PROMISED = 2  # copies in which an acknowledged file must be verified
GOOD, BAD, UNKNOWN = "good", "bad", "unknown"
# Source: reliability report §6.5 for those that no schedule of this site runs.
PERIODS = {Job.GUARD: timedelta(days=31), Job.RESTORE_DRILL: timedelta(days=7)}
CLOCK_SLACK = timedelta(minutes=5)  # own bound: a reading from later than this is one of a clock that jumped
MISSED = 2  # own bound: one missed run is no alarm, two are
NEEDED = (Job.WATCH, Job.SCRUB, Job.COMPARE)  # without them nobody knows how the copies are


@dataclass(frozen=True, slots=True)
class CopyFigures:
    """One copy: since when its oldest reading stands, and how many contents it was never asked for."""

    name: str
    oldest_at: datetime | None
    unread: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Contents and where they were verified; `difference` must be 0."""

    written: int
    unwritten: int
    verified: int
    set_aside: int
    found: int
    healed: int
    open: int
    copies: tuple[CopyFigures, ...]

    @property
    def acknowledged(self) -> int:
        """Contents that are written down, and those that are not yet."""
        return self.written + self.unwritten

    @property
    def difference(self) -> int:
        """Acknowledged files that were not read back from two copies within the period."""
        return self.acknowledged - self.verified

    @property
    def verdict(self) -> str:
        """Bad when a copy is known to be damaged, unknown while something is unread."""
        if self.open:
            return BAD
        return UNKNOWN if self.difference else GOOD


@dataclass(frozen=True, slots=True)
class RunLine:
    """The last word of one clock: when it ended, and what that is worth now."""

    job: Job
    verdict: str
    ended_at: datetime | None
    why: Promise | str
    figures: Mapping[str, int]


def figures_now() -> Figures:
    """Count what was acknowledged and what of it was read back lately; the same few queries at any size."""
    now = timezone.now()
    names = [copy.name for copy in copies()]
    contents = Content.objects.aggregate(
        all=Count("pk"), aside=Count("pk", filter=Q(set_aside_at__isnull=False))
    )
    rows = KeptCopy.objects.values("copy").annotate(oldest=Min("verified_at"), read=Count("pk")).order_by()
    read = {row["copy"]: (row["oldest"], row["read"]) for row in rows}
    is_complete = all(read.get(name, (None, 0))[1] == contents["all"] for name in names)
    defects = _defects().aggregate(all=Count("pk"), open=Count("pk", filter=Q(healed_at__isnull=True)))
    return Figures(
        written=contents["all"],
        unwritten=_unwritten(),
        verified=_verified(names, contents["all"] if is_complete else None, now),
        set_aside=contents["aside"],
        found=defects["all"],
        healed=defects["all"] - defects["open"],
        open=defects["open"],
        copies=_copies(names, read, contents["all"], now),
    )


def _unwritten() -> int:
    """Files that somebody names and no content stands for yet."""
    asked = (mentions.unwritten(model) for model in references.speakers())
    return sum(rows.values("sha256").distinct().count() for rows in asked)


def _verified(names: list[str], complete: int | None, now: datetime) -> int:
    """Contents with enough good copies, each read since then; removed contents have no rows here.

    `complete` is how many contents there are, where every copy was asked for each of them: then only those
    with a late or bad row are looked at one by one, and a site that is well need not sort all its rows.
    """
    since, until = now - SCRUB_WITHIN, now + CLOCK_SLACK
    rows = KeptCopy.objects.filter(copy__in=names)
    lately = rows.filter(verified_at__gt=since, verified_at__lte=until)
    fresh = lately.filter(state=CopyState.GOOD).values("content").order_by()
    enough = fresh.annotate(good=Count("pk")).filter(good__gte=PROMISED)
    if complete is None:
        return enough.count()
    wrong = Q(verified_at__lte=since) | Q(verified_at__gt=until) | ~Q(state=CopyState.GOOD)
    doubtful = rows.filter(wrong).values("content").distinct()
    return complete - doubtful.count() + enough.filter(content__in=doubtful).count()


def _defects() -> QuerySet[Defect]:
    """Damage; a file that nobody knows is counted by the comparison, it is no loss."""
    return Defect.objects.exclude(kind=DefectKind.UNTRACKED)


def _copies(
    names: list[str], read: Mapping[str, tuple[datetime | None, int]], contents: int, now: datetime
) -> tuple[CopyFigures, ...]:
    third = third_copy()
    figures = []
    for name in [*names, third.name] if third else names:
        oldest, asked = read.get(name, (None, 0))
        is_late = oldest is not None and oldest <= now - SCRUB_WITHIN
        figures.append(CopyFigures(name, oldest, contents - asked, is_late))
    return tuple(figures)


def runs_now() -> tuple[RunLine, ...]:
    """The last run of every clock that this site has, and what it is worth at this moment."""
    jobs = [job for job in Job if job != Job.THIRD or third_copy()]
    newest = _newest(CustodyRun.objects.all())
    ended = _newest(CustodyRun.objects.filter(ended_at__isnull=False))
    now = timezone.now()
    return tuple(_line(job, newest.get(job), ended.get(job), now) for job in jobs)


def _newest(runs: QuerySet[CustodyRun]) -> dict[str, CustodyRun]:
    """The newest run of each clock, each found by its index: old runs cost nothing."""
    first, *rest = (runs.filter(job=job).order_by("-began_at")[:1] for job in Job)
    return {run.job: run for run in first.union(*rest, all=True)}


def _line(job: Job, newest: CustodyRun | None, ended: CustodyRun | None, now: datetime) -> RunLine:
    limit = period_of(job)
    if newest and newest.ended_at is None and newest.began_at < now - limit:
        return RunLine(job, BAD, ended.ended_at if ended else None, _("開始後沒有做完"), {})
    if ended is None or ended.ended_at is None:
        return RunLine(job, UNKNOWN, None, _("還沒有做過"), {})
    figures = {name: count for name, count in ended.figures.items() if isinstance(count, int)}
    if not ended.is_good:
        return RunLine(job, BAD, ended.ended_at, _("發現問題"), figures)
    if not now - limit <= ended.ended_at <= now + CLOCK_SLACK:
        return RunLine(job, UNKNOWN, ended.ended_at, _("太久沒有做"), figures)
    return RunLine(job, GOOD, ended.ended_at, _("全部相符"), figures)


def period_of(job: Job) -> timedelta:
    """How long the word of a clock stands."""
    if job in PERIODS:
        return PERIODS[job]
    return MISSED * timedelta(seconds=settings.CUSTODY_EVERY[job])


def is_the_volume(copy: Copy) -> bool:
    """Whether a copy is the volume, in the state, that the site opened last; before that any will do."""
    opened = Volume.objects.filter(copy=copy.name).first()
    try:
        identity = copy.identity()
    except OSError:
        log.exception("copy %s does not say who it is", copy.name)
        return False
    if opened is None:
        return True
    return identity is not None and (identity.uuid, identity.epoch) == (opened.uuid, opened.epoch)
