"""What stands beside an address says nothing about where one is: ids of another school in query, body and headers bring nothing of it.

The sweep of test_tenancy.py asks for another school's rows by address. A page or machine that took its school, or a
person, from anywhere else but the session or the token would answer that sweep and still be found here.
"""

import pytest
from django.test import Client
from django.urls import reverse

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.machines.operations import make_token
from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import Role
from tests.factories import ClassGroupFactory, PersonFactory, SchoolFactory, StudentFactory
from tests.relations_world import staff_session
from tests.test_tenancy import SCHOOL, signed_in

pytestmark = pytest.mark.django_db
PAGES = ("home", "oversight:acts", "people:classes", "people:mine", "people:grants", "records:board")
API = ("token", "classes", "students", "progress")
THEIRS = "鄰校"  # in every name of the other school


@pytest.fixture
def schools(settings):
    """Here with an administrator at work and a class; next door a class, its student, and an act of hers."""
    settings.ROOT_URLCONF = SCHOOL
    here, there = SchoolFactory(), SchoolFactory(name=f"{THEIRS}高中")
    administrator = PersonFactory(school=here, roles=[Role.ADMINISTRATOR])
    staff_session(administrator)
    StudentFactory(school=here)
    group = ClassGroupFactory(school=there, name=f"{THEIRS}班")
    student = StudentFactory(school=there, name=f"{THEIRS}學生", profile__class_group=group)
    record(actor=Actor(student.pk, there.pk, f"person:{student.pk}"), action="person.left", subject=student)
    return administrator, student


def beside(student):
    """The other school and its student under every name by which code could ask for them."""
    school = student.school
    keys, codes = ("school_id", "tenant", "label"), ("school", "school_code", "code", "holder", "site")
    people = ("person_id", "person", "student_id", "student", "user", "user_id", "as", "actor")
    named = dict.fromkeys(keys, school.pk) | dict.fromkeys(codes, school.code)
    return named | dict.fromkeys(people, student.pk)


def headers_of(student):
    """The same as headers."""
    school = student.school
    named = {"X-School": school.code, "X-School-Code": school.code, "X-School-Id": str(school.pk)}
    return named | {"X-Tenant": str(school.pk), "X-Forwarded-Host": school.code, "X-Person": str(student.pk)}


def test_pages_show_nothing_of_another_school(schools):
    administrator, student = schools
    client, given = signed_in(administrator), beside(student)

    answers = {name: client.get(reverse(name), given, headers=headers_of(student)) for name in PAGES}

    assert {name for name, answer in answers.items() if answer.status_code != 200} == set()
    assert {name for name, answer in answers.items() if THEIRS in answer.content.decode()} == set()


def test_machines_read_nothing_of_another_school(schools):
    administrator, student = schools
    secret = make_token(
        actor=Actor.system("test"), holder=administrator.school.code, name="系統", scopes=list(Scope), days=9
    )[1]
    client, given = Client(headers={"Authorization": f"Bearer {secret}"}), beside(student)

    plain = {path: client.get(f"/api/v1/{path}").json() for path in API}
    asked = {path: client.get(f"/api/v1/{path}", given, headers=headers_of(student)).json() for path in API}

    assert asked == plain
    assert THEIRS not in str(asked)
