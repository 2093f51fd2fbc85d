import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.uploads import workroom
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.states import PreparationState

STUCK_AFTER = timedelta(
    hours=1
)  # a worker gives a sign of life every few seconds; the queue is shorter than this
AT_WORK = (PreparationState.QUEUED, PreparationState.WORKING)
log = logging.getLogger(__name__)


def tidy_preparations(*, actor: Actor) -> dict[str, int]:
    """Take up again what the queue lost, and give the space of pictures back whose rows are gone.

    Safe to repeat; acts for every school of the site, as the clock it is. How many of each.
    """
    log.info("%s looks after preparations", actor.label)
    return {"taken_up": _take_up_stuck(), "folders": _remove_stray_folders()}


@transaction.atomic
def _take_up_stuck() -> int:
    """Ask for the work once more; whoever was killed too often in it is told when it begins."""
    rows = Preparation.objects.select_for_update(skip_locked=True)
    stuck = rows.filter(state__in=AT_WORK, changed_at__lt=timezone.now() - STUCK_AFTER)
    for preparation in stuck:
        preparation.save(update_fields=["changed_at"])  # not again before the next hour
        enqueue_on_commit(
            "licheng.school.uploads.tasks.prepare",
            school_id=preparation.school_id,
            preparation_id=str(preparation.pk),
        )
    return len(stuck)


def _remove_stray_folders() -> int:
    kept = set(workroom.remembered())
    known = set(Preparation.objects.filter(pk__in=kept).values_list("pk", flat=True))
    known |= set(Upload.objects.filter(pk__in=kept).values_list("pk", flat=True))
    for row_id in kept - known:
        workroom.forget(row_id)
    return len(kept - known)
