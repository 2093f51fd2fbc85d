from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from licheng.courseplans.offices.models import Duty, Officer, PlanSchool
from licheng.courseplans.offices.permissions import SEE_DIRECTORY, SEE_SCHOOL
from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotFound

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of the schools that were looked for, and the officers found by the same words."""

    page: Page[Any]
    words: str
    officers: tuple[Officer, ...]
    officer_count: int


def directory(actor: Actor, *, words: str = "", page: str = "1") -> Directory:
    """Schools and officers by code, name or account; for operators.

    Raises NotFound for everybody else.
    """
    if not actor.roles & {Duty.OPERATOR}:
        raise NotFound
    words = words.strip()[:60]
    rows = seen(PlanSchool.objects.all(), actor, SEE_DIRECTORY)
    people = seen(Officer.objects.all(), actor, SEE_DIRECTORY)
    if words:
        rows = rows.filter(Q(code__startswith=words.upper()) | Q(name__contains=words) | Q(county=words))
        people = people.filter(
            Q(user__login__startswith=words) | Q(name__contains=words) | Q(plan_school__code=words.upper())
        )
    schools = rows.select_related("authority").annotate(
        serving=Count("officers", filter=Q(officers__ended_on=None))
    )
    officers = people.select_related("user", "plan_school", "authority").order_by("ended_on", "name", "pk")
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


def school_of(actor: Actor) -> PlanSchool:
    """The school that an editor or reviewer works for. Raises NotFound for everybody else."""
    own = PlanSchool.objects.filter(officers=actor.person_id).values("pk").first()
    return found(
        PlanSchool.objects.select_related("authority"), actor, SEE_SCHOOL, own["pk"] if own else None
    )
