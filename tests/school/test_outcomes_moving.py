import pytest

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound, WrongState
from licheng.school.outcomes import states
from licheng.school.outcomes.operations import move_outcome
from licheng.school.outcomes.states import OutcomeState as S
from tests.factories import ClassGroupFactory
from tests.school.outcomes_cases import actions, make_outcome, row

pytestmark = pytest.mark.django_db
LATER = (
    states.SELECT, states.UNSELECT, states.SEAL, states.UNSEAL, states.SUBMIT, states.RECEIVE,
    states.CONFIRM, states.DISPUTE,
)  # fmt: skip


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("move", LATER, ids=lambda move: str(move.ends))
def test_move_outcome_from_every_state(state, move):
    outcome = make_outcome(state)
    clock = Actor.system("task:test", outcome.school_id)
    before = row(outcome)

    if state in move.starts:
        move_outcome(actor=clock, outcome_id=outcome.pk, move=move)
        assert row(outcome)["state"] == move.ends
        assert actions(outcome) == ["outcome.moved"]
        return
    with pytest.raises(WrongState):
        move_outcome(actor=clock, outcome_id=outcome.pk, move=move)

    assert (row(outcome), actions(outcome)) == (before, [])


def test_move_outcome_stays_in_its_school():
    outcome = make_outcome(S.CERTIFIED)
    other = ClassGroupFactory().school

    for clock in (Actor.system("task:test", other.pk), Actor.system("task:test")):
        with pytest.raises(NotFound):
            move_outcome(actor=clock, outcome_id=outcome.pk, move=states.SELECT)

    assert row(outcome)["state"] == S.CERTIFIED
