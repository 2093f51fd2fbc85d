"""From a session to an actor: who is asking, at which school, in which roles."""

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import Person, Role, School


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; `school` comes with its authority."""

    school: School


def actor_for(person: Person) -> Actor:
    """The person as an actor, with the roles held today; courses and classes are asked for by rules."""
    today = timezone.localdate()
    held = person.roles.filter(Q(until=None) | Q(until__gte=today)).values_list("role", flat=True)
    roles = frozenset(held) | ({Role.STUDENT} if person.is_student else frozenset())
    return Actor(person.pk, person.school_id, f"person:{person.pk}", roles, person.name)


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
    return actor_for(person)


def school_of(actor: Actor) -> School:
    """The actor's school with its authority. Raises NotFound for actors of no school."""
    if actor.school_id is None:
        raise NotFound
    return School.objects.select_related("authority").get(pk=actor.school_id)
