"""Two requests for the last place: the first transaction is held open until the database shows the second waiting."""

import threading
import time

import pytest
from django.db import connection, transaction

from licheng.school.activities.states import ActivityState as A
from licheng.school.calendar.errors import QuotaFull
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.selection.models import SelectionTally
from licheng.school.selection.operations import select_activity, select_outcome
from tests.factories import EnrolmentFactory, StudentFactory, actor, open_windows
from tests.school.activity_cases import make_activity
from tests.school.outcomes_cases import make_outcome

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 20


def somebody_waits():
    """Whether any transaction of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


class InTheirOwn(threading.Thread):
    """An operation on a connection of its own; keeps what it answered or raised."""

    def __init__(self, operation):
        super().__init__()
        self.operation, self.answer = operation, None

    def run(self):
        try:
            self.answer = self.operation()
        except Exception as refusal:  # noqa: BLE001 -- the test looks at whatever came
            self.answer = refusal
        finally:
            connection.close()


def race(first, second):
    """Run both so that the second must wait for the first; gives both answers and whether it waited."""
    holding, may_commit = threading.Event(), threading.Event()

    def held():
        with transaction.atomic():
            answer = first()
            holding.set()
            assert may_commit.wait(PATIENCE_SECONDS)
        return answer

    one, other = InTheirOwn(held), InTheirOwn(second)
    one.start()
    assert holding.wait(PATIENCE_SECONDS)
    other.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (waited := somebody_waits()) and other.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    may_commit.set()
    one.join(PATIENCE_SECONDS)
    other.join(PATIENCE_SECONDS)
    return one.answer, other.answer, waited


def outcomes(student, selected):
    """Two certified outcomes of a student who has selected others already."""
    enrolments = [EnrolmentFactory(student=student, school=student.school) for _each in range(selected + 2)]
    for enrolment in enrolments[2:]:
        make_outcome(S.SELECTED, enrolment)
    return [make_outcome(S.CERTIFIED, enrolment) for enrolment in enrolments[:2]]


@pytest.mark.parametrize("has_tally", [True, False])
def test_the_last_outcome_is_given_once(has_tally):
    open_windows()
    student = StudentFactory()
    first, second = outcomes(student, selected=5)
    who = actor(student)
    if has_tally:
        SelectionTally.objects.create(
            school=student.school,
            student=student,
            school_year=115,
            outcomes=5,
            outcomes_quota=6,
            activities_quota=10,
        )

    one, other, waited = race(
        lambda: select_outcome(actor=who, outcome_id=first.pk),
        lambda: select_outcome(actor=who, outcome_id=second.pk),
    )

    assert waited
    assert (type(one), type(other)) == (SelectionTally, QuotaFull)
    tally = SelectionTally.objects.get(student=student)
    assert (tally.outcomes, tally.outcomes_quota) == (6, 6)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (S.SELECTED, S.CERTIFIED)


def test_the_last_activity_is_given_once():
    open_windows()
    student = StudentFactory()
    for _each in range(9):
        make_activity(student, A.SELECTED)
    first, second = make_activity(student), make_activity(student)
    who = actor(student)
    SelectionTally.objects.create(
        school=student.school,
        student=student,
        school_year=115,
        activities=9,
        outcomes_quota=6,
        activities_quota=10,
    )

    one, other, waited = race(
        lambda: select_activity(actor=who, activity_id=first.pk),
        lambda: select_activity(actor=who, activity_id=second.pk),
    )

    assert waited
    assert (type(one), type(other)) == (SelectionTally, QuotaFull)
    assert SelectionTally.objects.get(student=student).activities == 10
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (A.SELECTED, A.DRAFT)
