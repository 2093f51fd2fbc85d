"""Who stands in which relation to a student today: the queries that rules of all apps put together.

`student` is the lookup from the rule's row to the student's Person: `""` for a person, `"student__"` for rows
with a key called `student`, `"person__"` for `people.Student`. Nothing is remembered from one request to the
next: a deputy whose last day was yesterday is nobody today, without any job having run. Relations are
subqueries, so that a row reached by two of them is still one row.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.statements import Asked, Later, prepared_keys
from licheng.school.people.models import ClassGroup, GrantScope, GuardianLink, Role, RoleGrant, Student

NOBODY = Q(pk__in=())


def valid_today() -> Q:
    """Rows with `since` and `until` that hold today; both days belong to them."""
    return valid_on(timezone.localdate())


def valid_on(day: date | Later) -> Q:
    """The same for another day."""
    return Q(since__lte=day) & _lasting_on(day)


def lasting() -> Q:
    """Rows with `since` and `until` that are not over: they hold today, or will."""
    return _lasting_on(timezone.localdate())


def _lasting_on(day: date | Later) -> Q:
    return Q(until=None) | Q(until__gte=day)


def held_today(actor: Actor, role: str) -> QuerySet[RoleGrant]:
    """The actor's grants of this role that hold today, of every scope; students and guardians hold none."""
    return _held(actor.person_id, role, timezone.localdate())


def _held(person: int | Later | None, role: str | Later, day: date | Later) -> QuerySet[RoleGrant]:
    holder = {"person": person, "person__is_student": False, "person__is_guardian": False}
    return RoleGrant.objects.filter(valid_on(day), role=role, **holder)


def oneself(actor: Actor, student: str) -> Q:
    """The student herself."""
    return Q(**{f"{student}pk": actor.person_id})


def students_oneself(actor: Actor) -> Q:
    """The person who asks, if she is a student."""
    return Q(is_student=True) & oneself(actor, "")


def homeroom_of(actor: Actor, student: str) -> Q:
    """Students of the class whose homeroom teacher the actor is now, or is the deputy of today.

    Who has left is no student of a class any more, though her last class keeps its teacher for good.
    """
    return Q(**{f"{student}pk__in": _homeroom_students(person=actor.person_id, today=timezone.localdate())})


def homeroom_classes(actor: Actor) -> Asked:
    """Keys of the classes whose homeroom teacher the actor is now, or is the deputy of today."""
    return _homerooms(person=actor.person_id, today=timezone.localdate())


def classes_granted(actor: Actor, role: str) -> Asked:
    """Keys of the classes for which the actor holds this role today."""
    return _classes_granted(person=actor.person_id, role=role, today=timezone.localdate())


def granted(actor: Actor, role: str, student: str) -> Q:
    """Students for whom the actor holds this role today: by name, or as a whole class."""
    named = _students_granted(person=actor.person_id, role=role, today=timezone.localdate())
    in_classes = Q(**{f"{student}student__class_group__in": classes_granted(actor, role)})
    return Q(**{f"{student}pk__in": named}) | in_classes


def guarded_by(actor: Actor, student: str) -> Q:
    """Wards of the guardian who asks, as long as nobody ended the link and the student is at the school.

    Who has left can neither end a link nor read who looked.
    """
    return Q(**{f"{student}pk__in": _wards(guardian=actor.person_id)})


def in_staff_session(actor: Actor) -> Q:
    """Every row of the school, for an administrator inside an open staff session."""
    is_inside = Role.ADMINISTRATOR in actor.roles and actor.staff_session_id is not None
    return Q() if is_inside else NOBODY


def of(relation: Callable[[Actor, str], Q], student: str) -> Callable[[Actor], Q]:
    """The relation as the scope of a rule whose rows lead to their student by this lookup."""

    def scope(actor: Actor) -> Q:
        return relation(actor, student)

    return scope


def granted_to(role: str, student: str) -> Callable[[Actor], Q]:
    """`granted` as the scope of a rule."""

    def scope(actor: Actor) -> Q:
        return granted(actor, role, student)

    return scope


def _classes_looked_after(person: Later, today: Later) -> QuerySet[Any, Any]:
    own = ClassGroup.objects.filter(homeroom_teacher=person).values("pk")
    return own.union(_of_classes(person, Role.HOMEROOM, today), all=True)


_homerooms = prepared_keys(_classes_looked_after)


@prepared_keys
def _homeroom_students(person: Later, today: Later) -> QuerySet[Any, Any]:
    here = Student.objects.filter(person__left_on=None)
    return here.filter(class_group__in=_classes_looked_after(person, today)).values("pk")


def _of_classes(person: Later, role: str | Later, today: Later) -> QuerySet[Any, Any]:
    return _held(person, role, today).filter(scope=GrantScope.CLASS).values("class_group")


_classes_granted = prepared_keys(_of_classes)


@prepared_keys
def _students_granted(person: Later, role: Later, today: Later) -> QuerySet[Any, Any]:
    named = _held(person, role, today).filter(scope=GrantScope.STUDENTS, students__isnull=False)
    return named.values("students")


@prepared_keys
def _wards(guardian: Later) -> QuerySet[Any, Any]:
    links = GuardianLink.objects.filter(guardian=guardian, ended_at=None, student__left_on=None)
    return links.values("student")
