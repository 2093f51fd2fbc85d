"""A plan, a group and a course as their pages show them."""

from dataclasses import dataclass

from licheng_exchange import (
    CodePart,
    explain_course_code,
    parse_course_code,
    parse_credits,
    plan_totals,
    worth_of,
)

from licheng.courseplans.offices.models import AT_SCHOOL
from licheng.courseplans.plans import states
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup, PlanStep, Syllabus
from licheng.courseplans.plans.permissions import REVIEW, SEE, SENT, TAKE_NOTE, WRITE
from licheng.courseplans.plans.queries.boards import TONES
from licheng.courseplans.plans.queries.findings import Finding, Findings, findings_of, line_of
from licheng.courseplans.plans.queries.turns import missing_next
from licheng.courseplans.plans.queries.versions import stray_corrections
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.plans.typed import prefix_of, seen_of
from licheng.courseplans.plans.words import group_title, kind_of, name_of, semester_names, semesters
from licheng.foundations.authz import Actor, allows, found
from licheng.foundations.errors import NotFound
from licheng.foundations.moves import Move


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do with a plan now; decides which buttons a page shows."""

    write: bool
    hand_in: bool
    review: bool
    take_note: bool
    begin_version: bool


@dataclass(frozen=True, slots=True)
class PlanHead:
    """What stands at the top of every page of a plan."""

    plan: Plan
    school: str
    state_word: str
    tone: str
    is_returned: bool
    may: May
    last_step: int
    has_earlier: bool
    is_own_school: bool

    @property
    def id(self) -> int:
        """The plan's key."""
        return self.plan.pk


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of a plan: its courses counted, its credits added up, what was found."""

    group: PlanGroup
    title: str
    kind: str
    code: str
    courses: int
    required: int
    offered: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One plan with its groups and its way so far."""

    head: PlanHead
    groups: tuple[GroupLine, ...]
    steps: tuple[PlanStep, ...]
    courses: int
    errors: int
    warnings: int
    stray: int
    stepper: tuple["Stage", ...]
    missing_next: str

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way of handing it in."""
        return bool(self.courses and not self.errors and not self.stray)


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the four stages of a plan, and whether it is over or now."""

    word: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course as the table shows it."""

    course: PlanCourse
    category: str
    domain: str
    semesters: tuple[tuple[str, str], ...]
    total: int
    findings: tuple[Finding, ...]
    has_syllabus: bool
    seen: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One group with its courses."""

    head: PlanHead
    line: GroupLine
    lines: tuple[CourseLine, ...]
    about_totals: tuple[Finding, ...]
    totals: tuple[tuple[str, str], ...]
    others: tuple[tuple[int, str], ...]
    seen: str


@dataclass(frozen=True, slots=True)
class CoursePage:
    """One course with its code explained and its syllabus."""

    head: PlanHead
    line: CourseLine
    group: PlanGroup
    group_title: str
    parts: tuple[CodePart, ...]
    syllabus: Syllabus | None
    seen: str


def head_of(actor: Actor, plan_id: int) -> PlanHead:
    """A plan and what the reader may do with it. Raises NotFound."""
    plan = found(Plan.objects.select_related("plan_school__authority", "based_on"), actor, SEE, plan_id)
    is_writer = allows(actor, WRITE, plan)
    is_reviewer = not is_writer and allows(actor, REVIEW, plan)
    is_authority = not (is_writer or is_reviewer) and allows(actor, TAKE_NOTE, plan)
    last = plan.steps.order_by("pk").values_list("pk", flat=True).last()
    return PlanHead(
        plan=plan,
        school=plan.plan_school.name,
        state_word=str(PlanState(plan.state).label),
        tone="returned" if plan.return_reason else TONES[PlanState(plan.state)],
        is_returned=bool(plan.return_reason),
        may=May(
            write=is_writer and _starts(states.WRITE, plan),
            hand_in=is_writer and _starts(states.HAND_IN, plan),
            review=is_reviewer and _starts(states.SEND, plan),
            take_note=is_authority and _starts(states.FILE, plan),
            begin_version=is_writer and plan.state == PlanState.FILED and not _has_later(plan),
        ),
        last_step=last or 0,
        has_earlier=plan.based_on_id is not None,
        is_own_school=bool(actor.roles & AT_SCHOOL),
    )


def _has_later(plan: Plan) -> bool:
    """Whether there is a later version of the plan, on file or on its way."""
    later = Plan.objects.filter(
        plan_school=plan.plan_school_id, entry_year=plan.entry_year, version__gt=plan.version
    )
    return later.exists()


def _starts(move: Move, plan: Plan) -> bool:
    return move.starts_from(plan.state)


