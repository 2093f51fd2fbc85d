from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from licheng.courseplans.plans.errors import ChangedMeanwhile, GroupTaken
from licheng.courseplans.plans.models import Plan, PlanGroup
from licheng.courseplans.plans.operations.drafts import group_of, locked_draft, next_position
from licheng.courseplans.plans.typed import PREFIX, GroupTyped, group_checked, prefix_of, seen_of
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor


@transaction.atomic
def add_group(*, actor: Actor, plan_id: int, typed: GroupTyped) -> PlanGroup:
    """Add a group to a plan.

    Raises NotFound, NotAllowed, WrongState, Invalid, GroupTaken.
    """
    plan = locked_draft(actor, plan_id)
    group = PlanGroup(plan=plan, position=next_position(plan.groups.all()))
    _take(plan, group, typed)
    group.save(force_insert=True)
    record(actor=actor, action="plan_group.added", subject=group, plan=plan.pk, code=str(group))
    return group


@transaction.atomic
def change_group(*, actor: Actor, plan_id: int, group_id: int, typed: GroupTyped, seen: str) -> PlanGroup:
    """Write a group anew; the codes of its courses follow.

    Raises NotFound, NotAllowed, WrongState, ChangedMeanwhile, Invalid, GroupTaken.
    """
    plan = locked_draft(actor, plan_id)
    group = group_of(plan, group_id)
    if seen_of(group) != seen:
        raise ChangedMeanwhile
    before = str(group)
    _take(plan, group, typed)
    group.save()
    if str(group) != before:
        group.courses.update(code=Concat(Value(prefix_of(plan, group)), Substr("code", PREFIX + 1)))
    facts = {"plan": plan.pk, "code": str(group)} | ({"before": before} if before != str(group) else {})
    record(actor=actor, action="plan_group.changed", subject=group, **facts)
    return group


@transaction.atomic
def remove_group(*, actor: Actor, plan_id: int, group_id: int, courses: int) -> PlanGroup:
    """Take a group out of a plan, with its courses; `courses` is how many the editor was told it has.

    Raises NotFound, NotAllowed, WrongState, ChangedMeanwhile when it has another number of them by now.
    """
    plan = locked_draft(actor, plan_id)
    group = group_of(plan, group_id)
    if group.courses.count() != courses:
        raise ChangedMeanwhile
    facts = {"plan": plan.pk, "code": str(group), "courses": courses}
    record(actor=actor, action="plan_group.removed", subject=group, **facts)
    group.delete()
    return group


def _take(plan: Plan, group: PlanGroup, typed: GroupTyped) -> None:
    """Fill the row from what was typed. Raises Invalid, GroupTaken."""
    typed = group_checked(plan, typed)
    group.course_type, group.group_code = typed.course_type, typed.group_code
    group.department_code, group.class_group_code = typed.department_code, typed.class_group_code
    group.class_group_name = typed.class_group_name
    same = PlanGroup.objects.filter(
        plan=plan,
        course_type=group.course_type,
        group_code=group.group_code,
        department_code=group.department_code,
        class_group_code=group.class_group_code,
    ).exclude(pk=group.pk)
    if same.exists():
        raise GroupTaken(group=str(group))
