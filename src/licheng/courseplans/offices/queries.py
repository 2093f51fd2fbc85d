from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from licheng.courseplans.offices.models import Duty, Officer, PlanSchool
from licheng.courseplans.offices.permissions import SEE_DIRECTORY
from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotFound
from licheng.foundations.sought import sought

PAGE_ROWS = 50
WORDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of the schools that were looked for, and the officers found by the same words."""

    page: Page[Any]
    words: str
    officers: tuple[Officer, ...]
    officer_count: int


def _serving(path: str = "") -> Q:
    """Officers who have not left; the day of leaving is the first day without a way in."""
    return Q(**{f"{path}ended_on": None}) | Q(**{f"{path}ended_on__gt": timezone.localdate()})


def officers_serving() -> QuerySet[Officer]:
    """Everybody who works here now."""
    return Officer.objects.filter(_serving())


def officers_for(school: PlanSchool, duties: Collection[str]) -> QuerySet[Officer]:
    """Who works in one of these duties for the school, or for the authority it answers to."""
    place = Q(plan_school=school) | Q(authority=school.authority_id)
    return officers_serving().filter(place, duty__in=duties)


def directory(actor: Actor, *, words: str = "", page: str = "1") -> Directory:
    """Schools and officers by code, name or account; for operators.

    Raises NotFound for everybody else.
    """
    if not actor.roles & {Duty.OPERATOR}:
        raise NotFound
    words = sought(words, WORDS_MAX)
    rows = seen(PlanSchool.objects.all(), actor, SEE_DIRECTORY)
    people = seen(Officer.objects.all(), actor, SEE_DIRECTORY)
    if words:
        rows = rows.filter(Q(code__startswith=words.upper()) | Q(name__contains=words) | Q(county=words))
        people = people.filter(
            Q(user__login__startswith=words) | Q(name__contains=words) | Q(plan_school__code=words.upper())
        )
    schools = rows.select_related("authority").annotate(
        serving=Count("officers", filter=_serving("officers__"))
    )
    here_first = F("ended_on").desc(nulls_first=True)
    officers = people.select_related("user", "plan_school", "authority").order_by(here_first, "name", "pk")
    return Directory(
        page=Paginator(schools.order_by("code"), PAGE_ROWS).get_page(page),
        words=words,
        officers=tuple(officers[:PAGE_ROWS]),
        officer_count=people.count(),
    )


def officer_seen(actor: Actor, officer_id: int) -> Officer:
    """One officer, for operators. Raises NotFound."""
    rows = Officer.objects.select_related("user", "plan_school", "authority")
    return found(rows, actor, SEE_DIRECTORY, officer_id)
