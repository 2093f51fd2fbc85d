"""Who stands in which relation to a course today; the rules of other apps put these queries together."""

from collections.abc import Callable

from django.db.models import Q

from licheng.foundations.authz import Actor
from licheng.school.people.relations import valid_today
from licheng.school.records.models import CourseDeputy, Offering


def certifies(actor: Actor, offering: str) -> Q:
    """Courses that the actor teaches now, or in which she deputises a teacher today.

    `offering` is the lookup from the rule's row to the offering: `""` for an offering itself.
    """
    deputised = CourseDeputy.objects.filter(valid_today(), deputy=actor.person_id).values("offering")
    return taught_now(actor, offering) | Q(**{f"{offering}pk__in": deputised})


def taught_now(actor: Actor, offering: str) -> Q:
    """Courses whose teacher the actor is now, without deputies."""
    return Q(**{f"{offering}pk__in": Offering.objects.filter(teachers=actor.person_id).values("pk")})


def taught_or_shared(actor: Actor, offering: str) -> Q:
    """Courses whose teacher or co-teacher 協同教師 the actor is now."""
    mine = Offering.objects.filter(Q(teachers=actor.person_id) | Q(co_teachers=actor.person_id))
    return Q(**{f"{offering}pk__in": mine.values("pk")})


def certifying(offering: str) -> Callable[[Actor], Q]:
    """`certifies` as the scope of a rule."""

    def scope(actor: Actor) -> Q:
        return certifies(actor, offering)

    return scope
