"""The order of groups and courses: by numbers and by buttons, without scripts, among several editors."""

import pytest
from django.urls import reverse

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import ChangedMeanwhile
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.plans.typed import seen_of
from licheng.courseplans.publishing.downloads import code_lines
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, WrongState
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(world):
    """Five courses of the one group of a draft."""
    return courses(world.plan(), 5)


def names(plan):
    return "".join(one.name.removeprefix("科目") for one in PlanCourse.objects.filter(plan=plan))


def page_of(world, rows, who="editor"):
    address = reverse("plans:order_courses", args=[rows[0].plan_id, rows[0].group_id])
    return world.client(who), address


def sent(rows, **places):
    """What the form sends: everybody's own place, except those that were typed."""
    return {f"place_{row.pk}": places.get(row.name, n) for n, row in enumerate(rows, 1)}


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ({}, "01234"),
        ({"科目4": 2}, "04123"),
        ({"科目0": 3}, "12034"),
        ({"科目0": 5, "科目4": 1}, "41230"),
        ({"科目3": 1, "科目4": 1}, "34012"),
        ({"科目1": "３"}, "02134"),
    ],
)
def test_a_row_comes_to_stand_where_its_number_says(world, rows, typed, order):
    client, address = page_of(world, rows)

    answer = client.post(address, sent(rows, **typed))

    assert answer.status_code == 302
    assert names(rows[0].plan) == order


@pytest.mark.parametrize("wrong", ["", "0", "6", "-1", "x", "1.5", "9" * 30])
def test_a_number_that_is_none_is_said_and_the_others_are_kept(world, rows, wrong):
    client, address = page_of(world, rows)

    answer = client.post(address, sent(rows, 科目2=wrong, 科目4=1))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "請先修正下列各項" in page
    assert answer.context["form"][f"place_{rows[4].pk}"].value() == "1"
    assert names(rows[0].plan) == "01234"


@pytest.mark.parametrize(
    ("by", "row", "order"),
    [("up", 2, "02134"), ("down", 2, "01324"), ("up", 0, "01234"), ("down", 4, "01234")],
)
def test_a_button_moves_a_row_by_one_and_keeps_the_focus(world, rows, by, row, order):
    client, address = page_of(world, rows)

    page = client.post(address, sent(rows) | {by: rows[row].pk}, follow=True).content.decode()

    assert names(rows[0].plan) == order
    assert page.count(" autofocus>") == 1
    assert f"「科目{row}」現在排第 {order.index(str(row)) + 1}。" in page


def test_who_moves_a_row_stands_in_nobodys_way(world, rows):
    before = seen_of(PlanCourse.objects.get(pk=rows[2].pk))
    client, address = page_of(world, rows)
    client.post(address, sent(rows, 科目2=1))

    assert seen_of(PlanCourse.objects.get(pk=rows[2].pk)) == before


def test_rows_that_came_or_went_meanwhile_are_not_lost(world, rows):
    client, address = page_of(world, rows)
    typed = sent(rows, 科目4=1)
    rows[1].delete()
    gone = client.post(address, typed)
    assert (gone.status_code, names(rows[0].plan)) == (302, "4023")

    order = list(PlanCourse.objects.filter(plan=rows[0].plan).values_list("pk", flat=True))
    for wrong in (order[1:], [*order, rows[1].pk or 0], [order[0], *order], []):
        with pytest.raises(ChangedMeanwhile):
            operations.order_courses(
                actor=world.actor("editor"),
                plan_id=rows[0].plan_id,
                group_id=rows[0].group_id,
                course_ids=wrong,
            )
    assert client.post(address, {}).status_code == 422


def test_only_editors_order_and_only_a_draft(world, rows):
    order = [row.pk for row in reversed(rows)]
    given = {"plan_id": rows[0].plan_id, "group_id": rows[0].group_id, "course_ids": order}
    with pytest.raises(NotAllowed):
        operations.order_courses(actor=world.actor("reviewer"), **given)
    Plan.objects.update(state="in-school")
    with pytest.raises(WrongState):
        operations.order_courses(actor=world.actor("editor"), **given)

    client, address = page_of(world, rows)
    assert (client.get(address).status_code, client.post(address, sent(rows)).status_code) == (409, 409)
    assert names(rows[0].plan) == "01234"


def test_groups_are_ordered_and_files_and_pages_follow(world, rows):
    plan = rows[0].plan
    second = PlanGroup.objects.create(
        plan=plan, course_type="H", group_code="11", department_code="101", class_group_code="2", position=1
    )
    PlanCourse.objects.filter(pk__in=[rows[1].pk, rows[3].pk]).update(group=second)
    client = world.client("editor")
    address = reverse("plans:order_groups", args=[plan.pk])

    first = client.get(address)
    fields = {f"place_{pk}": n for n, (pk, _name, _code) in enumerate(first.context["form"].rows, 1)}
    client.post(address, fields | {"up": second.pk})

    assert [line.name for line in code_lines(plan)] == [f"科目{n}" for n in (1, 3, 0, 2, 4)]
    assert AuditEntry.objects.filter(action="plan.groups_ordered").count() == 1


@pytest.mark.parametrize("count", [3, 300])
def test_the_page_and_its_writing_ask_few_questions(world, count, django_assert_max_num_queries):
    rows = courses(world.plan(), count)
    client, address = page_of(world, rows)
    client.get(address)

    with django_assert_max_num_queries(12):
        page = client.get(address)
    assert len(page.context["form"].fields) == count
    with django_assert_max_num_queries(40):
        client.post(address, sent(rows, 科目2=1))
    assert names(rows[0].plan).startswith("201")
