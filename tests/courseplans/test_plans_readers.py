"""Who may see a plan: the same as asking every officer one by one, and named to colleagues and operators alone."""

import pytest
from django.urls import reverse

from licheng.courseplans.plans.queries import plan_readers
from licheng.courseplans.plans.queries.readers import RULES
from licheng.courseplans.plans.states import PlanState as S
from licheng.foundations.authz import allows
from licheng.foundations.errors import NotFound
from tests.courseplans.plans_world import officer
from tests.pages import faults_in

pytestmark = pytest.mark.django_db
COLLEAGUES = {
    "editor": {"editor", "second", "reviewer"},
    "authority": {"authority"},
    "operator": {"editor", "second", "reviewer", "authority", "operator"},
}


@pytest.mark.parametrize(
    ("asker", "state"),
    [("editor", S.DRAFT), ("editor", S.FILED), ("authority", S.AT_AUTHORITY), ("operator", S.FILED)],
)
def test_readers_are_those_whom_the_rules_let_in(world, asker, state):
    world.officers["second"] = officer("second", "editor", plan_school=world.schools["here"])
    officer("left", "editor", plan_school=world.schools["here"], ended_on="2020-01-01")
    plan = world.plan(state)

    shown = plan_readers(world.actor(asker), plan.pk)

    assert shown.is_public == (state == S.FILED)
    for rule, told in zip(RULES, shown.told, strict=True):
        let_in = {who for who in world.officers if allows(world.actor(who), rule, plan)}
        duties = {str(world.officers[who].get_duty_display()) for who in let_in}
        assert {reader.as_what for reader in told.readers} == duties
        named = {world.officers[who].name for who in let_in & COLLEAGUES[asker]}
        assert {reader.name for reader in told.readers} - {""} == named


def test_strangers_of_the_plan_are_told_nothing(world):
    plan = world.plan(S.DRAFT)

    for who in ("near_editor", "far_reviewer", "authority", "operator"):
        with pytest.raises(NotFound):
            plan_readers(world.actor(who), plan.pk)


def test_the_page_is_linked_and_says_when_a_plan_is_public(world):
    plan = world.plan(S.FILED)
    client = world.client("editor")
    address = reverse("plans:who", args=[plan.pk])

    page = client.get(address).content.decode()

    assert address in client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    assert "所有人都看得到" in page
    assert world.officers["authority"].name not in page
    assert faults_in(page) == []
