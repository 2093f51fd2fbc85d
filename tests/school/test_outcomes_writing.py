import uuid

import pytest

from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import Level, Policy, WindowKind
from licheng.school.outcomes import errors, states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import (
    delete_outcome,
    remove_file,
    send_outcome,
    start_outcome,
    take_back_outcome,
    write_note,
)
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    YEAR,
    CourseFactory,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    StudentFactory,
    actor,
    open_windows,
)
from tests.school.outcomes_cases import (
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

# every operation of the student on her outcome: its call, its move, and the state it ends in
WRITES = {
    "write_note": (lambda who, one: write_note(actor=who, outcome_id=one.pk, note="新的簡述"), states.EDIT),
    "remove_file": (lambda who, one: remove_file(actor=who, outcome_id=one.pk, role="document"), states.EDIT),
    "delete": (lambda who, one: delete_outcome(actor=who, outcome_id=one.pk), states.DELETE),
    "send": (lambda who, one: send_outcome(actor=who, outcome_id=one.pk), states.SEND),
    "take_back": (lambda who, one: take_back_outcome(actor=who, outcome_id=one.pk), states.TAKE_BACK),
}


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


def course(code, credit_count):
    offering = OfferingFactory()
    offering.course = CourseFactory(school=offering.school, code=code)
    offering.save()
    return EnrolmentFactory(school=offering.school, offering=offering, credits=credit_count)


def test_start_outcome_makes_a_draft_of_the_active_semester():
    enrolment = EnrolmentFactory()

    outcome = start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    outcome.refresh_from_db()
    assert (outcome.student, outcome.enrolment, outcome.state) == (enrolment.student, enrolment, S.DRAFT)
    assert (outcome.school_year, outcome.semester, outcome.document) == (YEAR, 1, None)
    assert actions(outcome) == ["outcome.started"]


def test_start_outcome_hides_the_courses_of_others():
    enrolment = EnrolmentFactory()
    classmate = StudentFactory(school=enrolment.school)
    EnrolmentFactory(school=enrolment.school, offering=enrolment.offering, student=classmate)
    stranger = StudentFactory()

    for somebody in (classmate, stranger, enrolment.offering.teachers.first()):
        with pytest.raises(NotFound):
            start_outcome(actor=actor(somebody), enrolment_id=enrolment.pk)

    assert Outcome.objects.count() == 0


@pytest.mark.parametrize(
    ("category", "attribute", "credit_count", "refusal"),
    [
        ("1", "1", 0, errors.NoCredits),
        ("8", "0", 2, errors.CourseExcluded),
        ("9", "2", 2, errors.CourseExcluded),
        ("9", "D", 2, None),
        ("8", "D", 0, errors.NoCredits),
        ("2", "1", 1, None),
    ],
)
def test_start_outcome_only_for_courses_of_the_record(category, attribute, credit_count, refusal):
    enrolment = course(f"11500000AV230050{category}0{attribute}020B", credit_count)

    if refusal is None:
        assert start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk).state == S.DRAFT
        return
    with pytest.raises(refusal) as told:
        start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    assert enrolment.offering.course.name in told.value.sentence
    assert told.value.what_to_do
    assert Outcome.objects.count() == 0


@pytest.mark.parametrize(("year", "semester"), [(YEAR - 1, 1), (YEAR, 2)])
def test_start_outcome_refuses_a_course_of_another_semester(year, semester):
    offering = OfferingFactory(school_year=year, semester=semester)
    enrolment = EnrolmentFactory(school=offering.school, offering=offering)

    with pytest.raises(errors.OtherSemester):
        start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    assert Outcome.objects.count() == 0


def test_start_outcome_refuses_outside_the_window():
    open_windows(WindowKind.UPLOAD, closed=True)
    enrolment = EnrolmentFactory()

    with pytest.raises(WindowClosed):
        start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    assert Outcome.objects.count() == 0


