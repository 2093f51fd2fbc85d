import threading
import time

import pytest
from django.db import connection, transaction

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes import errors, states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import (
    hold_back_outcome,
    pass_outcome,
    publish_decisions,
    undo_decision,
)
from licheng.school.outcomes.statements import Statement
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import OfferingFactory, PersonFactory, StudentFactory, actor, open_windows
from tests.school.outcomes_cases import (
    ALL_STATEMENTS,
    NO_DECISION,
    actions,
    decision_columns,
    make_outcome,
    row,
    stored,
    student_of,
    teacher_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


def passing(who, outcome, **changes):
    values = {"seen_document": outcome.document.sha256, "seen_media": "", "statements": ALL_STATEMENTS}
    return pass_outcome(actor=who, outcome_id=outcome.pk, **(values | changes))


DECISIONS = {
    "pass": (passing, states.PASS.starts, {S.WAITING: S.PASSED}),
    "hold_back": (
        lambda who, one: hold_back_outcome(actor=who, outcome_id=one.pk, reason="請補圖"),
        states.HOLD_BACK.starts,
        {S.WAITING: S.HELD_BACK},
    ),
    "undo": (
        lambda who, one: undo_decision(actor=who, outcome_id=one.pk),
        states.UNDO.starts,
        {S.PASSED: S.WAITING, S.HELD_BACK: S.WAITING},
    ),
    "publish": (
        lambda who, one: publish_decisions(actor=who, outcome_ids=[one.pk]),
        states.PUBLISH_PASS.starts | states.PUBLISH_RETURN.starts,
        {S.PASSED: S.CERTIFIED, S.HELD_BACK: S.RETURNED},
    ),
}


def test_pass_names_the_bytes_and_the_teacher():
    film = stored("film", "media", "video/mp4", seconds=3.0)
    outcome = make_outcome(S.WAITING, media=film)
    teacher = teacher_of(outcome)

    passing(teacher, outcome, seen_media=film.sha256)

    now = row(outcome)
    assert (now["state"], now["decided_by_id"], now["published_at"]) == (S.PASSED, teacher.person_id, None)
    assert now["certified_document_sha256"] == outcome.document.sha256
    assert now["certified_media_sha256"] == film.sha256
    entry = AuditEntry.objects.get(action="outcome.passed", subject_id=str(outcome.pk))
    assert entry.data == {"document": outcome.document.sha256, "media": film.sha256}


@pytest.mark.parametrize("missing", Statement)
def test_pass_needs_all_three_statements(missing):
    outcome = make_outcome(S.WAITING)
    before = row(outcome)

    with pytest.raises(errors.StatementMissing) as told:
        passing(teacher_of(outcome), outcome, statements=ALL_STATEMENTS - {missing.value})

    assert told.value.sentence == f"還沒有勾選：{missing.label}。"
    assert (row(outcome), actions(outcome)) == (before, [])


@pytest.mark.parametrize(
    "seen", [{"seen_document": "0" * 64}, {"seen_document": ""}, {"seen_media": "0" * 64}]
)
def test_pass_is_refused_when_other_bytes_were_shown(seen):
    outcome = make_outcome(S.WAITING)
    before = row(outcome)

    with pytest.raises(errors.FilesChanged) as told:
        passing(teacher_of(outcome), outcome, **seen)

    assert "換過了" in told.value.sentence
    assert (row(outcome), actions(outcome)) == (before, [])


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [("", errors.ReasonMissing), (" \n\x07", errors.ReasonMissing), ("字" * 301, errors.ReasonTooLong)],
)
def test_hold_back_needs_a_reason_that_fits(reason, refusal):
    outcome = make_outcome(S.WAITING)
    before = row(outcome)

    with pytest.raises(refusal):
        hold_back_outcome(actor=teacher_of(outcome), outcome_id=outcome.pk, reason=reason)

    assert (row(outcome), actions(outcome)) == (before, [])


def test_hold_back_keeps_the_reason():
    outcome = make_outcome(S.WAITING)

    hold_back_outcome(actor=teacher_of(outcome), outcome_id=outcome.pk, reason="字" * 300)

    assert (row(outcome)["state"], row(outcome)["return_reason"]) == (S.HELD_BACK, "字" * 300)
    assert row(outcome)["published_at"] is None
    assert actions(outcome) == ["outcome.held_back"]


@pytest.mark.parametrize("state", [S.PASSED, S.HELD_BACK])
def test_undo_leaves_nothing_of_the_decision(state):
    outcome = make_outcome(state)

    undo_decision(actor=teacher_of(outcome), outcome_id=outcome.pk)

    assert row(outcome)["state"] == S.WAITING
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.decision_undone"]


def test_publish_tells_all_of_them_at_once():
    passed, held = make_outcome(S.PASSED), None
    held = make_outcome(S.HELD_BACK, enrolment=passed.enrolment)

    told = publish_decisions(actor=teacher_of(passed), outcome_ids=[passed.pk, held.pk])

    assert len(told) == 2
    assert (row(passed)["state"], row(held)["state"]) == (S.CERTIFIED, S.RETURNED)
    assert row(passed)["published_at"] == row(held)["published_at"] is not None
    assert (actions(passed), actions(held)) == (["outcome.certified"], ["outcome.returned"])


