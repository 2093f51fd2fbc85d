"""The board a student selects on."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, seen
from licheng.foundations.errors import NotFound
from licheng.school.activities.models import Activity
from licheng.school.activities.queries import evidence_of, missing_from, title_of, tone_of
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Limits, Opening, Place, limits
from licheng.school.governance.queries import openings_for
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.queries import state_shown
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.actors import school_of
from licheng.school.people.queries.readers import readers_of
from licheng.school.selection import permissions
from licheng.school.selection.models import SelectionTally

S = OutcomeState
WITH_TEACHER = (S.WAITING, S.PASSED, S.HELD_BACK)
NOT_SELECTED = (S.DRAFT, *WITH_TEACHER, S.CERTIFIED, S.RETURNED)


@dataclass(frozen=True, slots=True)
class Choice:
    """One item on the board: what it is, how it stands, and the one thing that can be done with it.

    `post_url` is empty when nothing can be done; then `why` says the reason.
    """

    key: str
    title: str
    about: str
    facts: str
    state: str
    tone: str
    url: str
    is_selected: bool
    is_ready: bool
    post_url: str
    why: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How many are selected and how many may be, for one kind of item."""

    used: int
    total: int

    @property
    def is_full(self) -> bool:
        """Whether nothing more fits."""
        return self.used >= self.total

    @property
    def left(self) -> int:
        """How many more fit."""
        return max(self.total - self.used, 0)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the selection page."""

    school_year: int
    opening: Opening
    outcomes_quota: Quota
    activities_quota: Quota
    semester_limit: int | None
    outcomes: tuple[Choice, ...]
    activities: tuple[Choice, ...]

    @property
    def ready_outcomes(self) -> tuple[Choice, ...]:
        """Certified or selected outcomes."""
        return tuple(choice for choice in self.outcomes if choice.is_ready)

    @property
    def ready_activities(self) -> tuple[Choice, ...]:
        """Complete or selected activity records."""
        return tuple(choice for choice in self.activities if choice.is_ready)

    @property
    def not_ready(self) -> tuple[Choice, ...]:
        """What needs something else first."""
        return tuple(choice for choice in (*self.outcomes, *self.activities) if not choice.is_ready)

    @property
    def selected(self) -> tuple[Choice, ...]:
        """What goes to the central archive as things stand: the list to print."""
        return tuple(choice for choice in (*self.outcomes, *self.activities) if choice.is_selected)


def board_for(actor: Actor) -> Board:
    """The actor's own items of the current school year, ready for the page."""
    place = school_of(actor).place
    opening, allowed = openings_for(place, actor.person_id)[WindowKind.SELECT], limits(place)
    own = {"student": actor.person_id, "school_year": place.school_year}
    outcomes = list(
        seen(Outcome.objects.filter(**own), actor, permissions.SEE)
        .select_related("enrolment__offering__course")
        .order_by("semester", "created_at", "pk")
    )
    activities = list(
        seen(Activity.objects.filter(**own), actor, permissions.SEE).order_by("category", "created_at", "pk")
    )
    of_outcomes = Quota(
        sum(each.state not in NOT_SELECTED for each in outcomes), allowed.outcomes_selected_per_year
    )
    of_activities = Quota(
        sum(each.state != ActivityState.DRAFT for each in activities), allowed.activities_selected_per_year
    )
    full_semesters = _full_semesters(outcomes, allowed)
    return Board(
        school_year=place.school_year,
        opening=opening,
        outcomes_quota=of_outcomes,
        activities_quota=of_activities,
        semester_limit=allowed.outcomes_selected_per_semester,
        outcomes=tuple(_outcome_choice(one, opening, of_outcomes, full_semesters) for one in outcomes),
        activities=tuple(_activity_choice(one, opening, of_activities) for one in activities),
    )


def _full_semesters(outcomes: list[Outcome], allowed: Limits) -> frozenset[int]:
    most = allowed.outcomes_selected_per_semester
    if most is None:
        return frozenset()
    taken = [each.semester for each in outcomes if each.state not in NOT_SELECTED]
    return frozenset(semester for semester in taken if taken.count(semester) >= most)


