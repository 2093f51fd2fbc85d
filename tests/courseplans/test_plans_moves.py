import pytest

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import HasBeenSent, MovedMeanwhile, NothingToSend, NotReady, PlanExists
from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.states import MOVES, PlanState
from licheng.courseplans.plans.typed import GroupTyped
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, WrongState
from tests.courseplans.plans_world import YEAR, courses

pytestmark = pytest.mark.django_db

S = PlanState
# What a move is called, who makes it, and from where.
WAY = {
    "hand_in_plan": ("editor", S.DRAFT, S.IN_SCHOOL),
    "return_in_school": ("reviewer", S.IN_SCHOOL, S.DRAFT),
    "send_plan": ("reviewer", S.IN_SCHOOL, S.AT_AUTHORITY),
    "return_plan": ("authority", S.AT_AUTHORITY, S.DRAFT),
    "file_plan": ("authority", S.AT_AUTHORITY, S.FILED),
}
BACK = {"return_in_school", "return_plan"}


def move(world, name, who, plan, **given):
    last = plan.steps.order_by("pk").last()
    more = {"reason": "學分不足"} if name in BACK else {}
    sent = {"step": last.pk if last else 0} | more | given
    return getattr(operations, name)(actor=world.actor(who), plan_id=plan.pk, **sent)


def test_a_plan_goes_its_way_with_returns_and_reasons(world):
    plan = operations.begin_plan(actor=world.actor("editor"), entry_year=YEAR)
    operations.add_group(
        actor=world.actor("editor"),
        plan_id=plan.pk,
        typed=GroupTyped("H", "11", "101", "0"),
    )
    courses(plan, 3)

    for name in ("hand_in_plan", "return_in_school", "hand_in_plan", "send_plan", "return_plan"):
        plan = move(world, name, WAY[name][0], plan)
    returned = plan.return_reason
    for name in ("hand_in_plan", "send_plan", "file_plan"):
        plan = move(world, name, WAY[name][0], plan)

    plan.refresh_from_db()
    assert (returned, plan.return_reason, plan.state) == ("學分不足", "", S.FILED)
    assert plan.filed_at is not None
    assert [step.reason for step in plan.steps.all() if step.reason] == ["學分不足", "學分不足"]
    assert [step.done_by.duty for step in plan.steps.all()][-2:] == ["reviewer", "authority"]
    assert AuditEntry.objects.filter(action="plan.filed").count() == 1


@pytest.mark.parametrize("name", WAY)
def test_moves_start_where_they_start_and_nowhere_else(world, name):
    who, starts, ends = WAY[name]
    for n, state in enumerate(S):
        plan = world.plan(state, year=YEAR + n)
        courses(plan, 1)

        if state == starts:
            assert move(world, name, who, plan).state == ends
            continue
        is_seen = who != "authority" or state in {S.AT_AUTHORITY, S.FILED}
        with pytest.raises(WrongState if is_seen else NotFound):
            move(world, name, who, plan)
        plan.refresh_from_db()
        assert plan.state == state


@pytest.mark.parametrize("name", WAY)
def test_moves_are_made_by_those_whose_they_are(world, name):
    right, starts, _ends = WAY[name]
    plan = world.plan(starts)
    courses(plan, 1)

    for who in {"editor", "reviewer", "authority", "near_editor", "far_authority", "operator"} - {right}:
        with pytest.raises((NotAllowed, NotFound)):
            move(world, name, who, plan)

    plan.refresh_from_db()
    assert plan.state == starts


def test_who_agrees_has_seen_what_was_handed_in_last(world):
    plan = world.plan(S.IN_SCHOOL)
    courses(plan, 1)
    move(world, "return_in_school", "reviewer", plan)
    seen = plan.steps.last().pk
    move(world, "hand_in_plan", "editor", plan)

    with pytest.raises(MovedMeanwhile):
        move(world, "send_plan", "reviewer", plan, step=seen)


def test_an_empty_plan_and_one_with_faults_are_not_handed_in(world):
    plan = world.plan()
    with pytest.raises(NothingToSend):
        move(world, "hand_in_plan", "editor", plan)
    made = courses(plan, 2)
    type(made[0]).objects.filter(pk=made[0].pk).update(name="國,文")

    with pytest.raises(NotReady) as refusal:
        move(world, "hand_in_plan", "editor", plan)

    assert refusal.value.data["count"] == 1


@pytest.mark.parametrize("reason", ["", "  ", "字" * 501, "x\0"])
def test_a_return_says_why(world, reason):
    with pytest.raises(Invalid):
        move(world, "return_in_school", "reviewer", world.plan(S.IN_SCHOOL), reason=reason)


def test_a_draft_is_dropped_until_it_was_sent_once(world):
    editor = world.actor("editor")
    fresh = operations.begin_plan(actor=editor, entry_year=YEAR)
    operations.drop_plan(actor=editor, plan_id=fresh.pk)
    plan = world.plan(S.IN_SCHOOL)
    courses(plan, 1)
    move(world, "return_in_school", "reviewer", plan)
    move(world, "hand_in_plan", "editor", plan)
    move(world, "return_in_school", "reviewer", plan)

    with pytest.raises(HasBeenSent):
        operations.drop_plan(actor=editor, plan_id=plan.pk)

    assert list(Plan.objects.all()) == [plan]


def test_a_year_has_one_plan_and_years_have_bounds(world):
    editor = world.actor("editor")
    operations.begin_plan(actor=editor, entry_year=YEAR)

    with pytest.raises(PlanExists):
        operations.begin_plan(actor=editor, entry_year=YEAR)
    for year in (107, 999, -1):
        with pytest.raises(Invalid):
            operations.begin_plan(actor=editor, entry_year=year)
    for who in ("reviewer", "authority", "operator"):
        with pytest.raises(NotFound):
            operations.begin_plan(actor=world.actor(who), entry_year=114)


def test_every_move_is_asked_about():
    assert {(one.ends, start) for one in MOVES if one.ends not in one.starts for start in one.starts} == {
        (ends, starts) for _who, starts, ends in WAY.values()
    }
