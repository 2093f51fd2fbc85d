"""A student's home: what is next, by when, how many, and where every item stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Model
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, Rule
from licheng.foundations.statements import Later, prepared
from licheng.school.activities.categories import CATEGORIES
from licheng.school.activities.models import Activity
from licheng.school.activities.queries import is_complete, title_of, tone_of
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.queries import Limits, limits
from licheng.school.governance.queries import openings_for
from licheng.school.insight import permissions
from licheng.school.insight.queries.deadlines import Deadline, deadlines_of
from licheng.school.insight.queries.left import Entry, Group, groups_of
from licheng.school.insight.queries.next_step import Facts, NextStep, next_step
from licheng.school.outcomes.models import STANDS_CERTIFIED, Outcome
from licheng.school.outcomes.queries import tone_shown
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import School, Student
from licheng.school.receipts.models import ReceiptItem
from licheng.school.receipts.states import ReceiptState
from licheng.school.selection.queries import NOT_SELECTED

RECENT = 6
OUTCOME = gettext_lazy("課程學習成果")

MADE = ("pk", "state", "semester", "note", "changed_at", "enrolment__offering__course__name")


class Made(NamedTuple):
    """An outcome of the student's, as far as her home tells of it."""

    pk: UUID
    state: str
    semester: int
    note: str
    changed_at: datetime
    course: str


@dataclass(frozen=True, slots=True)
class Counter:
    """One number of the board, with what it is out of."""

    label: str
    icon: str
    value: int
    total: str
    hint: str
    url: str


@dataclass(frozen=True, slots=True)
class StudentHome:
    """Everything on a student's home page."""

    over: str
    name: str
    next: NextStep
    deadlines: tuple[Deadline, ...]
    counters: tuple[Counter, ...]
    left: tuple[Group, ...]
    recent: tuple[Entry, ...]
    is_new: bool


def within[M: Model](rows: QuerySet[M], actor: Actor, rule: Rule) -> QuerySet[M]:
    """The rows that a rule without joins reaches."""
    return rows.filter(rule.within(actor))


def student_home(actor: Actor, school: School) -> StudentHome:
    """The home of the student who asks; needs `school.authority`. Six queries, for 3 items or 300."""
    place = school.place
    year = {"school_year": place.school_year}
    made = within(Outcome.objects.filter(**year), actor, permissions.OWN)
    outcomes = [Made._make(row) for row in made.values_list(*MADE)]
    activities = list(within(Activity.objects.filter(**year), actor, permissions.OWN))
    open_items = within(ReceiptItem.objects.filter(state=ReceiptState.OPEN), actor, permissions.OWN).count()
    windows, allowed = deadlines_of(openings_for(place, actor.person_id)), limits(place)
    entries = sorted(
        [*map(_outcome_entry, outcomes), *map(_activity_entry, activities)],
        key=lambda entry: entry.changed_at,
        reverse=True,
    )
    return StudentHome(
        over=_over(actor, school),
        name=actor.name,
        next=next_step(_facts(outcomes, allowed, open_items, windows)),
        deadlines=windows,
        counters=_counters(outcomes, activities, allowed, open_items, place.semester),
        left=groups_of(entries),
        recent=tuple(entries[:RECENT]),
        is_new=not entries,
    )


def _over(actor: Actor, school: School) -> str:
    term = _("%(year)d 學年度第 %(semester)d 學期") % {
        "year": school.active_year,
        "semester": school.active_semester,
    }
    for name, seat_no in _seat(person=actor.person_id, school=school.pk):
        seat = _("%(class)s %(seat)d 號") % {"class": name, "seat": seat_no}
        return f"{term}　{seat}"
    return term


@prepared
def _seat(person: Later, school: Later) -> QuerySet[Student, tuple[str, int]]:
    return Student.objects.filter(person=person, school=school).values_list("class_group__name", "seat_no")


def _outcome_entry(outcome: Made) -> Entry:
    tone = tone_shown(outcome.state)
    return Entry(
        title=outcome.course,
        about=OUTCOME,
        note=outcome.note,
        icon="files",
        state=S(outcome.state).label,
        tone=tone,
        group=f"outcome-{tone}",
        page="outcomes:detail",
        item_id=outcome.pk,
        changed_at=outcome.changed_at,
    )


def _activity_entry(activity: Activity) -> Entry:
    tone = tone_of(activity.state)
    ready = "ready" if activity.state == ActivityState.DRAFT and is_complete(activity) else tone
    return Entry(
        title=title_of(activity),
        about=CATEGORIES[activity.category].category.label,
        note=activity.note,
        icon="trophy",
        state=ActivityState(activity.state).label,
        tone=tone,
        group=f"activity-{ready}",
        page="activities:detail",
        item_id=activity.pk,
        changed_at=activity.changed_at,
    )


def _facts(outcomes: list[Made], allowed: Limits, receipts_open: int, windows: tuple[Deadline, ...]) -> Facts:
    returned = [each for each in outcomes if each.state == S.RETURNED]
    selected = sum(each.state not in NOT_SELECTED for each in outcomes)
    return Facts(
        made=len(outcomes),
        returned=len(returned),
        returned_url=reverse("outcomes:detail", args=[returned[0].pk]) if returned else "",
        drafts=sum(each.state == S.DRAFT for each in outcomes),
        certified=sum(each.state == S.CERTIFIED for each in outcomes),
        places_left=max(allowed.outcomes_selected_per_year - selected, 0),
        receipts_open=receipts_open,
        deadlines=windows,
    )


def _pieces(total: int | None) -> str:
    return "" if total is None else _("%(n)d 件") % {"n": total}


def _counters(
    outcomes: list[Made], activities: list[Activity], allowed: Limits, open_items: int, semester: int
) -> tuple[Counter, ...]:
    chosen = sum(each.state != ActivityState.DRAFT for each in activities)
    board, most = reverse("selection:board"), allowed.activities_selected_per_year
    entered = _("共登錄 %(n)d 件") % {"n": len(activities)}
    waits = _("中央收到後請您核對")
    return (
        *_outcome_counters(outcomes, allowed, semester),
        Counter(_("已勾選多元表現"), "trophy", chosen, _pieces(most), entered, board),
        Counter(_("待確認收訖"), "receipt-text", open_items, "", waits, reverse("receipts:mine")),
    )


def _outcome_counters(outcomes: list[Made], allowed: Limits, semester: int) -> tuple[Counter, ...]:
    made = sum(each.semester == semester for each in outcomes)
    waiting = sum(tone_shown(each.state) == "waiting" for each in outcomes)
    certified = sum(each.state in STANDS_CERTIFIED for each in outcomes)
    selected = sum(each.state not in NOT_SELECTED for each in outcomes)
    mine, board = reverse("outcomes:list"), reverse("selection:board")
    cap, most = allowed.outcomes_per_semester, _pieces(allowed.outcomes_selected_per_year)
    capped = _("本學期上限") if cap is not None else _("本學期，學校沒有另訂上限")
    awaited = _("%(n)d 件等待認證") % {"n": waiting}
    return (
        Counter(_("課程學習成果"), "files", made, _pieces(cap), capped, mine),
        Counter(_("教師已認證"), "badge-check", certified, "", awaited, mine),
        Counter(_("已勾選成果"), "list-checks", selected, most, _("本學年上限"), board),
    )
