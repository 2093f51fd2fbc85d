"""A plan that is being written: found, locked and asked about in one place; everything else builds on it."""

from django.conf import settings
from django.db.models import Max, Model, QuerySet
from django.utils.translation import override

from licheng.courseplans.offices.models import Officer
from licheng.courseplans.plans import states
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup, PlanStep
from licheng.courseplans.plans.permissions import SEE, WRITE
from licheng.foundations.authz import Actor, Rule, found, require
from licheng.foundations.errors import NotFound


def locked_plan(actor: Actor, plan_id: int, rule: Rule) -> Plan:
    """The plan with its school, locked until the transaction ends; writers of one plan wait for each other.

    Raises NotFound, NotAllowed.
    """
    found(Plan.objects.all(), actor, SEE, plan_id)
    rows = Plan.objects.select_for_update(of=("self",)).select_related("plan_school")
    plan = rows.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    require(actor, rule, plan)
    return plan


def locked_draft(actor: Actor, plan_id: int) -> Plan:
    """The plan, locked, that the editor may write now; it is noted as changed.

    Raises NotFound, NotAllowed, WrongState.
    """
    plan = locked_plan(actor, plan_id, WRITE)
    plan.state = states.WRITE.apply(plan.state)
    plan.save(update_fields=["state", "changed_at"])
    return plan


def group_of(plan: Plan, group_id: int) -> PlanGroup:
    """A group of this plan. Raises NotFound."""
    group = PlanGroup.objects.filter(plan=plan, pk=group_id).first()
    if group is None:
        raise NotFound
    return group


def next_position[M: Model](rows: QuerySet[M]) -> int:
    """The place behind the last of these rows."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def note_step(plan: Plan, actor: Actor, says: object, reason: str = "") -> PlanStep:
    """Add a step to the plan's way, of the officer who did it, whom the rule that let her in knows."""
    officer = Officer.objects.get(pk=actor.person_id or 0)
    return PlanStep.objects.create(
        plan=plan, says=_in_chinese(says), state=plan.state, reason=reason, done_by=officer
    )


def _in_chinese(says: object) -> str:
    """A move's name as the catalogue knows it, whatever language its mover reads: pages translate it."""
    with override(settings.LANGUAGE_CODE):
        return str(says)


def same_code(plan: Plan, code: str, but: int | None) -> PlanCourse | None:
    """Another course of the plan with this code."""
    rows = PlanCourse.objects.filter(plan=plan, code=code)
    return (rows if but is None else rows.exclude(pk=but)).first()
