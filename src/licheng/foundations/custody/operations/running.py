"""One clock at a time, each run written down: what began without an end is told as broken, never as good."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody.errors import RunUnderWay
from licheng.foundations.custody.models import CustodyRun, Job

log = logging.getLogger(__name__)
WRONG = ("changed", "missing", "lost", "left", "untracked", "unreachable", "failed")


@dataclass
class Tally:
    """What a run found, by name; anything counted under a word of WRONG makes it not good."""

    figures: Counter[str] = field(default_factory=Counter)
    names: dict[str, list[str]] = field(default_factory=dict)  # copies that did not answer

    @property
    def is_good(self) -> bool:
        """Whether everything that was looked at was right."""
        return not any(self.figures[word] for word in WRONG)

    def unreachable(self, copy: str) -> None:
        """Note that a copy did not answer."""
        self.figures["unreachable"] += 1
        if copy not in self.names.setdefault("unreachable", []):
            self.names["unreachable"].append(copy)

    def as_figures(self) -> dict[str, object]:
        """The figures of the run as they are kept."""
        return {**self.figures, **({"names": self.names} if self.names else {})}


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a run may take: a clock works in slices, so that it can be killed at any time."""

    until: float

    @classmethod
    def of(cls, seconds: float) -> "Budget":
        """A budget that begins now."""
        return cls(time.monotonic() + seconds)

    @property
    def is_spent(self) -> bool:
        """Whether the slice is over."""
        return time.monotonic() >= self.until


def run_job(*, actor: Actor, job: Job, work: Callable[[Actor], Tally]) -> CustodyRun:
    """Run a clock and write down when, whether all was right, and its figures.

    Must be called outside a transaction: what it finds is committed as it goes. Raises RunUnderWay when
    another worker runs it; whatever the work raises is written down and raised again.
    """
    with _only_one(job):
        _end_broken(job)
        run = CustodyRun.objects.create(job=job)
        try:
            tally = work(actor)
        except Exception as failure:
            _end(run, is_good=False, figures={"failed": 1, "error": type(failure).__name__})
            raise
        return _end(run, is_good=tally.is_good, figures=tally.as_figures())


def note_run(*, actor: Actor, job: Job, is_good: bool, figures: dict[str, object]) -> CustodyRun:
    """Write down a check that was made elsewhere: the guard at the start, a restore drill."""
    log.info("%s by %s: %s", job, actor.label, figures)
    return _end(CustodyRun.objects.create(job=job), is_good=is_good, figures=figures)


def _end(run: CustodyRun, *, is_good: bool, figures: dict[str, object]) -> CustodyRun:
    run.ended_at, run.is_good, run.figures = timezone.now(), is_good, figures
    run.save(update_fields=["ended_at", "is_good", "figures"])
    return run


def _end_broken(job: Job) -> None:
    """Runs of this clock without an end were killed: whoever holds the lock knows that none is running."""
    broken = CustodyRun.objects.filter(job=job, ended_at__isnull=True)
    broken.update(ended_at=timezone.now(), is_good=False, figures={"killed": 1})


@contextmanager
def _only_one(job: Job) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of this clock; it ends with the connection, so also with kill -9."""
    key = int.from_bytes(hashlib.sha256(f"custody/{job}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        raise RunUnderWay(job=job.label)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
