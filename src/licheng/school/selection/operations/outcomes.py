from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.school.calendar.errors import QuotaFull
from licheng.school.calendar.queries import Limits
from licheng.school.outcomes import states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import move_outcome
from licheng.school.selection.models import SelectionTally
from licheng.school.selection.operations.tallying import locked_item, selected_outcomes, step_tally


@transaction.atomic
def select_outcome(*, actor: Actor, outcome_id: UUID) -> SelectionTally:
    """Say that this certified outcome goes to the central archive.

    Raises NotFound, NotAllowed, WindowClosed, WrongState (not certified) or QuotaFull naming the limit.
    """
    outcome, tally, allowed = locked_item(actor, Outcome, outcome_id)
    states.SELECT.apply(outcome.state)
    _require_room(outcome, tally, allowed)
    move_outcome(actor=actor, outcome_id=outcome.pk, move=states.SELECT)
    step_tally(tally, "outcomes", 1, allowed.outcomes_selected_per_year)
    record(actor=actor, action="outcome.selected", subject=outcome, selected=tally.outcomes)
    return tally


@transaction.atomic
def unselect_outcome(*, actor: Actor, outcome_id: UUID) -> SelectionTally:
    """Take a selected outcome out again.

    Raises NotFound, NotAllowed, WindowClosed or WrongState (not selected, or already being submitted).
    """
    outcome, tally, allowed = locked_item(actor, Outcome, outcome_id)
    move_outcome(actor=actor, outcome_id=outcome.pk, move=states.UNSELECT)
    step_tally(tally, "outcomes", -1, allowed.outcomes_selected_per_year)
    record(actor=actor, action="outcome.unselected", subject=outcome, selected=tally.outcomes)
    return tally


def _require_room(outcome: Outcome, tally: SelectionTally, allowed: Limits) -> None:
    selected = selected_outcomes(outcome)
    if max(tally.outcomes, selected.count()) >= allowed.outcomes_selected_per_year:
        raise QuotaFull(what=_("每學年勾選課程學習成果"), limit=allowed.outcomes_selected_per_year)
    a_semester = allowed.outcomes_selected_per_semester
    if a_semester is not None and selected.filter(semester=outcome.semester).count() >= a_semester:
        raise QuotaFull(what=_("每學期勾選課程學習成果"), limit=a_semester)
