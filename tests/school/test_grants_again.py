"""A role or deputyship that was ended before it began is in nobody's way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.school.people.models import Role
from licheng.school.people.operations import end_grant, grant_role
from licheng.school.people.operations.grants import Reach, Term
from licheng.school.records.operations import deputise_course, end_deputy
from tests.factories import OfferingFactory, PersonFactory, fresh_actor

pytestmark = pytest.mark.django_db


def term(first, last):
    today = timezone.localdate()
    return Term(today + timedelta(days=first), today + timedelta(days=last), "請假")


def test_a_role_can_be_given_for_an_earlier_term_after_it_was_ended():
    giver = PersonFactory(roles=[Role.ADMINISTRATOR])
    taker, by = PersonFactory(school=giver.school, roles=[Role.TEACHER]), fresh_actor(giver)
    asked = {"person_id": taker.pk, "role": Role.CURRICULUM, "reach": Reach()}
    end_grant(actor=by, grant_id=grant_role(actor=by, **asked, term=term(5, 9)).pk)

    assert grant_role(actor=by, **asked, term=term(2, 9)).pk


def test_a_course_can_be_deputised_for_an_earlier_term_after_it_was_ended():
    offering = OfferingFactory()
    taker = PersonFactory(school=offering.school, roles=[Role.TEACHER])
    by, asked = fresh_actor(offering.teachers.get()), {"person_id": taker.pk, "offering_id": offering.pk}
    end_deputy(actor=by, deputy_id=deputise_course(actor=by, **asked, term=term(5, 9)).pk)

    assert deputise_course(actor=by, **asked, term=term(2, 9)).pk
