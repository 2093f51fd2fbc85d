"""ID numbers: masked wherever people look, shown once to those who say why and who they are."""

import pytest
from django.test import Client
from django.urls import reverse

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded, TooMany
from licheng.foundations.privacy import FieldUnreadable
from licheng.school.people.models import Look, Role, Student
from licheng.school.people.operations import reveal_id_number
from tests.factories import PersonFactory, StudentFactory, actor, fresh, fresh_actor
from tests.relations_world import staff_session

REASON = "補辦證件"


@pytest.fixture
def student(db, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return StudentFactory()


@pytest.fixture
def registrar(student):
    return PersonFactory(school=student.school, roles=[Role.REGISTRAR])


def reveal(who, student, reason=REASON):
    return reveal_id_number(actor=who, person_id=student.pk, reason=reason)


def test_the_number_is_shown_written_down_and_told(student, registrar):
    number = reveal(fresh_actor(registrar), student)

    assert number == student.student.id_number
    entry = AuditEntry.objects.get(action="id_number.revealed")
    assert (entry.subject_id, entry.data) == (str(student.pk), {"reason": REASON})
    look = Look.objects.get()
    assert (look.what, look.capacity, look.viewer_id) == ("id-number", "registrar", registrar.pk)
    assert number not in str(entry.data)


def test_identity_must_be_fresh(student, registrar):
    with pytest.raises(StepUpNeeded):
        reveal(actor(registrar), student)

    assert not Look.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "字" * 201])
def test_a_reason_is_said(student, registrar, reason):
    with pytest.raises(Invalid):
        reveal(fresh_actor(registrar), student, reason)


@pytest.mark.parametrize("role", [Role.RECEIPT_OFFICER, Role.ADMINISTRATOR, Role.HOMEROOM, Role.TEACHER])
def test_nobody_else_is_shown_it(student, role):
    person = PersonFactory(school=student.school, roles=[role])

    with pytest.raises((NotAllowed, NotFound)):
        reveal(fresh_actor(person), student)
    with pytest.raises(NotAllowed):
        reveal(fresh_actor(student), student)


def test_an_administrator_is_shown_it_in_a_staff_session(student):
    person = PersonFactory(school=student.school, roles=[Role.ADMINISTRATOR])
    staff_session(person)

    assert reveal(fresh_actor(person), student) == student.student.id_number
    assert Look.objects.get().capacity == "staff-session"


def test_another_schools_student_is_not_there(student, registrar):
    with pytest.raises(NotFound):
        reveal(fresh_actor(registrar), StudentFactory())


def test_twenty_an_hour(student, registrar):
    for _time in range(20):
        reveal(fresh_actor(registrar), student)

    with pytest.raises(TooMany):
        reveal(fresh_actor(registrar), student)

    assert AuditEntry.objects.filter(action="id_number.revealed").count() == 20


def test_a_number_that_does_not_open_or_is_gone_is_refused(student, registrar):
    rows = Student.objects.filter(pk=student.pk)
    rows.update(id_number_sealed=b"\x01" + b"0" * 60)
    with pytest.raises(FieldUnreadable):
        reveal(fresh_actor(registrar), student)
    rows.update(id_number_sealed=b"")
    with pytest.raises(NotFound):
        reveal(fresh_actor(registrar), student)

    assert not AuditEntry.objects.filter(action="id_number.revealed").exists()


def test_pages_mask_it_and_show_it_in_one_answer_only(student, registrar):
    client = Client()
    client.force_login(registrar.user)
    number, address = student.student.id_number, reverse("people:id_number", args=[student.pk])
    person = client.get(reverse("people:student", args=[student.pk])).content.decode()
    refused = client.post(address, {"reason": REASON})
    fresh(client)

    shown = client.post(address, {"reason": REASON})
    after = client.get(address).content.decode()

    assert number not in person
    assert number not in refused.content.decode()
    assert number in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert number not in after
    assert f"{number[0]}••••••{number[-3:]}" in after


def test_a_broken_key_is_an_answer_without_a_value(student, registrar, caplog):
    client = Client()
    client.force_login(registrar.user)
    number = student.student.id_number
    Student.objects.filter(pk=student.pk).update(
        id_number_sealed=bytes(student.student.id_number_sealed)[:-1] + b"0"
    )

    page = client.get(reverse("people:student", args=[student.pk]))

    assert page.status_code == 500
    assert "打不開" in page.content.decode()
    assert number not in caplog.text
