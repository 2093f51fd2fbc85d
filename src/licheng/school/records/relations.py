"""Who stands in which relation to a course today; the rules of other apps put these queries together."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.statements import Later, prepared_keys
from licheng.school.people.relations import valid_on
from licheng.school.records.models import CourseDeputy, Offering


def certifies(actor: Actor, offering: str) -> Q:
    """Courses that the actor teaches now, or in which she deputises a teacher today.

    `offering` is the lookup from the rule's row to the offering: `""` for an offering itself.
    """
    return Q(**{f"{offering}pk__in": _certified(person=actor.person_id, today=timezone.localdate())})


def taught_now(actor: Actor, offering: str) -> Q:
    """Courses whose teacher the actor is now, without deputies."""
    return Q(**{f"{offering}pk__in": _taught(person=actor.person_id)})


def taught_or_shared(actor: Actor, offering: str) -> Q:
    """Courses whose teacher or co-teacher 協同教師 the actor is now."""
    return Q(**{f"{offering}pk__in": _taught_or_shared(person=actor.person_id)})


def _taught_by(person: Later) -> QuerySet[Any, Any]:
    return Offering.teachers.through.objects.filter(person=person).values("offering")


_taught = prepared_keys(_taught_by)


# One list and no "or": PostgreSQL then begins with these few courses, not with every row of the school.
@prepared_keys
def _certified(person: Later, today: Later) -> QuerySet[Any, Any]:
    deputised = CourseDeputy.objects.filter(valid_on(today), deputy=person).values("offering")
    return _taught_by(person).union(deputised, all=True)


@prepared_keys
def _taught_or_shared(person: Later) -> QuerySet[Any, Any]:
    shared = Offering.co_teachers.through.objects.filter(person=person).values("offering")
    return _taught_by(person).union(shared, all=True)


def certifying(offering: str) -> Callable[[Actor], Q]:
    """`certifies` as the scope of a rule."""

    def scope(actor: Actor) -> Q:
        return certifies(actor, offering)

    return scope
