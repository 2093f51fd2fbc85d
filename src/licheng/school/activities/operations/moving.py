from collections.abc import Collection
from uuid import UUID

from licheng.foundations.audit.operations import move_all
from licheng.foundations.authz import Actor
from licheng.foundations.moves import Move
from licheng.school.activities.models import Activity


def move_activity(*, actor: Actor, activity_id: UUID, move: Move) -> None:
    """Take one step with a record, as `move_activities` does."""
    move_activities(actor=actor, activity_ids=[activity_id], move=move)


def move_activities(*, actor: Actor, activity_ids: Collection[UUID], move: Move) -> None:
    """Take one step with records. Asks no permission: the caller's own transaction has already done so.

    Called by: selection, submission and receipts. Raises NotFound (other school) or WrongState.
    """
    rows = Activity.objects.all()
    move_all(actor=actor, rows=rows, ids=activity_ids, move=move, action="activity.moved")
