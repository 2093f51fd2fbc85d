from licheng.foundations.authz import Actor
from licheng.school.activities import states as activities
from licheng.school.activities.operations import move_activities
from licheng.school.outcomes import states as outcomes
from licheng.school.outcomes.operations import move_outcomes
from licheng.school.submission.models import Batch, ItemKind


def move_items(*, actor: Actor, batch: Batch, move: str) -> None:
    """Take every item of a batch one step: SEAL, UNSEAL, SUBMIT or RECEIVE; called inside a transaction."""
    ids = {kind: batch.items.filter(kind=kind).values_list("item_id", flat=True) for kind in ItemKind}
    move_outcomes(actor=actor, outcome_ids=ids[ItemKind.OUTCOME], move=getattr(outcomes, move))
    move_activities(actor=actor, activity_ids=ids[ItemKind.ACTIVITY], move=getattr(activities, move))
