"""Whose turn it is: who goes on with a plan after each step."""

from licheng.courseplans.offices.models import AT_SCHOOL, Duty, Officer
from licheng.courseplans.offices.queries import officers_for
from licheng.courseplans.plans.models import Plan, PlanStep
from licheng.courseplans.plans.states import PlanState

TURNS = {
    PlanState.DRAFT: Duty.EDITOR,
    PlanState.IN_SCHOOL: Duty.REVIEWER,
    PlanState.AT_AUTHORITY: Duty.AUTHORITY,
}
AFTER = {PlanState.DRAFT: PlanState.IN_SCHOOL, PlanState.IN_SCHOOL: PlanState.AT_AUTHORITY}


def told_of(step: PlanStep) -> list[Officer]:
    """Who has to know of a step: those whose turn it is; both duties of the school once it is on file.

    Not whoever took the step, and nobody at all once a later one was taken.
    """
    if PlanStep.objects.filter(plan=step.plan_id, pk__gt=step.pk).exists():
        return []
    state = PlanState(step.state)
    duties = {TURNS[state]} if state in TURNS else AT_SCHOOL
    rows = officers_for(step.plan.plan_school, duties).exclude(pk=step.done_by_id)
    return list(rows.select_related("user").order_by("pk"))


def missing_next(plan: Plan) -> str:
    """The duty that would go on with a plan after the next step, when nobody holds it; else nothing."""
    after = AFTER.get(PlanState(plan.state))
    if after is None or officers_for(plan.plan_school, {TURNS[after]}).exists():
        return ""
    return str(TURNS[after].label)
