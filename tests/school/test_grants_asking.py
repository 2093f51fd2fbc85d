"""What the form of roles tells those who ask it: nothing about other schools, nothing to those who may not give."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.school.people.models import Role
from tests.factories import ClassGroupFactory, PersonFactory, StudentFactory, fresh

pytestmark = pytest.mark.django_db
NOBODY = 999_999_999


@pytest.fixture(autouse=True)
def at_school(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"


def asked(person, *, is_fresh, **sent):
    """Status and words of the answer to a role that somebody tries to give."""
    client = Client(headers={"Accept": "application/json"})  # the same refusals, without a page around them
    client.force_login(person.user)
    today = timezone.localdate().isoformat()
    form = {"role": Role.REGISTRAR, "scope": "school", "since": today, "until": today, "reason": "請假"}
    answer = (fresh(client) if is_fresh else client).post(reverse("people:grant"), form | sent)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(("is_fresh", "status"), [(True, 404), (False, 403)])
def test_people_of_other_schools_are_answered_like_people_who_do_not_exist(is_fresh, status):
    administrator = PersonFactory(roles=[Role.ADMINISTRATOR])
    there, student_there = PersonFactory(roles=[Role.TEACHER]), StudentFactory()

    answers = [
        asked(administrator, is_fresh=is_fresh, person_id=pk) for pk in (there.pk, student_there.pk, NOBODY)
    ]

    assert answers[0][0] == status
    assert answers == answers[:1] * 3


def test_whoever_gives_no_roles_learns_no_student_number_and_no_colleague():
    homeroom = PersonFactory(roles=[Role.HOMEROOM])
    group = ClassGroupFactory(school=homeroom.school, homeroom_teacher=homeroom)
    student, colleague = (
        StudentFactory(school=homeroom.school, profile__class_group=group),
        PersonFactory(school=homeroom.school, roles=[Role.TEACHER]),
    )

    answers = [
        asked(homeroom, is_fresh=True, person_id=pk, scope="students", students=number)
        for pk in (colleague.pk, NOBODY)
        for number in (student.account, "nobody")
    ]

    assert answers[0][0] == 403
    assert answers == answers[:1] * 4
