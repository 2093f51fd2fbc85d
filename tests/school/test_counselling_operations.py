"""Consultations from appointment to record: who may, from which state, and what is kept of it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, WrongState
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.operations import (
    cancel_consultation,
    plan_again,
    plan_consultation,
    write_consultation,
)
from licheng.school.counselling.operations.retention import forget_consultations
from licheng.school.counselling.queries import consultations_only_of
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Role, Student
from tests.factories import PersonFactory, StudentFactory, actor
from tests.relations_world import PAST, grant
from tests.school.counselling_cases import class_of, consultation, entry, school_with_counsellor

pytestmark = pytest.mark.django_db
MOVES = {
    "change": lambda who, row: write_consultation(
        actor=who, consultation_id=row.pk, entry=entry(*row.students.all())
    ),
    "hold": lambda who, row: write_consultation(
        actor=who, consultation_id=row.pk, entry=entry(*row.students.all()), is_held=True
    ),
    "cancel": lambda who, row: cancel_consultation(actor=who, consultation_id=row.pk),
    "plan_again": lambda who, row: plan_again(actor=who, consultation_id=row.pk),
}
AFTER = {
    ("change", S.PLANNED): S.PLANNED,
    ("change", S.HELD): S.HELD,
    ("hold", S.PLANNED): S.HELD,
    ("hold", S.HELD): S.HELD,
    ("cancel", S.PLANNED): S.CANCELLED,
    ("plan_again", S.CANCELLED): S.PLANNED,
}


def acts(row):
    return list(AuditEntry.objects.filter(subject_id=row.pk).order_by("pk").values_list("action", flat=True))


def test_an_appointment_becomes_a_record(db):
    counsellor, (first, second) = school_with_counsellor()

    row = plan_consultation(actor=actor(counsellor), entry=entry(first, content=""))
    write_consultation(
        actor=actor(counsellor), consultation_id=row.pk, entry=entry(first, second), is_held=True
    )

    row.refresh_from_db()
    assert (row.state, row.manner, row.counsellor, set(row.students.all())) == (
        S.HELD, Manner.GROUP, counsellor, {first, second},
    )  # fmt: skip
    assert acts(row) == ["consultation.planned", "consultation.held"]
    assert AuditEntry.objects.get(action="consultation.held").data["added"] == [second.pk]


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("move", sorted(MOVES))
def test_moves_start_where_they_may(move, state):
    counsellor, (student, _other) = school_with_counsellor()
    row = consultation(counsellor, student, state=state)

    if (move, state) in AFTER:
        MOVES[move](actor(counsellor), row)
    else:
        with pytest.raises(WrongState):
            MOVES[move](actor(counsellor), row)

    row.refresh_from_db()
    assert row.state == AFTER.get((move, state), state)


@pytest.mark.parametrize("move", sorted(MOVES))
def test_only_the_counsellor_herself_writes(move):
    counsellor, (student, _other) = school_with_counsellor()
    colleague = PersonFactory(school=counsellor.school, roles=[Role.COUNSELLOR])
    registrar = PersonFactory(school=counsellor.school, roles=[Role.REGISTRAR])
    stranger = PersonFactory(roles=[Role.COUNSELLOR])
    row = consultation(counsellor, student)

    for who, refusal in (
        (colleague, NotFound),
        (stranger, NotFound),
        (registrar, NotAllowed),
        (student, NotAllowed),
    ):
        with pytest.raises(refusal):
            MOVES[move](actor(who), row)

    assert acts(row) == []


def test_a_counsellor_names_only_students_in_her_reach(db):
    counsellor, (student, _other) = school_with_counsellor()
    assigned = PersonFactory(school=counsellor.school)
    grant(assigned, Role.COUNSELLOR, students=[student.student])
    (elsewhere,) = class_of(counsellor.school, 1)
    stranger = StudentFactory()

    assert plan_consultation(actor=actor(assigned), entry=entry(student)).students.get() == student
    for who, whom in ((assigned, elsewhere), (counsellor, stranger), (counsellor, counsellor)):
        with pytest.raises(NotFound):
            plan_consultation(actor=actor(who), entry=entry(whom))
    assert Consultation.objects.count() == 1


def test_who_is_no_counsellor_today_plans_and_sees_nothing(db):
    counsellor, (student, _other) = school_with_counsellor()
    former = PersonFactory(school=counsellor.school)
    grant(former, Role.COUNSELLOR, PAST, group=student.student.class_group)
    row = consultation(former, student)

    with pytest.raises(NotAllowed):
        plan_consultation(actor=actor(former), entry=entry(student))
    with pytest.raises(NotFound):
        cancel_consultation(actor=actor(former), consultation_id=row.pk)


def test_a_student_who_moved_away_stays_named_and_no_new_one_is_added(db):
    counsellor, (student, other) = school_with_counsellor()
    assigned = PersonFactory(school=counsellor.school)
    grant(assigned, Role.COUNSELLOR, group=student.student.class_group)
    row = plan_consultation(actor=actor(assigned), entry=entry(student, other))
    (moved,) = class_of(counsellor.school, 1)
    Student.objects.filter(pk=other.pk).update(class_group=moved.student.class_group)

    write_consultation(
        actor=actor(assigned), consultation_id=row.pk, entry=entry(student, other, topic="改題")
    )

    assert set(row.students.all()) == {student, other}
    with pytest.raises(NotFound):
        write_consultation(actor=actor(assigned), consultation_id=row.pk, entry=entry(student, moved))


LATER = timezone.localdate() + timedelta(days=2)  # tomorrow, in a run over midnight
WRONG = {
    "no content when held": ({"content": " \n"}, True, "諮詢內容"),
    "held later": ({"held_on": LATER}, True, "日期"),
    "a year of the Republic": ({"held_on": LATER.replace(year=LATER.year - 1911)}, False, "日期"),
    "no place": ({"place": "  "}, False, "地點"),
    "a long topic": ({"topic": "題" * 61}, False, "諮詢主題"),
    "a note over 100": ({"note": "註" * 101}, False, "附件簡述"),
    "a zero byte": ({"content": "a\x00b"}, False, "諮詢內容"),
    "an unknown manner": ({"manner": "phone"}, False, "諮詢方式"),
    "nobody": ({"student_ids": frozenset()}, False, "諮詢對象"),
    "two, individually": ({"manner": Manner.INDIVIDUAL}, False, "諮詢對象"),
    "a crowd": ({"student_ids": frozenset(range(601))}, False, "諮詢對象"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_what_cannot_be_is_refused_by_its_field(case):
    more, is_held, field = WRONG[case]
    counsellor, students = school_with_counsellor()

    with pytest.raises(Invalid) as refusal:
        plan_consultation(actor=actor(counsellor), entry=entry(*students, **more), is_held=is_held)

    assert str(refusal.value.data["field"]) == field
    assert not Consultation.objects.exists()


def test_the_longest_texts_fit_in_code_points(db):
    counsellor, (student, _other) = school_with_counsellor()
    longest = {"place": "😀" * 60, "topic": "😀" * 60, "content": "😀" * 2_000, "note": "😀" * 100}

    row = plan_consultation(actor=actor(counsellor), entry=entry(student, **longest))

    row.refresh_from_db()
    assert {name: getattr(row, name) for name in longest} == longest


@pytest.mark.django_db(transaction=True)
def test_cancelling_waits_for_a_writer_and_finds_a_record():
    counsellor, (student, _other) = school_with_counsellor()
    row = consultation(counsellor, student, state=S.PLANNED)
    who, said = actor(counsellor), []

    def cancel():
        try:
            cancel_consultation(actor=who, consultation_id=row.pk)
        except WrongState:
            said.append("refused")
        finally:
            connection.close()

    second = threading.Thread(target=cancel)
    with transaction.atomic():
        write_consultation(actor=who, consultation_id=row.pk, entry=entry(student), is_held=True)
        second.start()
        wait_for_a_waiter()
    second.join()

    row.refresh_from_db()
    assert (said, row.state) == (["refused"], S.HELD)


def wait_for_a_waiter():
    """Until another connection waits for a lock of this one's."""
    with connection.cursor() as cursor:
        for _try in range(2_000):
            cursor.execute("SELECT count(*), pg_sleep(0.005) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waited")


def test_what_goes_with_a_student_and_what_stays(db):
    counsellor, (student, other) = school_with_counsellor()
    alone, both = consultation(counsellor, student), consultation(counsellor, student, other)
    clock = Actor.system("test", counsellor.school_id)

    assert consultations_only_of(student.pk) == [alone.pk]
    assert forget_consultations(actor=clock, person_id=student.pk) == []
    assert list(Consultation.objects.all()) == [both]
    assert both.students.get() == other
    assert forget_consultations(actor=clock, person_id=counsellor.pk) == []
    assert Consultation.objects.filter(counsellor=counsellor).count() == 1
    with pytest.raises(NotAllowed):
        forget_consultations(actor=actor(counsellor), person_id=other.pk)
