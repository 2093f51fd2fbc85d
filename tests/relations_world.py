"""Everybody who stands, or once stood, in some relation to the owner: `related(make_world().here)` adds them to the cast.

Those who no longer stand in it are called `former_…`, those who will `future_…`; no rule lets them in.
"""

from datetime import timedelta

from django.utils import timezone

from licheng.school.people.models import (
    ClassGroup,
    GrantScope,
    GrantSource,
    GuardianLink,
    Role,
    RoleGrant,
    StaffSession,
)
from licheng.school.records.models import CourseDeputy
from tests.factories import ClassGroupFactory, PersonFactory

NOW, PAST, FUTURE = "now", "past", "future"


def days(when):
    """A term that holds today, is over since yesterday, or begins tomorrow."""
    today = timezone.localdate()
    day = timedelta(days=1)
    return {
        NOW: {"since": today, "until": today},
        PAST: {"since": today - 9 * day, "until": today - day},
        FUTURE: {"since": today + day, "until": today + 9 * day},
    }[when]


def grant(person, role, when=NOW, *, group=None, students=()):
    """A role by hand: school-wide, or in a class, or for some students."""
    scope = GrantScope.CLASS if group else GrantScope.STUDENTS if students else GrantScope.SCHOOL
    made = RoleGrant.objects.create(
        school=person.school, person=person, role=role, source=GrantSource.GRANTED, scope=scope,
        class_group=group, reason="代理", granted_by=person, **days(when),
    )  # fmt: skip
    made.students.set(students)
    return made


def deputy(person, offering, when=NOW):
    """Somebody who certifies in a teacher's place."""
    return CourseDeputy.objects.create(
        school=person.school, offering=offering, deputy=person, reason="代理", granted_by=person, **days(when)
    )


def staff_session(person, *, is_over=False):
    """An administrator's session: open, or over since a minute."""
    end = timezone.now() + timedelta(minutes=-1 if is_over else 30)
    return StaffSession.objects.create(school=person.school, person=person, reason="查修", expires_at=end)


def guardian(student, *, is_over=False):
    """A guardian of this student, linked or no longer."""
    person = PersonFactory(school=student.school, is_guardian=True)
    ended_at = timezone.now() if is_over else None
    GuardianLink.objects.create(
        school=student.school, guardian=person, student=student, relation="父母", ended_at=ended_at
    )
    return person


def related(made):
    """Add everybody to the cast of this school, and give it back."""
    cast, school, owner = made.cast, made.school, made.cast["owner"]
    group, offering = owner.student.class_group, made.own["Enrolment"].offering
    cast["guardian"], cast["former_guardian"] = cast["linked_guardian"], guardian(owner, is_over=True)
    for name, when in (("future_homeroom_deputy", FUTURE), ("former_homeroom_deputy", PAST)):
        cast[name] = PersonFactory(school=school, roles=[Role.TEACHER])
        grant(cast[name], Role.HOMEROOM, when, group=group)
    for name, when in (("future_course_deputy", FUTURE), ("former_course_deputy", PAST)):
        cast[name] = PersonFactory(school=school, roles=[Role.TEACHER])
        deputy(cast[name], offering, when)
    _counsellors(made, group, owner)
    _offices(made)
    _changed(made, group, offering, owner)
    return made


def _counsellors(made, group, owner):
    for name, role, when, reach in (
        ("counsellor_of_class", Role.COUNSELLOR, NOW, {"group": group}),
        ("counsellor_of_student", Role.COUNSELLOR, NOW, {"students": [owner.student]}),
        ("former_counsellor", Role.COUNSELLOR, PAST, {"group": group}),
        ("data_query_of_class", Role.DATA_QUERY, NOW, {"group": group}),
    ):
        made.cast[name] = PersonFactory(school=made.school)
        grant(made.cast[name], role, when, **reach)


def _offices(made):
    for name, role, when in (
        ("granted_registrar", Role.REGISTRAR, NOW),
        ("former_registrar", Role.REGISTRAR, PAST),
        ("future_registrar", Role.REGISTRAR, FUTURE),
    ):
        made.cast[name] = PersonFactory(school=made.school)
        grant(made.cast[name], role, when)
    made.cast["administrator_in_session"] = PersonFactory(school=made.school, roles=[Role.ADMINISTRATOR])
    staff_session(made.cast["administrator_in_session"])


def _changed(made, group, offering, owner):
    """The class had another homeroom teacher, the course another teacher, and the owner another class."""
    cast, school = made.cast, made.school
    cast["former_homeroom"] = PersonFactory(school=school, roles=[Role.HOMEROOM])
    ClassGroup.objects.filter(pk=group.pk).update(homeroom_teacher=cast["former_homeroom"])
    ClassGroup.objects.filter(pk=group.pk).update(homeroom_teacher=cast["homeroom"])
    cast["former_teacher"] = PersonFactory(school=school, roles=[Role.TEACHER])
    offering.teachers.add(cast["former_teacher"])
    offering.teachers.remove(cast["former_teacher"])
    cast["former_class_homeroom"] = PersonFactory(school=school, roles=[Role.HOMEROOM])
    before = ClassGroupFactory(school=school, homeroom_teacher=cast["former_class_homeroom"])
    owner.student.class_group = before
    owner.student.save()
    owner.student.class_group = group
    owner.student.save()
