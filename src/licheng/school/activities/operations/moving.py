from uuid import UUID

from django.db import transaction
from django.db.models import Q

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.moves import Move
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState as S


@transaction.atomic
def move_activity(*, actor: Actor, activity_id: UUID, move: Move) -> Activity:
    """Take one step with a record. Asks no permission: the caller's own transaction has already done so.

    Called by: selection, submission and receipts. Raises NotFound (other school) or WrongState.
    """
    here = Q(school_id=actor.school_id)
    activity = Activity.objects.select_for_update().filter(here, pk=activity_id).first()
    if activity is None:
        raise NotFound
    before = activity.state
    activity.state = S(move.apply(before))
    activity.save(update_fields=["state", "changed_at"])
    record(actor=actor, action="activity.moved", subject=activity, before=before, after=activity.state.value)
    return activity
