"""Statements that are put together once: each time with the values of whoever asks."""

import pytest
from django.db.models import Q
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.authz import RULES, Rule, seen
from licheng.foundations.statements import AnyOf, Later, prepared, prepared_keys
from licheng.school.people.models import Person
from tests.factories import EnrolmentFactory, PersonFactory, UserFactory, actor

pytestmark = pytest.mark.django_db


@prepared
def accounts(login: Later):
    return User.objects.filter(login=login)


@prepared
def names_of(people: Later):
    return Person.objects.filter(AnyOf("pk", people, "bigint")).order_by("pk").values_list("pk", "name")


@prepared_keys
def of_account(user: Later):
    return Person.objects.filter(user=user).values("pk")


def test_everybody_gets_what_her_own_values_find():
    first, second = UserFactory(), UserFactory()

    assert accounts(login=first.login) == [first]
    assert accounts(login=second.login) == [second]
    assert accounts(login="nobody") == []


def test_a_list_may_have_any_length():
    people = [PersonFactory() for _one in range(3)]

    assert names_of(people=[]) == []
    assert names_of(people=[people[0].pk]) == [(people[0].pk, people[0].name)]
    assert names_of(people=[one.pk for one in people]) == [(one.pk, one.name) for one in people]


def test_keys_stand_inside_other_queries_with_their_own_values():
    first, second = PersonFactory(), PersonFactory()

    assert [*Person.objects.filter(pk__in=of_account(user=first.user_id))] == [first]
    assert [*Person.objects.filter(pk__in=of_account(user=second.user_id))] == [second]
    either = Q(pk__in=of_account(user=first.user_id)) | Q(pk__in=of_account(user=second.user_id))
    assert [*Person.objects.filter(either).order_by("pk")] == [first, second]


def test_a_moment_must_not_stand_still():
    @prepared
    def until_now(user: Later):
        return User.objects.filter(pk=user, created_at__lt=timezone.now())

    with pytest.raises(ValueError, match="until_now"):
        until_now(user=1)


def test_a_row_that_a_rule_reaches_twice_is_listed_once(monkeypatch):
    monkeypatch.setattr("licheng.foundations.authz.RULES", dict(RULES))
    enrolment = EnrolmentFactory()
    teacher = enrolment.offering.teachers.get()
    EnrolmentFactory(school=enrolment.school, offering=enrolment.offering)
    rule = Rule("test.reaches", "…", lambda who: Q(offerings__enrolments__offering__teachers=who.person_id))

    assert [*seen(Person.objects.all(), actor(teacher), rule)] == [teacher]
