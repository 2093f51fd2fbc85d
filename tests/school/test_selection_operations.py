from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState as A
from licheng.school.calendar.errors import QuotaFull, WindowClosed
from licheng.school.calendar.models import Level, Policy, WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from licheng.school.selection.errors import ActivityIncomplete
from licheng.school.selection.models import SelectionTally
from licheng.school.selection.operations import (
    select_activity,
    select_outcome,
    unselect_activity,
    unselect_outcome,
)
from licheng.school.selection.operations.tallying import step_tally
from tests.factories import YEAR, EnrolmentFactory, PersonFactory, StudentFactory, actor, open_windows
from tests.school.activity_cases import make_activity
from tests.school.outcomes_cases import make_outcome

pytestmark = pytest.mark.django_db

CASES = {
    "select_outcome": (lambda who, it: select_outcome(actor=who, outcome_id=it.pk), S.CERTIFIED, S.SELECTED),
    "unselect_outcome": (
        lambda who, it: unselect_outcome(actor=who, outcome_id=it.pk),
        S.SELECTED,
        S.CERTIFIED,
    ),
    "select_activity": (lambda who, it: select_activity(actor=who, activity_id=it.pk), A.DRAFT, A.SELECTED),
    "unselect_activity": (
        lambda who, it: unselect_activity(actor=who, activity_id=it.pk),
        A.SELECTED,
        A.DRAFT,
    ),
}
OF_OUTCOMES = ["select_outcome", "unselect_outcome"]
OF_ACTIVITIES = ["select_activity", "unselect_activity"]


def make(name, state=None, student=None):
    """An item of the kind that the operation takes, in the state from which it starts, or another."""
    state = state or CASES[name][1]
    if name in OF_ACTIVITIES:
        return make_activity(student, state)
    enrolment = EnrolmentFactory(student=student, school=student.school) if student else None
    return make_outcome(state, enrolment)


def run(name, who, item):
    return CASES[name][0](who, item)


def row(item):
    return type(item).objects.filter(pk=item.pk).values().first()


@pytest.fixture(autouse=True)
def windows():
    open_windows()


@pytest.mark.parametrize("name", CASES)
def test_a_student_selects_and_takes_out(name):
    item = make(name)

    tally = run(name, actor(item.student), item)

    assert row(item)["state"] == CASES[name][2]
    is_selected = int(name.startswith("select"))
    assert (tally.outcomes, tally.activities) == (
        (is_selected, 0) if name in OF_OUTCOMES else (0, is_selected)
    )
    assert (tally.outcomes_quota, tally.activities_quota) == (6, 10)
    noun = "outcome" if name in OF_OUTCOMES else "activity"
    said = AuditEntry.objects.filter(subject_id=str(item.pk)).order_by("pk").values_list("action", flat=True)
    assert list(said) == [f"{noun}.moved", f"{noun}.{name.partition('_')[0]}ed"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        (name, state)
        for name in CASES
        for state in (S if name in OF_OUTCOMES else A)
        if state != CASES[name][1]
    ],
)
def test_every_other_state_is_refused(name, state):
    item = make(name, state)
    before = row(item)

    with pytest.raises(WrongState):
        run(name, actor(item.student), item)

    assert row(item) == before
    assert not SelectionTally.objects.exists()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("closed", ["over", "unset"])
def test_outside_the_window_nothing_changes(name, closed):
    item = make(name)
    if closed == "over":
        open_windows(WindowKind.SELECT, closed=True)
    else:
        item.school_year = YEAR - 1
        item.save()
    before = row(item)

    with pytest.raises(WindowClosed):
        run(name, actor(item.student), item)

    assert row(item) == before


@pytest.mark.parametrize("name", CASES)
def test_strangers_do_not_see_it(name):
    item = make(name)
    school = item.school
    before = row(item)
    strangers = [
        StudentFactory(),
        PersonFactory(roles=[Role.ADMINISTRATOR, Role.OUTCOME_SUBMITTER]),
        StudentFactory(school=school),
        PersonFactory(school=school, roles=[Role.TEACHER]),
    ]

    for stranger in strangers:
        with pytest.raises(NotFound):
            run(name, actor(stranger), item)

    assert row(item) == before


@pytest.mark.parametrize("name", CASES)
def test_those_who_see_it_may_not_select_for_the_student(name):
    item = make(name)
    homeroom = PersonFactory(school=item.school, roles=[Role.HOMEROOM])
    item.student.student.class_group.homeroom_teacher = homeroom
    item.student.student.class_group.save()
    before = row(item)

    for reader in (homeroom, PersonFactory(school=item.school, roles=[Role.OUTCOME_SUBMITTER])):
        with pytest.raises(NotAllowed):
            run(name, actor(reader), item)

    assert row(item) == before


