from dataclasses import replace
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest

from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Limits, Place, limits
from licheng.school.governance.queries import require_open_for
from licheng.school.outcomes.models import Outcome
from licheng.school.people.actors import school_of
from licheng.school.selection import permissions
from licheng.school.selection.models import SelectionTally
from licheng.school.selection.queries import NOT_SELECTED


def place_of(actor: Actor, item: Outcome | Activity) -> Place:
    """Where windows and limits are asked for: the actor's school, in the year the item was uploaded.

    Source: domain reference §4.4 (a school year's quota counts what was uploaded in that year).
    """
    return replace(school_of(actor).place, school_year=item.school_year)


def locked_item[Item: (Outcome, Activity)](
    actor: Actor, kind: type[Item], item_id: UUID
) -> tuple[Item, SelectionTally, Limits]:
    """The student's own item with the tally of its year, both locked, the tally first, and the limits.

    Raises NotFound (out of sight), NotAllowed (somebody else's) or WindowClosed.
    """
    rows = kind._default_manager  # noqa: SLF001 -- Django's documented name
    sight = found(rows.all(), actor, permissions.SEE, item_id)
    require(actor, permissions.SELECT, sight)
    place = place_of(actor, sight)
    require_open_for(place, WindowKind.SELECT, sight.student_id)
    allowed = limits(place)
    tally = locked_tally(sight, allowed)
    item = rows.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFound
    return item, tally, allowed


def locked_tally(item: Outcome | Activity, allowed: Limits) -> SelectionTally:
    """The tally of the item's student and year, locked; made from a count where there is none yet."""
    key = {"school_id": item.school_id, "student_id": item.student_id, "school_year": item.school_year}
    if not SelectionTally.objects.filter(**key).exists():
        outcomes, activities = selected_outcomes(item).count(), selected_activities(item).count()
        counted = {
            "outcomes": outcomes,
            "activities": activities,
            "outcomes_quota": max(allowed.outcomes_selected_per_year, outcomes),
            "activities_quota": max(allowed.activities_selected_per_year, activities),
        }
        SelectionTally.objects.get_or_create(**key, defaults=counted)
    return SelectionTally.objects.select_for_update().get(**key)


def selected_outcomes(item: Outcome | Activity) -> QuerySet[Outcome]:
    """The student's outcomes of the item's year that stand selected or are further on their way."""
    rows = Outcome.objects.filter(student_id=item.student_id, school_year=item.school_year)
    return rows.exclude(state__in=NOT_SELECTED)


def selected_activities(item: Outcome | Activity) -> QuerySet[Activity]:
    """The student's activity records of the item's year that stand selected or are further on their way."""
    rows = Activity.objects.filter(student_id=item.student_id, school_year=item.school_year)
    return rows.exclude(state=ActivityState.DRAFT)


def step_tally(tally: SelectionTally, kind: str, by: int, limit: int) -> None:
    """Count one more or one less of a kind, under the limit of today.

    The database adds, so its own constraint refuses one too many even where the lock was forgotten.
    A limit that was lowered below what is selected already takes nothing away.
    """
    counted = Greatest(F(kind) + by, 0)
    quota = Value(limit) if by > 0 else Greatest(counted, limit)
    SelectionTally.objects.filter(pk=tally.pk).update(**{kind: counted, f"{kind}_quota": quota})
    tally.refresh_from_db()
