"""The list of students whom somebody may read: exactly those, by class, found by number or name."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from licheng.school.people.models import Look, LookedAt, Role
from licheng.school.people.queries import people as person_pages
from tests.factories import ClassGroupFactory, PersonFactory, SchoolFactory, StudentFactory
from tests.relations_world import PAST, grant, guardian, staff_session

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def school(settings):
    """Two classes of one school with two students each, and a student of the school next door."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    made = SchoolFactory()
    made.groups = [ClassGroupFactory(school=made, name=name) for name in ("甲班", "乙班")]
    made.students = [
        StudentFactory(school=made, profile__class_group=group) for group in made.groups for _ in range(2)
    ]
    made.there = StudentFactory(name=made.students[0].name)
    return made


def as_(person):
    client = Client()
    client.force_login(person.user)
    return client


def listed(answer):
    return [person.pk for person in answer.context["shown"].page.object_list]


def counsellor(school, **reach):
    person = PersonFactory(school=school, roles=[Role.COUNSELLOR])
    grant(person, Role.COUNSELLOR, **reach)
    return person


def test_a_counsellor_finds_her_students_and_nobody_else(school):
    own = school.students[:2]
    client = as_(counsellor(school, group=school.groups[0]))

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse("people:mine"))

    page = answer.content.decode()
    assert sorted(listed(answer)) == sorted(one.pk for one in own)
    assert all(reverse("people:student", args=[one.pk]) in page for one in own)
    assert (school.groups[0].name in page, school.groups[1].name in page) == (True, False)
    assert len(asked) <= MOST_QUERIES
    assert set(Look.objects.values_list("student", "what")) == {(one.pk, LookedAt.CLASS_LIST) for one in own}
    assert reverse("people:mine") in client.get(reverse("home")).content.decode()


def test_a_counsellor_of_one_student_finds_that_one_and_a_former_one_nobody(school):
    one = school.students[3]
    former = counsellor(school, group=school.groups[0], when=PAST)

    assert listed(as_(counsellor(school, students=[one.student])).get(reverse("people:mine"))) == [one.pk]
    assert listed(as_(former).get(reverse("people:mine"))) == []


def test_an_administrator_finds_the_whole_school_in_a_session_and_nobody_outside(school):
    administrator = PersonFactory(school=school, roles=[Role.ADMINISTRATOR])
    client, place = as_(administrator), f'href="{reverse("people:mine")}"'
    outside = client.get(reverse("people:mine"))
    before = client.get(reverse("home")).content.decode()

    staff_session(administrator)

    assert (listed(outside), reverse("people:sessions") in outside.content.decode()) == ([], True)
    assert (place in before, place in client.get(reverse("home")).content.decode()) == (False, True)
    inside = listed(client.get(reverse("people:mine")))
    assert sorted(inside) == sorted(one.pk for one in school.students)
    assert Look.objects.filter(capacity="staff-session").count() == len(school.students)


def test_searching_reaches_no_further_than_the_list(school):
    own, classmate, hidden = school.students[0], school.students[1], school.students[2]
    client = as_(counsellor(school, group=school.groups[0]))

    def found(words):
        answer = client.post(reverse("people:mine"), {"words": words})
        return listed(answer) if answer.status_code == 200 else answer.status_code

    assert found(own.account) == found(f" {own.name} ") == [own.pk]
    assert found(classmate.account[-4:]) == [classmate.pk]
    assert [found(words) for words in (hidden.account, school.there.account, "%", "nobody")] == [[]] * 4
    assert found("") == 422


def test_pages_hold_everybody_once_and_cost_the_same(school, monkeypatch):
    monkeypatch.setattr(person_pages, "PER_PAGE", 3)
    administrator = PersonFactory(school=school, roles=[Role.ADMINISTRATOR])
    staff_session(administrator)
    client, pages = as_(administrator), []

    for number in (1, 2):
        with CaptureQueriesContext(connection) as asked:
            pages.append(listed(client.get(reverse("people:mine"), {"page": number})))
        assert len(asked) <= MOST_QUERIES

    assert [len(page) for page in pages] == [3, 1]
    assert sorted(pages[0] + pages[1]) == sorted(one.pk for one in school.students)


def test_students_and_guardians_have_pages_of_their_own(school):
    student = school.students[0]

    for person in (student, guardian(student)):
        assert as_(person).get(reverse("people:mine")).status_code == 403
