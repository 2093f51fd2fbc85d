from licheng.foundations.authz import Actor
from licheng.school.activities import states as activities
from licheng.school.activities.operations import move_activity
from licheng.school.outcomes import states as outcomes
from licheng.school.outcomes.operations import move_outcome
from licheng.school.submission.models import Batch, ItemKind


def move_items(*, actor: Actor, batch: Batch, move: str) -> None:
    """Take every item of a batch one step: SEAL, UNSEAL, SUBMIT or RECEIVE; called inside a transaction."""
    for item in batch.items.order_by("pk"):
        if item.kind == ItemKind.OUTCOME:
            move_outcome(actor=actor, outcome_id=item.item_id, move=getattr(outcomes, move))
        else:
            move_activity(actor=actor, activity_id=item.item_id, move=getattr(activities, move))
