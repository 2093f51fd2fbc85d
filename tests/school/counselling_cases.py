"""Counsellors, students they reach, and consultations in any state."""

from datetime import time

from django.test import Client
from django.utils import timezone

from licheng.school.counselling.entries import Entry
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Role
from tests.factories import SEMESTER, YEAR, ClassGroupFactory, PersonFactory, SchoolFactory, StudentFactory


def school_with_counsellor(students=2):
    """A counsellor of the whole school, and a class."""
    counsellor = PersonFactory(school=SchoolFactory(), roles=[Role.COUNSELLOR], name="方諮師")
    return counsellor, class_of(counsellor.school, students)


def class_of(school, students=2, **group):
    """Students of one new class."""
    made = ClassGroupFactory(school=school, **group)
    return [StudentFactory(school=school, profile__class_group=made) for _one in range(students)]


def entry(*students, **more):
    """What a counsellor fills in for these students."""
    values = {
        "held_on": timezone.localdate(),
        "starts_at": time(12, 30),
        "place": "諮詢室",
        "manner": Manner.INDIVIDUAL if len(students) == 1 else Manner.GROUP,
        "topic": "選課與升學",
        "content": "談了探究與實作的選課。",
        "note": "",
        "student_ids": frozenset(student.pk for student in students),
    }
    return Entry(**(values | more))


def consultation(counsellor, *students, state=S.HELD, **more):
    """A row in this state."""
    asked = entry(*students, **more)
    names = ("held_on", "starts_at", "place", "manner", "topic", "content", "note")
    row = Consultation.objects.create(
        school=counsellor.school, counsellor=counsellor, school_year=YEAR, semester=SEMESTER, state=state,
        **{name: getattr(asked, name) for name in names},
    )  # fmt: skip
    row.students.set(students)
    return row


def posted(*students, **more):
    """The same as a form sends it."""
    asked = entry(*students)
    values = {
        name: str(getattr(asked, name)) for name in ("held_on", "place", "manner", "topic", "content", "note")
    }
    return values | {"starts_at": "12:30", "students": [str(student.pk) for student in students]} | more


def as_(person):
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(person.user)
    return client
