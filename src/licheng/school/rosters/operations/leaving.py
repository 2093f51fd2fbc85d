"""Work that a stopped server left: queued again, as often as it takes."""

from datetime import timedelta

from django.utils import timezone

from licheng.foundations.authz import Actor, require_system
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.states import ImportState
from licheng.school.rosters.tables import remove_left

AFTER = timedelta(minutes=10)  # own bound: longer than the queue itself takes to notice a worker that died
TASKS = {
    ImportState.RECEIVED: "licheng.school.rosters.tasks.check",
    ImportState.CHECKING: "licheng.school.rosters.tasks.check",
    ImportState.APPLYING: "licheng.school.rosters.tasks.write",
}


def queue_left_rosters(*, actor: Actor) -> int:
    """Put every import that stands half way into the queue again, and remove what readers left; how many.

    Harmless where somebody is at work on one: the second worker waits and finds it done.
    """
    require_system(actor)
    remove_left()
    rows = RosterImport.objects.filter(state__in=TASKS, imported_at__lt=timezone.now() - AFTER)
    left = list(rows.values_list("pk", "school_id", "state"))
    for roster_id, school_id, state in left:
        enqueue_on_commit(TASKS[ImportState(state)], school_id=school_id, import_id=str(roster_id))
    return len(left)
