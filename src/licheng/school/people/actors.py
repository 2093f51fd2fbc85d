"""From a session to an actor: who is asking, at which school, in which roles."""

from dataclasses import replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations import fence
from licheng.foundations.accounts.factors import freshness
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import GrantScope, Person, Role, RoleGrant, School, StaffSession
from licheng.school.people.relations import valid_today


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; `school` comes with its authority."""

    school: School


def actor_for(person: Person) -> Actor:
    """The person as an actor, with the roles held today at the whole school, and her open staff session.

    Roles in a class or for some students are asked for by rules (`relations`); of these only that somebody is
    a class's deputy homeroom teacher is told, so that her pages are offered to her.
    """
    return _actor(_with_roles(Person.objects.all()).get(pk=person.pk))


def _with_roles(rows: QuerySet[Person]) -> QuerySet[Person]:
    """People with the roles they hold today and their open staff session, in the same statement."""
    held = RoleGrant.objects.filter(valid_today(), person=OuterRef("pk"))
    at_school = held.filter(Q(scope=GrantScope.SCHOOL) | Q(role=Role.HOMEROOM))
    inside = _open_sessions().filter(person=OuterRef("pk")).order_by("-opened_at")
    return rows.annotate(
        held_roles=ArraySubquery(at_school.values("role")), inside_id=Subquery(inside.values("pk")[:1])
    )


def _actor(person: Any) -> Actor:
    roles = _roles_of(person)
    return Actor(
        person.pk,
        person.school_id,
        f"person:{person.pk}",
        roles,
        person.name,
        needs_factor=not person.is_student and not person.is_guardian,
        staff_session_id=person.inside_id if Role.ADMINISTRATOR in roles else None,
    )


def _roles_of(person: Any) -> frozenset[str]:
    if person.is_student:
        return frozenset({Role.STUDENT})
    if person.is_guardian:
        return frozenset({Role.GUARDIAN})
    return frozenset(person.held_roles)


def _open_sessions() -> QuerySet[StaffSession]:
    return StaffSession.objects.filter(closed_at=None, expires_at__gt=timezone.now())


def enter_school(request: HttpRequest) -> None:
    """Stand at the school that the signed-in account belongs to, or nowhere, before any other statement.

    The school is known by the account's name before its person can be read. Machines enter by their token.
    """
    if request.path.startswith("/api/") or not request.user.is_authenticated:
        fence.leave()
        return
    fence.enter_by_code(request.user.get_username().partition(":")[0])


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person as an actor, or None; people who left the school are nobody."""
    if not request.user.is_authenticated:
        return None
    rows = Person.objects.filter(user_id=request.user.pk, left_on=None)
    person = _with_roles(rows.select_related("school__authority")).first()
    if person is None:
        return None
    request.school = person.school  # type: ignore[attr-defined]
    return replace(_actor(person), is_fresh=freshness(request))


def may_enter(user: User) -> bool:
    """Whether the account's person is still at the school; asked before anybody is known."""
    code = user.get_username().partition(":")[0]
    school_id = School.objects.filter(code=code).values_list("pk", flat=True).first()
    if school_id is None:
        return False
    with fence.inside(school_id):
        return Person.objects.filter(user_id=user.pk, school_id=school_id, left_on=None).exists()


def school_of(actor: Actor) -> School:
    """The actor's school with its authority. Raises NotFound for actors of no school."""
    if actor.school_id is None:
        raise NotFound
    return School.objects.select_related("authority").get(pk=actor.school_id)
