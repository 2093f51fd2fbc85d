"""From a session to an actor: who is asking, at which school, in which roles."""

from dataclasses import replace

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations import fence
from licheng.foundations.accounts.factors import freshness
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import GrantScope, Person, Role, School, StaffSession
from licheng.school.people.relations import valid_today


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; `school` comes with its authority."""

    school: School


def actor_for(person: Person) -> Actor:
    """The person as an actor, with the roles held today at the whole school, and her open staff session.

    Roles in a class or for some students are asked for by rules (`relations`); of these only that somebody is
    a class's deputy homeroom teacher is told, so that her pages are offered to her.
    """
    roles = _roles_of(person)
    inside = open_session(person.pk) if Role.ADMINISTRATOR in roles else None
    is_staff = not person.is_student and not person.is_guardian
    label = f"person:{person.pk}"
    return Actor(
        person.pk,
        person.school_id,
        label,
        roles,
        person.name,
        needs_factor=is_staff,
        staff_session_id=inside.pk if inside else None,
    )


def _roles_of(person: Person) -> frozenset[str]:
    if person.is_student:
        return frozenset({Role.STUDENT})
    if person.is_guardian:
        return frozenset({Role.GUARDIAN})
    held = person.roles.filter(valid_today()).filter(Q(scope=GrantScope.SCHOOL) | Q(role=Role.HOMEROOM))
    return frozenset(held.values_list("role", flat=True))


def open_session(person_id: int) -> StaffSession | None:
    """The person's staff session that is neither closed nor over."""
    now = timezone.now()
    rows = StaffSession.objects.filter(person=person_id, closed_at=None, expires_at__gt=now)
    return rows.order_by("-opened_at").first()


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
    person = (
        Person.objects.filter(user_id=request.user.pk, left_on=None)
        .select_related("school__authority")
        .first()
    )
    if person is None:
        return None
    request.school = person.school  # type: ignore[attr-defined]
    return replace(actor_for(person), is_fresh=freshness(request))


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
