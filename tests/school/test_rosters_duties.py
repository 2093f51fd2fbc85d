"""Rosters that change who has a class or a course: each change is an act, and nobody gives herself one unasked."""

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from licheng.school.people.models import ClassGroup, Role
from licheng.school.people.operations import ClassRow, import_classes
from licheng.school.people.operations.incoming import Roster
from licheng.school.records.models import Course, Offering
from licheng.school.records.operations.enrolments import put_enrolments
from tests.factories import PersonFactory, StudentFactory, actor, fresh_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """Who imports, two teachers and a student with a course, at one school."""
    person = PersonFactory(account="office", roles=[Role.REGISTRAR])
    for account in ("t1", "t2"):
        PersonFactory(school=person.school, account=account, roles=[Role.TEACHER])
    StudentFactory(school=person.school, account="1152001")
    Course.objects.create(school=person.school, code="115A", name="國語文", credits="340000")
    return person


def classes(by, *homerooms):
    rows = [ClassRow(115, 2, f"第{number}班", account) for number, account in enumerate(homerooms)]
    return import_classes(actor=by, school=by_school(by), rows=rows)


def by_school(by):
    return ClassGroup.school.field.related_model.objects.get(pk=by.school_id)


def courses(by, *teachers):
    record = {"course_code": "115A", "school_year": 115, "semester": 1, "course_class": "甲"}
    record |= {"student_no": "1152001", "teacher_accounts": list(teachers), "_row": 2}
    return put_enrolments(by, Roster("enrolments", pl.DataFrame([record]), by_school(by), 115, 1))


def facts(action):
    """Subject, before and after of every act of this kind, in order."""
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(int(row.subject_id), row.data["before"], row.data["after"]) for row in rows]


def pk_of(office, account):
    return office.school.person_set.get(account=account).pk


def test_every_change_of_a_homeroom_teacher_is_an_act(office):
    first, second, by = pk_of(office, "t1"), pk_of(office, "t2"), actor(office)

    for homerooms in (("t1", None), ("t1", "t2"), ("t2", None), ("t2", "t2")):
        classes(by, *homerooms)

    one, two = ClassGroup.objects.filter(grade=2).order_by("name").values_list("pk", flat=True)
    assert facts("class.homeroom_changed") == [(one, None, first), (two, None, second), (one, first, second)]
    entry = AuditEntry.objects.filter(action="class.homeroom_changed").latest("pk")
    assert (entry.person_id, entry.subject_type) == (office.pk, "people.classgroup")


def test_every_change_of_a_courses_teachers_is_an_act(office):
    first, second, by = pk_of(office, "t1"), pk_of(office, "t2"), actor(office)

    for teachers in (["t1"], ["t1"], ["t1", "t2"], ["t2"]):
        courses(by, *teachers)

    one, both = Offering.objects.get().pk, sorted([first, second])
    assert facts("offering.teachers_changed") == [
        (one, [], [first]),
        (one, [first], both),
        (one, both, [second]),
    ]


@pytest.mark.parametrize("give", [classes, courses])
def test_who_gives_herself_a_class_or_a_course_shows_identity_again(office, give):
    give(actor(office), "t1")
    before = AuditEntry.objects.count()

    with pytest.raises(StepUpNeeded):
        give(actor(office), "office")
    assert AuditEntry.objects.count() == before
    assert not ClassGroup.objects.filter(homeroom_teacher=office).exists()
    assert not Offering.objects.filter(teachers=office).exists()

    give(fresh_actor(office), "office")
    give(actor(office), "office")  # nothing newly given, so nothing to prove
    assert AuditEntry.objects.count() == before + 1


@pytest.mark.parametrize("give", [classes, courses])
def test_the_right_to_do_so_is_the_offices(office, give):
    teacher = PersonFactory(school=office.school, account="t3", roles=[Role.TEACHER])

    with pytest.raises(NotAllowed):
        give(fresh_actor(teacher), "t3")


@pytest.mark.parametrize("number", [2, 500])
def test_many_changes_are_written_down_in_one_statement(office, number):
    with CaptureQueriesContext(connection) as asked:
        classes(actor(office), *["t1"] * number)

    assert sum('INSERT INTO "audit_auditentry"' in one["sql"] for one in asked) == 1
    assert len(facts("class.homeroom_changed")) == number
