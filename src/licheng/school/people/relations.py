"""Who stands in which relation to a student today: the queries that rules of all apps put together.

`student` is the lookup from the rule's row to the student's Person: `""` for a person, `"student__"` for rows
with a key called `student`, `"person__"` for `people.Student`. Nothing is remembered from one request to the
next: a deputy whose last day was yesterday is nobody today, without any job having run. Relations are
subqueries, so that a row reached by two of them is still one row.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.people.models import ClassGroup, GrantScope, GuardianLink, Role, RoleGrant

NOBODY = Q(pk__in=())


def valid_today() -> Q:
    """Rows with `since` and `until` that hold today; both days belong to them."""
    today = timezone.localdate()
    return Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))


def held_today(actor: Actor, role: str) -> QuerySet[RoleGrant]:
    """The actor's grants of this role that hold today, of every scope; students and guardians hold none."""
    holder = {"person": actor.person_id, "person__is_student": False, "person__is_guardian": False}
    return RoleGrant.objects.filter(valid_today(), role=role, **holder)


def oneself(actor: Actor, student: str) -> Q:
    """The student herself."""
    return Q(**{f"{student}pk": actor.person_id})


def homeroom_of(actor: Actor, student: str) -> Q:
    """Students of the class whose homeroom teacher the actor is now, or is the deputy of today."""
    own = ClassGroup.objects.filter(homeroom_teacher=actor.person_id).values("pk")
    return Q(**{f"{student}student__class_group__in": own}) | _in_classes(actor, Role.HOMEROOM, student)


def granted(actor: Actor, role: str, student: str) -> Q:
    """Students for whom the actor holds this role today: by name, or as a whole class."""
    named = held_today(actor, role).filter(scope=GrantScope.STUDENTS, students__isnull=False)
    by_name = Q(**{f"{student}pk__in": named.values("students")})
    return by_name | _in_classes(actor, role, student)


def guarded_by(actor: Actor, student: str) -> Q:
    """Wards of the guardian who asks, as long as nobody ended the link."""
    links = GuardianLink.objects.filter(guardian=actor.person_id, ended_at=None)
    return Q(**{f"{student}pk__in": links.values("student")})


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


def _in_classes(actor: Actor, role: str, student: str) -> Q:
    grants = held_today(actor, role).filter(scope=GrantScope.CLASS)
    return Q(**{f"{student}student__class_group__in": grants.values("class_group")})