def plan_page(actor: Actor, plan_id: int) -> PlanPage:
    """One plan. Raises NotFound."""
    head = head_of(actor, plan_id)
    courses = list(head.plan.courses.all())
    findings = findings_of(head.plan, courses)
    return PlanPage(
        head=head,
        groups=tuple(_group_lines(head.plan, courses, findings)),
        steps=_steps(head),
        courses=len(courses),
        errors=findings.errors,
        warnings=findings.warnings,
        stray=len(stray_corrections(head.plan)) if head.may.hand_in else 0,
        stepper=_stages(head.plan),
        missing_next=missing_next(head.plan) if head.may.hand_in or head.may.review else "",
    )


def _steps(head: PlanHead) -> tuple[PlanStep, ...]:
    """The way of a plan, the last step first; outside the school only what the authority had to do with.

    What reviewers and editors of the school return to each other, and why, stays in the school.
    """
    steps = list(head.plan.steps.select_related("done_by").order_by("pk"))
    if not head.is_own_school:
        is_sent = [False, *(step.state in SENT for step in steps)]
        steps = [step for n, step in enumerate(steps) if is_sent[n] or is_sent[n + 1]]
    return tuple(reversed(steps))


def _stages(plan: Plan) -> tuple[Stage, ...]:
    order = list(PlanState)
    here = order.index(PlanState(plan.state))
    is_over = plan.state == PlanState.FILED
    return tuple(
        Stage(str(one.label), n < here or is_over, n == here and not is_over) for n, one in enumerate(order)
    )


def _group_lines(plan: Plan, courses: list[PlanCourse], findings: Findings) -> list[GroupLine]:
    totals = {one.curriculum: one.measures for one in plan_totals([line_of(one) for one in courses])}
    counts: dict[int, int] = {}
    for one in courses:
        counts[one.group_id] = counts.get(one.group_id, 0) + 1
    lines = []
    for group in plan.groups.all():
        prefix = prefix_of(plan, group)
        measures = totals.get(prefix, {})
        errors, warnings = findings.in_group(prefix)
        lines.append(
            GroupLine(
                group=group,
                title=group_title(group),
                kind=kind_of(group),
                code=prefix[9:],
                courses=counts.get(group.pk, 0),
                required=measures.get("required", 0),
                offered=measures.get("offered", 0),
                errors=errors,
                warnings=warnings,
            )
        )
    return lines


def group_page(actor: Actor, plan_id: int, group_id: int) -> GroupPage:
    """One group of a plan; the findings are those of the whole plan. Raises NotFound."""
    head = head_of(actor, plan_id)
    courses = list(head.plan.courses.select_related("syllabus"))
    findings = findings_of(head.plan, courses)
    lines = _group_lines(head.plan, courses, findings)
    line = next((one for one in lines if one.group.pk == group_id), None)
    if line is None:
        raise NotFound
    own = [one for one in courses if one.group_id == group_id]
    weekly = [parse_credits(one.credits) for one in own]
    return GroupPage(
        head=head,
        line=line,
        lines=tuple(course_line_of(one, head.plan, findings) for one in own),
        about_totals=findings.about(prefix_of(head.plan, line.group)),
        totals=tuple(
            (name, str(sum(one[n].credits for one in weekly))) for n, name in enumerate(semester_names())
        ),
        others=tuple((one.group.pk, one.title) for one in lines if one.group.pk != group_id and one.courses),
        seen=seen_of(line.group),
    )


def group_rows(plan: Plan) -> list[tuple[int, str, str]]:
    """Key, name and code of each group of a plan that is written, in its order."""
    return [(one.pk, group_title(one), str(one)) for one in plan.groups.all()]


def course_rows(group: PlanGroup) -> list[tuple[int, str, str]]:
    """Key, name and code of each course of a group that is written, in its order."""
    return list(group.courses.values_list("pk", "name", "code"))


def course_line_of(course: PlanCourse, plan: Plan, findings: Findings) -> CourseLine:
    """A course as the table shows it."""
    year = plan.entry_year
    return CourseLine(
        course=course,
        category=name_of("category", course.category, entry_year=year),
        domain=name_of("domain", course.domain, entry_year=year),
        semesters=tuple(zip(semester_names(), semesters(course.credits), strict=True)),
        total=worth_of(parse_credits(course.credits)),
        findings=findings.about(course.code),
        has_syllabus=hasattr(course, "syllabus") and course.syllabus.has_words,
        seen=seen_of(course),
    )


def course_page(actor: Actor, plan_id: int, course_id: int) -> CoursePage:
    """One course of a plan. Raises NotFound."""
    head = head_of(actor, plan_id)
    courses = list(head.plan.courses.select_related("group", "syllabus"))
    course = next((one for one in courses if one.pk == course_id), None)
    if course is None:
        raise NotFound
    syllabus: Syllabus | None = getattr(course, "syllabus", None)
    return CoursePage(
        head=head,
        line=course_line_of(course, head.plan, findings_of(head.plan, courses)),
        group=course.group,
        group_title=group_title(course.group),
        parts=tuple(explain_course_code(parse_course_code(course.code))),
        syllabus=syllabus,
        seen=seen_of(syllabus),
    )
