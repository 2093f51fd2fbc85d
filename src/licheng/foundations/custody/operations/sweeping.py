"""The janitor: leftovers of killed writes, contents that nobody speaks of, the reserve, old runs."""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Copy
from licheng.foundations.custody.models import CustodyRun, Job
from licheng.foundations.custody.operations.reading import every_copy
from licheng.foundations.custody.operations.removing import settle_unspoken
from licheng.foundations.custody.operations.running import Budget, Tally
from licheng.foundations.durable import sweep_leftovers

log = logging.getLogger(__name__)
# Source of the age: reliability report §6.2. Own bounds: how long runs are kept, seconds of one run.
OLDER_THAN = timedelta(hours=24)
RUNS_KEPT = timedelta(days=90)
SLICE_SECONDS = 60.0


def sweep(actor: Actor) -> Tally:
    """Clear what no acknowledgement speaks of; a copy's files without a row are the comparison's to count."""
    tally = Tally()
    for copy in every_copy():
        try:
            _sweep_copy(copy, tally)
        except OSError:
            log.exception("copy %s failed while it was swept", copy.name)
            tally.unreachable(copy.name)
    for folder in (
        settings.LEDGER_ROOT,
        settings.UPLOADS_ROOT,
        settings.PACKAGES_ROOT,
        settings.DERIVED_ROOT,
    ):
        tally.figures["leftovers"] += sweep_leftovers(Path(folder), OLDER_THAN)
    settle_unspoken(actor=actor, tally=tally, budget=Budget.of(SLICE_SECONDS))
    _forget_runs()
    return tally


def _sweep_copy(copy: Copy, tally: Tally) -> None:
    tally.figures["leftovers"] += copy.sweep(OLDER_THAN)
    copy.keep_reserve(settings.RESERVE_BYTES)


def _forget_runs() -> None:
    """Old runs go; the newest of every clock stays, however old it is."""
    for job in Job:
        runs = CustodyRun.objects.filter(job=job)
        newest = runs.order_by("-began_at")[:1]
        runs.filter(began_at__lt=timezone.now() - RUNS_KEPT).exclude(pk__in=newest.values("pk")).delete()