def test_start_outcome_stops_at_the_cap_of_the_school():
    enrolment = EnrolmentFactory()
    Policy.objects.create(
        level=Level.SCHOOL,
        code=enrolment.school.code,
        school_year=YEAR,
        outcomes_per_semester=2,
        source="校規",
    )
    make_outcome(enrolment=enrolment)
    make_outcome(enrolment=enrolment, semester=2)
    make_outcome(enrolment=EnrolmentFactory(school=enrolment.school))
    start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    with pytest.raises(errors.TooManyOutcomes) as told:
        start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    assert told.value.data == {"limit": 2}
    assert Outcome.objects.filter(student=enrolment.student).count() == 3


@pytest.mark.parametrize("note", ["𠮷" * 100, "a" * 100, "第一行\n第二行", "", "👨‍👩‍👧" * 20, "=1+1"])
def test_write_note_keeps_the_text_exactly(note):
    outcome = make_outcome()

    write_note(actor=student_of(outcome), outcome_id=outcome.pk, note=note)

    assert row(outcome)["note"] == note
    assert actions(outcome) == ["outcome.note_written"]


@pytest.mark.parametrize(
    ("note", "refusal"),
    [
        ("𠮷" * 101, errors.NoteTooLong),
        ("e\u0301" * 51, errors.NoteTooLong),
        ("字\x00", errors.NoteUnreadable),
        ("字\x1b[0m", errors.NoteUnreadable),
        ("\ud842", errors.NoteUnreadable),
    ],
)
def test_write_note_refuses_and_leaves_the_row(note, refusal):
    outcome = make_outcome(S.CERTIFIED)
    before = row(outcome)

    with pytest.raises(refusal) as told:
        write_note(actor=student_of(outcome), outcome_id=outcome.pk, note=note)

    assert told.value.status == 422
    assert row(outcome) == before
    assert actions(outcome) == []


def test_write_note_says_how_many_characters_are_too_many():
    outcome = make_outcome()

    with pytest.raises(errors.NoteTooLong) as told:
        write_note(actor=student_of(outcome), outcome_id=outcome.pk, note="𠮷" * 103)

    assert told.value.sentence == "成果簡述有 103 字，最多 100 字。"
    assert told.value.what_to_do == "請刪減 3 字後再儲存。"


def test_another_note_ends_a_certification():
    outcome = make_outcome(S.CERTIFIED)

    write_note(actor=student_of(outcome), outcome_id=outcome.pk, note="改過")

    assert row(outcome)["state"] == S.DRAFT
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.certification_lost", "outcome.note_written"]


def test_the_same_note_changes_nothing():
    outcome = make_outcome(S.CERTIFIED)
    before = row(outcome)

    write_note(actor=student_of(outcome), outcome_id=outcome.pk, note=outcome.note)

    assert row(outcome) == before


def test_removing_a_file_ends_a_certification_and_keeps_the_stored_file():
    outcome = make_outcome(S.CERTIFIED)

    remove_file(actor=student_of(outcome), outcome_id=outcome.pk, role="document")

    assert (row(outcome)["state"], row(outcome)["document_id"]) == (S.DRAFT, None)
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.certification_lost", "outcome.file_removed"]
    assert type(outcome.document).objects.filter(pk=outcome.document_id).exists()


@pytest.mark.parametrize("role", ["media", "portrait", ""])
def test_remove_file_needs_a_file_of_that_role(role):
    outcome = make_outcome(S.CERTIFIED)
    before = row(outcome)

    with pytest.raises(NotFound):
        remove_file(actor=student_of(outcome), outcome_id=outcome.pk, role=role)

    assert (row(outcome), actions(outcome)) == (before, [])


def test_editing_a_returned_outcome_keeps_the_reason_readable():
    outcome = make_outcome(S.RETURNED)

    write_note(actor=student_of(outcome), outcome_id=outcome.pk, note="補上了")

    assert (row(outcome)["state"], row(outcome)["return_reason"]) == (S.DRAFT, "請補上實驗數據。")


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", WRITES)
def test_every_write_from_every_state(name, state):
    call, move = WRITES[name]
    outcome = make_outcome(state)
    before = row(outcome)

    if state in move.starts:
        call(student_of(outcome), outcome)
        now = row(outcome)
        assert now is None if name == "delete" else now["state"] == move.ends
        return
    refusal = errors.BeingDecided if name == "take_back" and state in (S.PASSED, S.HELD_BACK) else WrongState
    with pytest.raises(refusal) as told:
        call(student_of(outcome), outcome)

    assert told.value.status == 409
    assert (row(outcome), actions(outcome)) == (before, [])


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    "who", ["teacher", "homeroom", "submitter", "classmate", "other teacher", "other school"]
)
def test_only_the_student_writes(name, who):
    call, _move = WRITES[name]
    outcome = make_outcome(S.WAITING if name == "take_back" else S.RETURNED)
    before = row(outcome)
    somebody, refusal = outsider(outcome, who)

    with pytest.raises(refusal):
        call(somebody, outcome)

    assert (row(outcome), actions(outcome)) == (before, [])


