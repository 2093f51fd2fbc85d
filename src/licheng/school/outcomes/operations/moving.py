from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.moves import Move
from licheng.school.outcomes.models import Outcome


@transaction.atomic
def move_outcome(*, actor: Actor, outcome_id: UUID, move: Move) -> Outcome:
    """Take an outcome one step on its way after certification; asks no permission and no window.

    Called by selection, submission and receipts inside their own checked transaction.
    Raises NotFound (another school) or WrongState.
    """
    school_id = actor.school_id or 0  # an actor of no school reaches no outcome
    outcome = Outcome.objects.select_for_update().filter(pk=outcome_id, school_id=school_id).first()
    if outcome is None:
        raise NotFound
    before = outcome.state
    outcome.state = move.apply(before)
    outcome.save(update_fields=["state", "changed_at"])
    record(actor=actor, action="outcome.moved", subject=outcome, before=before, after=outcome.state)
    return outcome