def test_a_second_decision_is_told_in_the_teachers_words():
    outcome = make_outcome(S.PASSED)

    with pytest.raises(errors.AlreadyDecided) as refused:
        hold_back_outcome(actor=teacher_of(outcome), outcome_id=outcome.pk, reason="請補圖")

    assert "已送老師" not in refused.value.sentence  # the student's word for it
    assert "已經決定過了" in refused.value.sentence


def test_publish_is_all_or_nothing():
    passed = make_outcome(S.PASSED)
    waiting = make_outcome(S.WAITING, enrolment=passed.enrolment)

    with pytest.raises(WrongState):
        publish_decisions(actor=teacher_of(passed), outcome_ids=[passed.pk, waiting.pk])

    passed.refresh_from_db()
    assert (passed.state, passed.published_at, actions(passed)) == (S.PASSED, None, [])


def test_publish_needs_something_to_publish():
    with pytest.raises(errors.NothingToPublish):
        publish_decisions(actor=actor(PersonFactory(roles=[Role.TEACHER])), outcome_ids=[])


def test_publish_hides_what_the_actor_cannot_see():
    mine = make_outcome(S.PASSED)
    others = make_outcome(S.PASSED)

    with pytest.raises(NotFound):
        publish_decisions(actor=teacher_of(mine), outcome_ids=[mine.pk, others.pk])

    assert (row(mine)["state"], row(others)["state"]) == (S.PASSED, S.PASSED)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", DECISIONS)
def test_every_decision_from_every_state(name, state):
    call, starts, ends = DECISIONS[name]
    outcome = make_outcome(state)
    before = row(outcome)
    assert starts == set(ends)

    if state in starts:
        call(teacher_of(outcome), outcome)
        assert row(outcome)["state"] == ends[state]
        return
    # a draft is the student's own: the teacher is not told that it exists
    with pytest.raises(NotFound if state == S.DRAFT else WrongState):
        call(teacher_of(outcome), outcome)

    assert (row(outcome), actions(outcome)) == (before, [])


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("the student", NotAllowed),
        ("homeroom", NotAllowed),
        ("submitter", NotAllowed),
        ("classmate", NotFound),
        ("other teacher", NotFound),
        ("other school", NotFound),
    ],
)
def test_only_a_teacher_of_the_course_decides(name, who, refusal):
    call, starts, _ends = DECISIONS[name]
    outcome = make_outcome(next(iter(starts)))
    before = row(outcome)

    with pytest.raises(refusal):
        call(somebody(outcome, who), outcome)

    assert (row(outcome), actions(outcome)) == (before, [])


def somebody(outcome, who):
    school = outcome.school
    if who == "the student":
        return student_of(outcome)
    if who == "homeroom":
        homeroom = PersonFactory(school=school, roles=[Role.HOMEROOM, Role.TEACHER])
        class_group = outcome.student.student.class_group
        class_group.homeroom_teacher = homeroom
        class_group.save()
        return actor(homeroom)
    if who == "submitter":
        return actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]))
    if who == "classmate":
        return actor(StudentFactory(school=school, profile__class_group=outcome.student.student.class_group))
    if who == "other teacher":
        return actor(OfferingFactory(school=school).teachers.first())
    stranger = PersonFactory(roles=[Role.TEACHER, Role.ADMINISTRATOR])
    outcome.enrolment.offering.teachers.add(stranger)  # something that could leak
    return actor(stranger)


@pytest.mark.parametrize("name", [name for name in DECISIONS if name != "publish"])
def test_no_decision_outside_the_window(name):
    open_windows(WindowKind.CERTIFY, closed=True)
    call, starts, _ends = DECISIONS[name]
    outcome = make_outcome(next(iter(starts)))
    before = row(outcome)

    with pytest.raises(WindowClosed):
        call(teacher_of(outcome), outcome)

    assert (row(outcome), actions(outcome)) == (before, [])


def test_a_decision_made_in_time_is_published_after_the_window_too():
    outcome = make_outcome(S.PASSED)
    open_windows(WindowKind.CERTIFY, closed=True)

    publish_decisions(actor=teacher_of(outcome), outcome_ids=[outcome.pk])

    assert row(outcome)["state"] == S.CERTIFIED


@pytest.mark.django_db(transaction=True)
def test_two_teachers_cannot_both_decide():
    """The second waits for the first one's row lock and then finds the outcome decided."""
    open_windows()
    outcome = make_outcome(S.WAITING)
    first, second = teacher_of(outcome), teacher_of(outcome)
    answers = []

    def decide():
        try:
            hold_back_outcome(actor=second, outcome_id=outcome.pk, reason="請補圖")
        except WrongState as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=decide)
    with transaction.atomic():
        passing(first, outcome)
        thread.start()
        wait_for_a_waiter()
    thread.join(timeout=20)

    assert len(answers) == 1
    assert Outcome.objects.get(pk=outcome.pk).state == S.PASSED


def wait_for_a_waiter():
    """Until PostgreSQL says that somebody waits for a lock held by this transaction."""
    for _attempt in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waited for the lock")
