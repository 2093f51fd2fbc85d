"""A course looked at while it is being typed: its code, what it adds up to, what is to be said about it."""

from dataclasses import dataclass, replace

from licheng_exchange import CodeLine, check_plan, plan_totals

from licheng.courseplans.plans import states
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.plans.permissions import WRITE
from licheng.courseplans.plans.queries.findings import Finding, line_of, told
from licheng.courseplans.plans.queries.numbers import free_subject
from licheng.courseplans.plans.typed import PREFIX, CourseTyped, code_of, in_order, subject_parts
from licheng.foundations.authz import Actor, found
from licheng.foundations.errors import NotFound


@dataclass(frozen=True, slots=True)
class Checked:
    """What the page says beside the form; `offered` is the number it would get, empty when one is typed."""

    code: str
    offered: str
    findings: tuple[Finding, ...]
    about_totals: tuple[Finding, ...]
    required: int
    offered_credits: int


def check_typed(group: PlanGroup, typed: CourseTyped, *, course_id: int | None = None) -> Checked:
    """Look at a course among the others of its plan; nothing is written. Raises Invalid.

    The whole plan: the common first year of a comprehensive school counts in the totals of its programmes.
    """
    plan = group.plan
    typed = in_order(typed)
    offered = "" if typed.subject else free_subject(plan, typed, but=course_id)
    parts = subject_parts(replace(typed, subject=typed.subject or offered))
    line = CodeLine(code_of(plan, group, **parts), typed.name, typed.credits)
    others = [one for one in plan.courses.all() if one.pk != course_id]
    lines = [*(line_of(one) for one in others), line]
    said = check_plan(lines, plan.entry_year)
    prefix = line.code[:PREFIX]
    totals = next((one.measures for one in plan_totals(lines) if one.curriculum == prefix), {})
    return Checked(
        code=line.code,
        offered=offered,
        findings=tuple(told(one) for one in said if one.code == line.code),
        about_totals=tuple(told(one) for one in said if one.code == prefix),
        required=totals.get("required", 0),
        offered_credits=totals.get("offered", 0),
    )


def plan_written(actor: Actor, plan_id: int, *, is_sent: bool) -> Plan:
    """A plan that the actor writes.

    `is_sent`: the form is back, and the operation alone says whether it is too late, so that the words are
    kept. Raises NotFound, WrongState where the form would be opened in vain.
    """
    plan = found(Plan.objects.select_related("plan_school"), actor, WRITE, plan_id)
    if not is_sent:
        states.WRITE.apply(plan.state)
    return plan


def group_written(actor: Actor, plan_id: int, group_id: int, *, is_sent: bool) -> PlanGroup:
    """A group of a plan that the actor writes. Raises NotFound, WrongState as plan_written."""
    plan = plan_written(actor, plan_id, is_sent=is_sent)
    group = plan.groups.filter(pk=group_id).first()
    if group is None:
        raise NotFound
    group.plan = plan
    return group


def course_written(
    actor: Actor, plan_id: int, course_id: int, *, group_id: int | None
) -> tuple[PlanGroup, PlanCourse | None]:
    """A course of a plan that the actor writes, and its group.

    `group_id` comes with a form that is back, and is the group the course had when it was opened: a course
    that is gone by now is None. Raises NotFound, WrongState as plan_written.
    """
    plan = plan_written(actor, plan_id, is_sent=group_id is not None)
    course = plan.courses.select_related("group").filter(pk=course_id).first()
    group = course.group if course else plan.groups.filter(pk=group_id or 0).first()
    if group is None:
        raise NotFound
    group.plan = plan
    return group, course
