from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.school.activities import states
from licheng.school.activities.models import Activity
from licheng.school.activities.operations import move_activity
from licheng.school.activities.queries import missing_from, title_of
from licheng.school.calendar.errors import QuotaFull
from licheng.school.calendar.queries import Limits
from licheng.school.selection.errors import ActivityIncomplete
from licheng.school.selection.models import SelectionTally
from licheng.school.selection.operations.tallying import locked_item, selected_activities, step_tally


@transaction.atomic
def select_activity(*, actor: Actor, activity_id: UUID) -> SelectionTally:
    """Say that this activity record goes to the central archive.

    Raises NotFound, NotAllowed, WindowClosed, WrongState (selected already), ActivityIncomplete naming what
    is missing, or QuotaFull naming the limit.
    """
    activity, tally, allowed = locked_item(actor, Activity, activity_id)
    states.SELECT.apply(activity.state)
    missing = missing_from(activity)
    if missing:
        raise ActivityIncomplete(title=title_of(activity), missing=_("、").join(missing))
    _require_room(activity, tally, allowed)
    move_activity(actor=actor, activity_id=activity.pk, move=states.SELECT)
    step_tally(tally, "activities", 1, allowed.activities_selected_per_year)
    record(actor=actor, action="activity.selected", subject=activity, selected=tally.activities)
    return tally


@transaction.atomic
def unselect_activity(*, actor: Actor, activity_id: UUID) -> SelectionTally:
    """Take a selected record out again.

    Raises NotFound, NotAllowed, WindowClosed or WrongState (not selected, or already being submitted).
    """
    activity, tally, allowed = locked_item(actor, Activity, activity_id)
    move_activity(actor=actor, activity_id=activity.pk, move=states.UNSELECT)
    step_tally(tally, "activities", -1, allowed.activities_selected_per_year)
    record(actor=actor, action="activity.unselected", subject=activity, selected=tally.activities)
    return tally


def _require_room(activity: Activity, tally: SelectionTally, allowed: Limits) -> None:
    taken = max(tally.activities, selected_activities(activity).count())
    if taken >= allowed.activities_selected_per_year:
        raise QuotaFull(what=_("每學年勾選多元表現"), limit=allowed.activities_selected_per_year)
