from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from licheng.foundations import fence
from licheng.foundations.authz import Actor, require_system
from licheng.school.frontdesk.models import Usage
from licheng.school.outcomes.models import STANDS_CERTIFIED, Outcome
from licheng.school.people.models import Person, School
from licheng.school.selection.queries import NOT_SELECTED

STUDENTS, ITEMS = ("enrolled", "signed_in"), ("uploaded", "certified", "selected")
FIGURES = ("school_year", "semester", *STUDENTS, *ITEMS, "counted_at")
ALREADY_IN = Q(user__last_login__isnull=False)


def count_usage(*, actor: Actor) -> int:
    """Count what every school did in its semester, in four statements however many schools; how many schools.

    Raises NotAllowed for people.
    """
    require_system(actor)
    with fence.everywhere(), transaction.atomic():
        people, outcomes, now = _people(), _outcomes(), timezone.now()
        rows = [
            Usage(
                school=school,
                school_year=school.active_year,
                semester=school.active_semester,
                counted_at=now,
                **{name: people.get(school.pk, {}).get(name, 0) for name in STUDENTS},
                **{name: outcomes.get(school.pk, {}).get(name, 0) for name in ITEMS},
            )
            for school in School.objects.all()
        ]
        Usage.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["school"], update_fields=FIGURES
        )
    return len(rows)


def _people() -> dict[int, Mapping[str, Any]]:
    return _by_school(
        Person.objects.filter(is_student=True, left_on=None)
        .order_by()
        .values("school")
        .annotate(enrolled=Count("pk"), signed_in=Count("pk", filter=ALREADY_IN))
    )


def _outcomes() -> dict[int, Mapping[str, Any]]:
    return _by_school(
        Outcome.objects.filter(school_year=F("school__active_year"), semester=F("school__active_semester"))
        .order_by()
        .values("school")
        .annotate(
            uploaded=Count("pk"),
            certified=Count("pk", filter=Q(state__in=STANDS_CERTIFIED)),
            selected=Count("pk", filter=~Q(state__in=NOT_SELECTED)),
        )
    )


def _by_school(rows: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {row["school"]: row for row in rows}
