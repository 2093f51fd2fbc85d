"""The order of a plan: its groups, and the courses of each, as pages, files and the public see them."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from licheng.courseplans.plans.errors import ChangedMeanwhile
from licheng.courseplans.plans.models import PlanCourse, PlanGroup
from licheng.courseplans.plans.operations.drafts import group_of, locked_draft
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor


@transaction.atomic
def order_groups(*, actor: Actor, plan_id: int, group_ids: Sequence[int]) -> int:
    """Put the groups of a plan into this order; how many changed their place.

    Raises NotFound, NotAllowed, WrongState, ChangedMeanwhile unless these are all the groups it has by now.
    """
    plan = locked_draft(actor, plan_id)
    moved = _put(plan.groups.all(), group_ids)
    if moved:
        record(actor=actor, action="plan.groups_ordered", subject=plan, moved=moved)
    return moved


@transaction.atomic
def order_courses(*, actor: Actor, plan_id: int, group_id: int, course_ids: Sequence[int]) -> int:
    """Put the courses of a group into this order; how many changed their place.

    Raises NotFound, NotAllowed, WrongState, ChangedMeanwhile unless these are all the courses it has by now.
    """
    plan = locked_draft(actor, plan_id)
    group = group_of(plan, group_id)
    moved = _put(group.courses.all(), course_ids)
    if moved:
        record(actor=actor, action="plan_group.courses_ordered", subject=group, plan=plan.pk, moved=moved)
    return moved


def _put[M: (PlanGroup, PlanCourse)](rows: QuerySet[M], ids: Sequence[int]) -> int:
    """Number the rows in the order of their keys; how many have another place than before."""
    here = {row.pk: row for row in rows}
    if sorted(here) != sorted(ids):
        raise ChangedMeanwhile
    before = list(here)
    for place, pk in enumerate(ids):
        here[pk].position = place
    rows.model._default_manager.bulk_update(here.values(), ["position"])  # noqa: SLF001 -- Django's documented name
    return sum(old != new for old, new in zip(before, ids, strict=True))
