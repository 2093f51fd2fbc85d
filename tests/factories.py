"""Rows for tests: the same school by construction, no random data, no side effects."""

from dataclasses import replace
from datetime import date, timedelta

import factory
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations.accounts import factors
from licheng.foundations.accounts.models import User
from licheng.foundations.privacy import blind_index, seal
from licheng.school.calendar.models import Level, Window, WindowKind
from licheng.school.people.actors import actor_for
from licheng.school.people.models import (
    Authority,
    ClassGroup,
    Person,
    Role,
    RoleGrant,
    School,
    Student,
    id_number_place,
)
from licheng.school.records.models import Course, Enrolment, Offering

YEAR, SEMESTER = 115, 1


class AuthorityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Authority
        django_get_or_create = ("code",)

    code = "k12ea"
    name = "教育部國民及學前教育署"


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = School

    code = factory.Sequence(lambda n: f"{n:05d}A")
    name = factory.Sequence(lambda n: f"第{n}高中")
    kind = "H"
    authority = factory.SubFactory(AuthorityFactory)
    active_year = YEAR
    active_semester = SEMESTER


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    login = factory.Sequence(lambda n: f"user{n}")


class PersonFactory(factory.django.DjangoModelFactory):
    """A member of staff; `roles` is a list of Role."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    school = factory.SubFactory(SchoolFactory)
    user = factory.SubFactory(
        UserFactory,
        login=factory.LazyAttribute(lambda u: f"{u.factory_parent.school.code}:{u.factory_parent.account}"),
    )
    account = factory.Sequence(lambda n: f"t{n:04d}")
    name = factory.Sequence(lambda n: f"教師{n}")
    is_student = False

    @factory.post_generation
    def roles(self, create, extracted, **_kwargs):
        for role in extracted or ():
            RoleGrant.objects.create(school=self.school, person=self, role=role)


class ClassGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ClassGroup

    school = factory.SubFactory(SchoolFactory)
    school_year = YEAR
    grade = 1
    name = factory.Sequence(lambda n: f"{n}班")


class StudentFactory(PersonFactory):
    """A student with her class; gives the Person."""

    account = factory.Sequence(lambda n: f"115{n:04d}")
    name = factory.Sequence(lambda n: f"學生{n}")
    is_student = True

    @factory.post_generation
    def profile(self, create, extracted, **kwargs):
        serial = f"A{100000000 + self.pk}"
        Student.objects.create(
            person=self,
            school=self.school,
            class_group=kwargs.get("class_group") or ClassGroupFactory(school=self.school),
            id_number_sealed=seal(serial, place=id_number_place(self.school_id, self.pk)),
            id_number_index=blind_index(serial),
            birth_date=date(2010, 3, 15),
            gender="2",
            seat_no=self.pk % 50 + 1,
        )


class CourseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Course

    school = factory.SubFactory(SchoolFactory)
    code = factory.LazyAttributeSequence(lambda o, n: f"115{o.school.code}V230050102{n % 100:02d}0B"[:23])
    name = factory.Sequence(lambda n: f"科目{n}")
    credits = "222222"


class OfferingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Offering
        skip_postgeneration_save = True

    school = factory.SubFactory(SchoolFactory)
    course = factory.SubFactory(CourseFactory, school=factory.SelfAttribute("..school"))
    school_year = YEAR
    semester = SEMESTER
    section = "甲"

    @factory.post_generation
    def teachers(self, create, extracted, **_kwargs):
        for teacher in extracted or [PersonFactory(school=self.school, roles=[Role.TEACHER])]:
            self.teachers.add(teacher)


class EnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Enrolment

    school = factory.SubFactory(SchoolFactory)
    offering = factory.SubFactory(OfferingFactory, school=factory.SelfAttribute("..school"))
    student = factory.SubFactory(StudentFactory, school=factory.SelfAttribute("..school"))
    grade = 1
    credits = 2


def open_windows(*kinds, closed=False):
    """Open (or just closed) national windows of the sample semester, of all kinds unless named."""
    now = timezone.now()
    shift = timedelta(days=-60) if closed else timedelta()
    opens_at, closes_at = now - timedelta(days=30) + shift, now + timedelta(days=14) + shift
    Window.objects.bulk_create(
        [
            Window(
                level=Level.MINISTRY,
                school_year=YEAR,
                semester=SEMESTER,
                kind=kind,
                opens_at=opens_at,
                closes_at=closes_at,
            )
            for kind in kinds or WindowKind.values
        ],
        update_conflicts=True,
        unique_fields=["level", "code", "school_year", "semester", "kind"],
        update_fields=["opens_at", "closes_at"],
    )


def actor(person):
    """The person as an actor."""
    return actor_for(person)


def fresh_actor(person):
    """The person as an actor who has just shown identity again."""
    return replace(actor_for(person), is_fresh=True)


def fresh(client):
    """The client, whose signed-in person has just shown a second factor again."""
    request = HttpRequest()
    request.session = client.session
    user = User.objects.get(pk=request.session[SESSION_KEY])
    factors.record_proof(request, user, factors.FACTOR_METHOD)
    request.session.save()
    return client
