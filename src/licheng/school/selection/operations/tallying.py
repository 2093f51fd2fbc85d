from dataclasses import replace
from uuid import UUID

from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Limits, Place, limits, require_open
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
    require_open(place, WindowKind.SELECT)
    allowed = limits(place)
    tally = locked_tally(sight, allowed)
    item = rows.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFound
    return item, tally, allowed


def locked_tally(item: Outcome | Activity, allowed: Limits) -> SelectionTally:
    """The tally of the item's student and year, made if missing, locked until the transaction ends."""
    key = {"school_id": item.school_id, "student_id": item.student_id, "school_year": item.school_year}
    SelectionTally.objects.get_or_create(
        **key,
        defaults={
            "outcomes_quota": allowed.outcomes_selected_per_year,
            "activities_quota": allowed.activities_selected_per_year,
        },
    )
    return SelectionTally.objects.select_for_update().get(**key)


def count_again(tally: SelectionTally, allowed: Limits) -> None:
    """Write down how many items stand selected now and how many may.

    A limit that was lowered below what is selected already takes nothing away; it only lets nothing more in.
    """
    key = {"student_id": tally.student_id, "school_year": tally.school_year}
    tally.outcomes = Outcome.objects.filter(**key).exclude(state__in=NOT_SELECTED).count()
    tally.activities = Activity.objects.filter(**key).exclude(state=ActivityState.DRAFT).count()
    tally.outcomes_quota = max(allowed.outcomes_selected_per_year, tally.outcomes)
    tally.activities_quota = max(allowed.activities_selected_per_year, tally.activities)
    tally.save(update_fields=["outcomes", "activities", "outcomes_quota", "activities_quota"])
