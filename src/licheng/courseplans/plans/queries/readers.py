"""Who may see a plan: officers by the rules, and everybody once it is on file."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from licheng.courseplans.offices.models import Duty, Officer
from licheng.courseplans.offices.queries import officers_for, officers_serving
from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.permissions import REVIEW, SEE, TAKE_NOTE, WRITE
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.askers import Reader, RuleReaders, let_in
from licheng.foundations.authz import Actor, found

RULES = (SEE, WRITE, REVIEW, TAKE_NOTE)


@dataclass(frozen=True, slots=True)
class PlanReaders:
    """Who may read a plan and act on it; `is_public`: everybody reads it."""

    plan: Plan
    is_public: bool
    told: tuple[RuleReaders, ...]


def plan_readers(actor: Actor, plan_id: int) -> PlanReaders:
    """Who may see a plan now. Raises NotFound when the actor may not.

    Officers are named to those of their own school or authority, and to operators, who keep the directory.
    """
    plan = found(Plan.objects.select_related("plan_school__authority"), actor, SEE, plan_id)
    near = officers_for(plan.plan_school, Duty.values) | officers_serving().filter(duty=Duty.OPERATOR)
    officers = {one.pk: one for one in near.order_by("name", "pk")}
    asker = officers.get(actor.person_id or 0)
    told: dict[str, dict[Reader, None]] = {rule.name: {} for rule in RULES}
    for duty in Duty:
        of_duty = [pk for pk, one in officers.items() if one.duty == duty]
        like = Actor(None, None, "officer", frozenset({duty}))
        for name, reached in let_in(RULES, plan, of_duty, like).items():
            told[name] |= dict.fromkeys(_reader(officers[pk], asker) for pk in of_duty if pk in reached)
    return PlanReaders(
        plan=plan,
        is_public=plan.state == PlanState.FILED,
        told=tuple(
            RuleReaders(rule.name, rule.says, rule.is_stepped_up, tuple(told[rule.name])) for rule in RULES
        ),
    )


def _reader(officer: Officer, asker: Officer | None) -> Reader:
    """An officer by duty; by name to colleagues and operators."""
    duty = str(Duty(officer.duty).label)
    unnamed = Reader(None, "", duty, _("不列姓名"))
    if asker is None:
        return unnamed
    place = (officer.plan_school_id, officer.authority_id)
    is_colleague = place == (asker.plan_school_id, asker.authority_id)
    return Reader(None, officer.name, duty) if is_colleague or asker.duty == Duty.OPERATOR else unnamed