def _outcome_choice(
    outcome: Outcome, opening: Opening, quota: Quota, full_semesters: frozenset[int]
) -> Choice:
    is_selected = outcome.state not in NOT_SELECTED
    why = _why_not_outcome(outcome.state) or ("" if is_selected else _why_full(quota))
    if not why and not is_selected and outcome.semester in full_semesters:
        why = _("這個學期可以勾選的件數已滿，請先取消同學期的一件。")
    why = why or _why_closed(opening)
    action = "unselect_outcome" if is_selected else "select_outcome"
    course, shown = outcome.enrolment.offering.course, state_shown(outcome.state)
    return Choice(
        key=f"outcome-{outcome.pk}",
        title=course.name,
        about=_("第 %(semester)d 學期") % {"semester": outcome.semester},
        facts=outcome.note,
        state=shown.label,
        tone=shown.tone,
        url=reverse("outcomes:detail", args=[outcome.pk]),
        is_selected=is_selected,
        is_ready=is_selected or outcome.state == S.CERTIFIED,
        post_url="" if why else reverse(f"selection:{action}", args=[outcome.pk]),
        why=why,
    )


def _activity_choice(activity: Activity, opening: Opening, quota: Quota) -> Choice:
    is_selected = activity.state != ActivityState.DRAFT
    missing = missing_from(activity)
    why = ""
    if is_selected and activity.state != ActivityState.SELECTED:
        why = _("學校已封裝或提交，不能再更動。")
    elif missing and not is_selected:
        why = _("還缺：%(what)s") % {"what": _("、").join(missing)}
    elif not is_selected:
        why = _why_full(quota)
    why = why or _why_closed(opening)
    action = "unselect_activity" if is_selected else "select_activity"
    return Choice(
        key=f"activity-{activity.pk}",
        title=title_of(activity),
        about=str(activity.get_category_display()),
        facts=_("證明：%(what)s") % {"what": evidence_of(activity)},
        state=str(ActivityState(activity.state).label),
        tone=tone_of(activity.state),
        url=reverse("activities:detail", args=[activity.pk]),
        is_selected=is_selected,
        is_ready=is_selected or not missing,
        post_url="" if why else reverse(f"selection:{action}", args=[activity.pk]),
        why=why,
    )


def _why_not_outcome(state: str) -> str:
    if state == S.DRAFT:
        return _("還是草稿，要先送老師認證。")
    if state in WITH_TEACHER:
        return _("老師還沒有發佈認證結果。")
    if state == S.RETURNED:
        return _("老師退回了，修改後要再送一次認證。")
    if state in {S.CERTIFIED, S.SELECTED}:
        return ""
    return _("學校已封裝或提交，不能再更動。")


def _why_full(quota: Quota) -> str:
    return _("已達上限 %(n)d 件，請先取消另一件。") % {"n": quota.total} if quota.is_full else ""


def _why_closed(opening: Opening) -> str:
    return "" if opening.is_open else _("現在不在勾選期間（%(when)s）。") % {"when": opening.text}


def students_over_outcomes_of_semester(place: Place, cap: int) -> int:
    """Students with more selected outcomes of this semester than the cap."""
    return _over(_selected_outcomes(place).filter(semester=place.semester), cap)


def students_over_outcomes_of_year(place: Place, cap: int) -> int:
    """Students with more selected outcomes of this school year than the cap."""
    return _over(_selected_outcomes(place), cap)


def students_over_activities_of_year(place: Place, cap: int) -> int:
    """Students with more selected activity records of this school year than the cap."""
    rows = Activity.objects.filter(school__code=place.school, school_year=place.school_year)
    return _over(rows.exclude(state=ActivityState.DRAFT), cap)


def _selected_outcomes(place: Place) -> QuerySet[Outcome]:
    rows = Outcome.objects.filter(school__code=place.school, school_year=place.school_year)
    return rows.exclude(state__in=NOT_SELECTED)


def _over(rows: QuerySet[Outcome] | QuerySet[Activity], cap: int) -> int:
    return rows.order_by().values("student").annotate(made=Count("pk")).filter(made__gt=cap).count()


def selection_readers(actor: Actor, student_id: int) -> tuple[RuleReaders, ...]:
    """Who may see what a student selects, and select, now: of every item and every school year the same.

    Raises NotFound when nothing of it is there for the actor to see.
    """
    for kind in (SelectionTally, Outcome, Activity):
        row = seen(kind._default_manager.filter(student=student_id), actor, permissions.SEE).first()  # noqa: SLF001 -- Django's documented name
        if row is not None:
            return readers_of(actor, row, [permissions.SEE, permissions.SELECT], students=[student_id])
    raise NotFound


def selection_seen_of(actor: Actor, student_id: int) -> QuerySet[SelectionTally]:
    """How many items of one student are selected, year by year, as far as the actor may see."""
    rows = seen(SelectionTally.objects.filter(student=student_id), actor, permissions.SEE)
    return rows.order_by("-school_year")
