"""From a session to an actor: who is asking, at which school, in which roles."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations import fence
from licheng.foundations.accounts.factors import freshness
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import Authority, Person, Role, School

OWN_COLUMNS = 7  # of WHO, before those of school and authority


class SchoolRequest(PersonRequest):
    """A request of somebody at a school; `school` comes with its authority.

    `staff_session_ends`: when the staff session ends by itself in which the actor is.
    """

    school: School
    staff_session_ends: datetime | None


# Asked by every request of a page, so it is written once and not put together anew each time.
WHO = """
    SELECT person.id, person.school_id, person.name, person.is_student, person.is_guardian,
        ARRAY(
            SELECT held.role FROM people_rolegrant held
            WHERE held.person_id = person.id AND held.since <= %(today)s
                AND (held.until IS NULL OR held.until >= %(today)s)
                AND (held.scope = 'school' OR held.role = 'homeroom')
        ),
        (
            SELECT ARRAY[opened.id, ceil(extract(epoch FROM opened.expires_at))::bigint]
            FROM people_staffsession opened
            WHERE opened.person_id = person.id AND opened.closed_at IS NULL AND opened.expires_at > %(now)s
            ORDER BY opened.opened_at DESC LIMIT 1
        ),
        {columns}
    FROM people_person person
        JOIN people_school school ON school.id = person.school_id
        JOIN people_authority authority ON authority.id = school.authority_id
    WHERE """


def actor_for(person: Person) -> Actor:
    """The person as an actor, with the roles held today at the whole school, and her open staff session.

    Roles in a class or for some students are asked for by rules (`relations`); of these only that somebody is
    a class's deputy homeroom teacher is told, so that her pages are offered to her.
    """
    found = _who("person.id = %(key)s", person.pk)
    if found is None:
        raise Person.DoesNotExist
    return found[0]


def _who(condition: str, key: int) -> tuple[Actor, School, datetime | None] | None:
    """The person with her roles of today, the school with its authority, and when a staff session ends."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_statement(condition), {"key": key, "today": timezone.localdate(now), "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    ours, above = _columns(School), _columns(Authority)
    school = School.from_db("default", ours, row[OWN_COLUMNS : OWN_COLUMNS + len(ours)])
    school.authority = Authority.from_db("default", above, row[OWN_COLUMNS + len(ours) :])
    actor = _actor(*row[:OWN_COLUMNS])
    is_inside = actor.staff_session_id is not None
    return actor, school, datetime.fromtimestamp(row[OWN_COLUMNS - 1][1], UTC) if is_inside else None


@cache
def _statement(condition: str) -> str:
    columns = [f"school.{name}" for name in _columns(School)]
    columns += [f"authority.{name}" for name in _columns(Authority)]
    return WHO.format(columns=", ".join(columns)) + condition


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 -- Django's documented name


def _actor(  # noqa: PLR0917 -- the columns of WHO
    person_id: int,
    school_id: int,
    name: str,
    is_student: bool,  # noqa: FBT001 -- as above
    is_guardian: bool,  # noqa: FBT001 -- as above
    held: list[str],
    inside: list[int] | None,  # the open staff session: its key, and when it ends in seconds since 1970
) -> Actor:
    by_kind = {Role.STUDENT} if is_student else {Role.GUARDIAN} if is_guardian else None
    roles: frozenset[str] = frozenset(by_kind or held)
    return Actor(
        person_id,
        school_id,
        f"person:{person_id}",
        roles,
        name,
        needs_factor=not is_student and not is_guardian,
        staff_session_id=inside[0] if inside and Role.ADMINISTRATOR in roles else None,
    )


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
    found = _who("person.user_id = %(key)s AND person.left_on IS NULL", request.user.pk)
    if found is None:
        return None
    actor, request.school, request.staff_session_ends = found  # type: ignore[attr-defined]
    return replace(actor, is_fresh=freshness(request))


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