def outsider(outcome, who):
    """Somebody else, and how an outcome that is not theirs to write answers them."""
    school = outcome.school
    if who == "teacher":
        return teacher_of(outcome), NotAllowed
    if who == "homeroom":
        homeroom = PersonFactory(school=school, roles=[Role.HOMEROOM])
        class_group = outcome.student.student.class_group
        class_group.homeroom_teacher = homeroom
        class_group.save()
        return actor(homeroom), NotAllowed
    if who == "submitter":
        return actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER])), NotAllowed
    if who == "classmate":
        same_class = outcome.student.student.class_group
        mate = StudentFactory(school=school, profile__class_group=same_class)
        EnrolmentFactory(school=school, offering=outcome.enrolment.offering, student=mate)
        return actor(mate), NotFound
    if who == "other teacher":
        return actor(OfferingFactory(school=school).teachers.first()), NotFound
    stranger = PersonFactory(roles=[Role.TEACHER, Role.OUTCOME_SUBMITTER, Role.ADMINISTRATOR])
    outcome.enrolment.offering.teachers.add(stranger)  # something that could leak
    return actor(stranger), NotFound


@pytest.mark.parametrize("name", WRITES)
def test_no_write_outside_the_window(name):
    open_windows(WindowKind.UPLOAD, closed=True)
    call, _move = WRITES[name]
    outcome = make_outcome(S.WAITING if name == "take_back" else S.RETURNED)
    before = row(outcome)

    with pytest.raises(WindowClosed):
        call(student_of(outcome), outcome)

    assert (row(outcome), actions(outcome)) == (before, [])


@pytest.mark.parametrize("name", WRITES)
def test_writes_on_an_outcome_that_does_not_exist(name):
    call, _move = WRITES[name]
    ghost = Outcome(pk=uuid.uuid4())

    with pytest.raises(NotFound):
        call(actor(StudentFactory()), ghost)


def test_send_outcome_puts_it_before_the_teachers_without_the_old_reason():
    outcome = make_outcome(S.RETURNED, sent_at=None)

    send_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert row(outcome)["state"] == S.WAITING
    assert row(outcome)["sent_at"] is not None
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.sent"]


def test_send_outcome_needs_a_file():
    outcome = make_outcome()
    outcome.document = None
    outcome.save()

    with pytest.raises(errors.NoFile):
        send_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert row(outcome)["state"] == S.DRAFT


def test_send_outcome_takes_media_alone():
    outcome = make_outcome(document=None, media=stored("film", "media", "video/mp4", seconds=3.0))
    outcome.document = None
    outcome.save()

    send_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert row(outcome)["state"] == S.WAITING


def test_send_outcome_needs_somebody_who_can_certify():
    outcome = make_outcome()
    outcome.enrolment.offering.teachers.clear()

    with pytest.raises(errors.NoTeacher):
        send_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert row(outcome)["state"] == S.DRAFT


def test_take_back_outcome():
    outcome = make_outcome(S.WAITING)

    take_back_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert (row(outcome)["state"], row(outcome)["sent_at"]) == (S.DRAFT, None)
    assert actions(outcome) == ["outcome.taken_back"]


def test_delete_outcome_writes_down_what_is_gone():
    outcome = make_outcome(S.RETURNED)

    delete_outcome(actor=student_of(outcome), outcome_id=outcome.pk)

    assert row(outcome) is None
    assert actions(outcome) == ["outcome.deleted"]
