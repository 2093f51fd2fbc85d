"""Lists of plans: what somebody works on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from licheng_exchange import code_table

from licheng.courseplans.offices.models import Duty, PlanSchool
from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.permissions import BEGIN, SEE, WRITE
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.authz import Actor, seen
from licheng.foundations.sought import sought

PAGE_ROWS = 50
WORDS_MAX = 60
FIRST_YEAR = min(row.from_year for row in code_table("course_type"))  # the first with course codes
ROC_OFFSET, FIRST_MONTH = 1911, 8  # a school year begins in August of the year ROC_OFFSET + year
YEARS_AHEAD = 2  # own bound: plans are filed in the year before they begin
TONES = {
    PlanState.DRAFT: "draft",
    PlanState.IN_SCHOOL: "waiting",
    PlanState.AT_AUTHORITY: "submitted",
    PlanState.FILED: "certified",
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan of a list."""

    plan_id: int
    school: str
    school_code: str
    entry_year: int
    version: int
    state_word: str
    tone: str
    return_reason: str
    courses: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PlanBoard:
    """One page of plans; `school` is the editor's or reviewer's own."""

    page: Page[Any]
    lines: tuple[PlanLine, ...]
    school: PlanSchool | None
    state: str
    words: str
    has_schools: bool


def school_year_now() -> int:
    """The school year of today, in ROC years."""
    today = timezone.localdate()
    return today.year - ROC_OFFSET - (today.month < FIRST_MONTH)


def plan_board(actor: Actor, *, state: str = "", words: str = "", page: str = "1") -> PlanBoard:
    """Plans that the actor may see: open ones first, then by year and version, newest first."""
    visible = seen(Plan.objects.all(), actor, SEE)
    state = state if state in PlanState.values else ""
    words = sought(words, WORDS_MAX)
    rows = visible.filter(state=state) if state else visible
    if words:
        rows = rows.filter(Q(plan_school__code=words.upper()) | Q(plan_school__name__contains=words))
    is_filed = Case(When(state=PlanState.FILED, then=Value(1)), default=Value(0))
    rows = (
        rows.select_related("plan_school")
        .annotate(course_count=Count("courses"))
        .order_by(is_filed, "-entry_year", "plan_school__code", "-version")
    )
    shown = Paginator(rows, PAGE_ROWS).get_page(page)
    school = PlanSchool.objects.filter(officers=actor.person_id).first()
    return PlanBoard(
        page=shown,
        lines=tuple(_line(plan) for plan in shown),
        school=school,
        state=state,
        words=words,
        has_schools=bool(actor.roles & {Duty.AUTHORITY, Duty.OPERATOR}),
    )


def entry_years() -> range:
    """The years a plan can be for: from the first the code tables know, newest first."""
    return range(school_year_now() + YEARS_AHEAD, FIRST_YEAR - 1, -1)


def _years_to_begin(actor: Actor) -> tuple[int, ...]:
    """The years for which the editor's school has no plan yet, newest first."""
    school = seen(PlanSchool.objects.all(), actor, BEGIN).first()
    if school is None:
        return ()
    here = set(Plan.objects.filter(plan_school=school).values_list("entry_year", flat=True))
    return tuple(one for one in entry_years() if one not in here)


def _line(plan: Plan) -> PlanLine:
    state = PlanState(plan.state)
    return PlanLine(
        plan_id=plan.pk,
        school=plan.plan_school.name,
        school_code=plan.plan_school.code,
        entry_year=plan.entry_year,
        version=plan.version,
        state_word=str(state.label),
        tone="returned" if plan.return_reason and state is PlanState.DRAFT else TONES[state],
        return_reason=plan.return_reason if state is PlanState.DRAFT else "",
        courses=plan.course_count,  # type: ignore[attr-defined]  # counted by the query
        changed_at=plan.changed_at,
    )


def begin_choices(actor: Actor) -> tuple[tuple[int, ...], list[tuple[int, str]]]:
    """The years a plan can be begun for, and the own plans it can start from, newest first."""
    own = seen(Plan.objects.all(), actor, WRITE).order_by("-entry_year", "-version")
    words = _("%(year)d 學年度入學・第 %(version)d 版")
    sources = [(one.pk, words % {"year": one.entry_year, "version": one.version}) for one in own]
    return _years_to_begin(actor), sources
