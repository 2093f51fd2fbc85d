from collections.abc import Collection
from uuid import UUID

from licheng.foundations.audit.operations import move_all
from licheng.foundations.authz import Actor
from licheng.foundations.moves import Move
from licheng.school.outcomes.models import Outcome


def move_outcome(*, actor: Actor, outcome_id: UUID, move: Move) -> None:
    """Take an outcome one step on its way after certification, as `move_outcomes` does."""
    move_outcomes(actor=actor, outcome_ids=[outcome_id], move=move)


def move_outcomes(*, actor: Actor, outcome_ids: Collection[UUID], move: Move) -> None:
    """Take outcomes one step on their way after certification; asks no permission and no window.

    Called by selection, submission and receipts inside their own checked transaction.
    Raises NotFound (another school) or WrongState.
    """
    rows = Outcome.objects.all()
    move_all(actor=actor, rows=rows, ids=outcome_ids, move=move, action="outcome.moved")
