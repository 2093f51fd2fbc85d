"""Who may see this: told from the rules, and the same as asking everybody of the school one by one."""

import pytest
from django.test import Client
from django.urls import reverse

from licheng.foundations.authz import RULES, allows
from licheng.foundations.errors import NotFound
from licheng.school.activities.queries import activity_readers
from licheng.school.outcomes.queries.readers import outcome_readers
from licheng.school.people.models import Person, Role
from licheng.school.people.queries.readers import person_readers
from licheng.school.receipts.queries import receipt_readers
from licheng.school.records.queries.students import records_readers
from tests.factories import PersonFactory, StudentFactory, actor
from tests.relations_world import related
from tests.world import complete_school

QUERIES = 12


@pytest.fixture
def here(db, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return related(complete_school())


def told_and_true(here, row, told):
    """For each rule: whom the page names, and whom the rule lets in when everybody is asked."""
    people = Person.objects.filter(school=here.school)
    named = {rule.name: {reader.person_id for reader in rule.readers if reader.person_id} for rule in told}
    true = {
        rule.name: {person.pk for person in people if allows(actor(person), RULES[rule.name], row)}
        for rule in told
    }
    return named, true


def test_outcomes(here):
    for outcome in (here.own["Outcome"], here.outcomes["draft"], here.other["Outcome"]):
        student = actor(outcome.student)
        named, true = told_and_true(here, outcome, outcome_readers(student, outcome.pk))
        assert named == true


def test_activities_receipts_and_people(here):
    owner = actor(here.cast["owner"])
    for row, told in (
        (here.activities["selected"], activity_readers(owner, here.activities["selected"].pk)),
        (here.activities["draft"], activity_readers(owner, here.activities["draft"].pk)),
        (here.own["StudentReceipt"], receipt_readers(owner, here.own["StudentReceipt"].pk)),
        (here.own["Person"], person_readers(owner, here.own["Person"].pk)[1]),
        (here.own["Person"], records_readers(owner, here.own["Person"].pk)),
        (here.cast["teacher"], person_readers(actor(here.cast["teacher"]), here.cast["teacher"].pk)[1]),
    ):
        named, true = told_and_true(here, row, told)
        assert named == true


def test_it_is_told_as_what_somebody_is_let_in(here):
    owner = actor(here.cast["owner"])

    see = outcome_readers(owner, here.own["Outcome"].pk)[0]

    words = {reader.person_id: reader.as_what for reader in see.readers}
    assert {words[here.cast[name].pk] for name in ("owner", "homeroom", "homeroom_deputy", "guardian")} == {
        "本人",
        "導師",
        "代理導師",
        "家長",
    }
    assert words[here.cast["course_deputy"].pk] == "代理認證人"
    assert words[here.cast["administrator_in_session"].pk] == "系統管理員（只在管理工作階段中）"


def test_nobody_reads_who_reads_what_she_may_not_see(here):
    for name in ("classmate", "former_homeroom", "former_guardian", "administrator"):
        with pytest.raises(NotFound):
            outcome_readers(actor(here.cast[name]), here.own["Outcome"].pk)


def test_pages_stay_quick_in_a_big_school(here, django_assert_max_num_queries):
    for _number in range(40):
        PersonFactory(school=here.school, roles=[Role.TEACHER])
        StudentFactory(school=here.school, profile__class_group=here.own["ClassGroup"])
    client = Client()
    client.force_login(here.cast["owner"].user)
    for address in (
        reverse("outcomes:who", args=[here.own["Outcome"].pk]),
        reverse("activities:who", args=[here.activities["draft"].pk]),
        reverse("receipts:who", args=[here.own["StudentReceipt"].pk]),
        reverse("people:who", args=[here.cast["owner"].pk]),
        reverse("records:who", args=[here.cast["owner"].pk]),
    ):
        with django_assert_max_num_queries(QUERIES):
            page = client.get(address).content.decode()
        assert here.cast["homeroom"].name in page