@pytest.mark.parametrize("name", CASES)
def test_what_does_not_exist_is_not_found(name):
    kind = Outcome if name in OF_OUTCOMES else Activity

    with pytest.raises(NotFound):
        run(name, actor(StudentFactory()), kind(pk=uuid4()))


@pytest.mark.parametrize(("name", "limit"), [("select_outcome", 6), ("select_activity", 10)])
@pytest.mark.parametrize("kept", ["selected", "sealed", "submitted", "received", "confirmed", "disputed"])
def test_one_more_than_the_year_allows_is_refused(name, limit, kept):
    item = make(name)
    for _each in range(limit):
        make(name, kept, item.student)
    before = row(item)

    with pytest.raises(QuotaFull) as refused:
        run(name, actor(item.student), item)

    assert refused.value.data["limit"] == limit
    assert row(item) == before


def test_another_year_and_another_student_do_not_count():
    outcome = make("select_outcome")
    for _each in range(6):
        make("select_outcome", S.SELECTED)
        make_outcome(S.SELECTED, outcome.enrolment, school_year=YEAR - 1)

    tally = select_outcome(actor=actor(outcome.student), outcome_id=outcome.pk)

    assert (tally.outcomes, tally.school_year) == (1, YEAR)


def test_the_citys_limit_of_a_semester_is_kept():
    outcome = make("select_outcome")
    Policy.objects.create(
        level=Level.AUTHORITY, code="k12ea", school_year=YEAR, outcomes_selected_per_semester=3, source="S003"
    )
    for _each in range(3):
        make("select_outcome", S.SELECTED, outcome.student)
    other_semester = make_outcome(S.CERTIFIED, outcome.enrolment, semester=2)

    with pytest.raises(QuotaFull, match="每學期勾選課程學習成果最多 3 件"):
        select_outcome(actor=actor(outcome.student), outcome_id=outcome.pk)

    assert select_outcome(actor=actor(outcome.student), outcome_id=other_semester.pk).outcomes == 4


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"document": None}, "證明（文件、影音或連結其中一項）"),
        ({"fields": {"name": "科展"}}, "項目、競賽等級代碼、獎項、結果公布日期、團體參與代碼"),
    ],
)
def test_an_incomplete_record_is_refused_naming_what_is_missing(more, missing):
    activity = make_activity(**more)
    before = row(activity)

    with pytest.raises(ActivityIncomplete) as refused:
        select_activity(actor=actor(activity.student), activity_id=activity.pk)

    assert refused.value.data["missing"] == missing
    assert row(activity) == before


def test_a_link_alone_is_evidence():
    activity = make_activity(document=None, link="https://example.org/v")

    assert select_activity(actor=actor(activity.student), activity_id=activity.pk).activities == 1


def test_a_lowered_limit_takes_nothing_away():
    outcome = make("select_outcome")
    kept = [make("select_outcome", S.SELECTED, outcome.student) for _each in range(3)]
    Policy.objects.create(
        level=Level.SCHOOL,
        code=outcome.school.code,
        school_year=YEAR,
        outcomes_selected_per_year=2,
        source="校務會議",
    )

    with pytest.raises(QuotaFull):
        select_outcome(actor=actor(outcome.student), outcome_id=outcome.pk)
    tally = unselect_outcome(actor=actor(outcome.student), outcome_id=kept[0].pk)

    assert (tally.outcomes, tally.outcomes_quota) == (2, 2)


@pytest.mark.parametrize("kind", ["outcomes", "activities"])
def test_the_database_refuses_more_than_the_quota(kind):
    student = StudentFactory()
    quotas = {"outcomes_quota": 6, "activities_quota": 10}

    with pytest.raises(IntegrityError, match=f"{kind}_within_quota"), transaction.atomic():
        SelectionTally.objects.create(
            school=student.school,
            student=student,
            school_year=YEAR,
            **quotas,
            **{kind: quotas[f"{kind}_quota"] + 1},
        )

    assert not SelectionTally.objects.exists()


@pytest.mark.parametrize("kind", ["outcomes", "activities"])
def test_the_database_refuses_one_too_many_from_somebody_who_did_not_lock(kind):
    student = StudentFactory()
    tally = SelectionTally.objects.create(
        school=student.school,
        student=student,
        school_year=YEAR,
        outcomes=5,
        activities=5,
        outcomes_quota=6,
        activities_quota=6,
    )
    both_read_five = [SelectionTally.objects.get(pk=tally.pk) for _each in range(2)]
    step_tally(both_read_five[0], kind, 1, 6)

    with pytest.raises(IntegrityError, match=f"{kind}_within_quota"), transaction.atomic():
        step_tally(both_read_five[1], kind, 1, 6)

    tally.refresh_from_db()
    assert getattr(tally, kind) == 6
