import pytest
from django.urls import reverse

from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.plans.queries import check_typed
from licheng.courseplans.plans.typed import CourseTyped
from licheng.foundations.limits.operations import Limit, consume
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db

NEW = {"name": "文學賞析", "category": "5", "delivery": "1", "attribute": "1", "domain": "01", "subject": ""}
NEW |= {f"credit_{n}": "0" for n in range(6)} | {"credit_0": "2", "credit_1": "B"}


def text(response):
    return response.content.decode()


def test_an_editor_signs_in_and_sees_an_empty_list(world):
    page = world.client("editor").get("/")

    assert page.status_code == 200
    assert "還沒有課程計畫" in text(page)


@pytest.mark.parametrize("count", [3, 300])
def test_the_board_asks_the_same_few_questions_for_any_number_of_plans(
    world, count, django_assert_max_num_queries
):
    for year in range(count):
        courses(world.plan("filed", year=200 + year), 1)
    client = world.client("editor")
    client.get("/")

    with django_assert_max_num_queries(12):
        page = client.get("/")

    assert len(page.context["board"].lines) == min(count, 50)


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize(
    "name", ["plan", "group", "course", "compare", "add_course", "edit_course", "syllabus"]
)
def test_pages_ask_the_same_few_questions_for_any_number_of_courses(
    world, count, name, django_assert_max_num_queries
):
    if name == "compare":
        courses(world.plan("filed"), count)
    plan = world.plan(version=2)
    made = courses(plan, count)
    keys = {"plan_id": plan.pk}
    keys |= {"group_id": made[0].group_id} if name in {"group", "add_course"} else {}
    keys |= {"course_id": made[1].pk} if name in {"course", "edit_course", "syllabus"} else {}
    client = world.client("editor")
    client.get("/")

    with django_assert_max_num_queries(12):
        page = client.get(reverse(f"plans:{name}", kwargs=keys))

    assert page.status_code == 200


def test_a_plan_is_begun_and_filled_without_scripts(world):
    client = world.client("editor")

    begun = client.post("/plans/begin/", {"entry_year": "115"}, follow=True)
    plan = Plan.objects.get()
    added = client.post(
        f"/plans/{plan.pk}/groups/add/",
        {"course_type": "H", "group_code": "11", "department_code": "101", "class_group_code": "0"},
        follow=True,
    )
    group = plan.groups.get()
    looked = client.post(f"/plans/{plan.pk}/groups/{group.pk}/courses/add/", NEW | {"check": "1"})
    page = client.post(f"/plans/{plan.pk}/groups/{group.pk}/courses/add/", NEW, follow=True)

    assert begun.status_code == added.status_code == looked.status_code == 200
    assert "115010301H111010511011" in text(looked)
    course = PlanCourse.objects.get()
    assert (course.code, course.credits) == ("115010301H1110105110111", "2B0000")
    assert "文學賞析" in text(page)


HTMX = {"HX-Request": "true"}


@pytest.fixture
def editing(world):
    """A plan with three courses, the editor's browser, and the address of one of them."""
    plan = world.plan()
    course = courses(plan, 3)[0]
    return world.client("editor"), course, f"/plans/{plan.pk}/courses/{course.pk}/edit/"


def form_of(page):
    """What a browser would send of the form as it stands."""
    form = page.context["form"]
    return {field.name: field.value() or "" for field in form} | {"group": page.context["group"].pk}


def test_while_somebody_types_the_page_says_what_is_wrong_and_writes_nothing(editing):
    client, course, address = editing
    typed = form_of(client.get(address)) | {"name": "國,文", "check": "1"}

    said = client.post(address, typed, headers=HTMX)

    assert "半形逗號" in text(said)
    assert "<html" not in text(said)
    assert PlanCourse.objects.get(pk=course.pk).name == "科目0"


def test_a_row_is_changed_in_place(editing):
    client, course, address = editing
    typed = form_of(client.get(address))

    opened = client.get(address, headers=HTMX)
    saved = client.post(address, typed | {"name": "改名", "credit_5": "C"}, headers=HTMX)

    assert text(opened).lstrip().startswith("<tr")
    assert "改名" in text(saved)
    assert [text(one).count(" autofocus") for one in (opened, saved)] == [1, 1], (
        "keys go on where the row stands"
    )
    assert '<hx-partial hx-target="#sums"' in text(saved)
    assert PlanCourse.objects.get(pk=course.pk).credits == "22000C"


def test_a_new_row_is_added_in_place_and_the_form_is_ready_for_the_next(editing):
    client, course, _address = editing
    address = f"/plans/{course.plan_id}/groups/{course.group_id}/courses/add/"

    page = client.post(address, NEW, headers=HTMX)
    refused = client.post(address, NEW | {"name": ""}, headers=HTMX)

    assert page.status_code == 200
    assert ['hx-target="#rows"' in text(page), '<hx-partial hx-target="#sums"' in text(page)] == [True, True]
    assert page.context["form"]["domain"].value() == "01"
    assert not page.context["form"]["name"].value()
    assert "autofocus" in str(page.context["form"]["name"]), "the next one can be typed at once"
    assert (refused.status_code, PlanCourse.objects.count()) == (422, 4)


def test_the_first_row_of_a_group_takes_the_place_of_the_empty_words(world):
    group = world.plan().groups.get()

    page = world.client("editor").post(
        f"/plans/{group.plan_id}/groups/{group.pk}/courses/add/", NEW, headers=HTMX
    )

    assert '<hx-partial hx-target="#list"' in text(page)
    assert ['id="rows"' in text(page), "還沒有科目" in text(page)] == [True, False]


def test_what_two_editors_write_at_once_is_said_and_the_words_are_kept(editing):
    client, course, address = editing
    typed = form_of(client.get(address))
    client.post(address, typed | {"name": "別人的"})

    page = client.post(address, typed | {"name": "我的"})
    again = client.post(address, form_of(page))

    assert page.status_code == 409
    assert "別人改過" in text(page)
    assert "別人的" in text(page)
    assert 'value="我的"' in text(page)
    assert again.status_code == 302
    assert PlanCourse.objects.get(pk=course.pk).name == "我的"


def test_a_row_removed_meanwhile_comes_back_when_its_words_are_saved_again(editing):
    client, course, address = editing
    opened = client.get(address)
    typed = form_of(opened)
    client.post(address.replace("edit", "remove"), {"seen": typed["seen"]})

    page = client.post(address, typed | {"name": "我的"})
    client.post(f"/plans/{course.plan_id}/groups/{course.group_id}/courses/add/", form_of(page))

    assert page.status_code == 409
    assert "別人移除了" in text(page)
    assert 'value="我的"' in text(page)
    assert PlanCourse.objects.filter(name="我的").count() == 1


def test_words_are_kept_when_the_plan_was_handed_in_meanwhile(editing):
    client, course, address = editing
    typed = form_of(client.get(address))
    Plan.objects.update(state="in-school")

    page = client.post(address, typed | {"name": "來不及的"})

    assert page.status_code == 409
    assert "校內審" in text(page)
    assert 'value="來不及的"' in text(page)
    assert client.get(address).status_code == 409
    assert PlanCourse.objects.get(pk=course.pk).name == "科目0"


def test_a_syllabus_is_written_and_what_somebody_else_wrote_is_shown_beside(editing):
    client, course, address = editing
    address = address.replace("edit", "syllabus")
    words = {
        "goals": "第一行\r\n第二行",
        "unit_title": ["一", ""],
        "unit_hours": ["４", ""],
        "unit_content": ["", ""],
    }

    first = client.post(address, words, follow=True)
    second = client.post(address, words | {"goals": "我的"})
    wrong = client.post(address, words | {"unit_hours": ["x", ""], "seen": "?"})

    assert "第一行" in text(first)
    assert (second.status_code, wrong.status_code) == (409, 409)
    assert "第一行" in text(second)
    assert "我的" in text(second)
    assert PlanCourse.objects.get(pk=course.pk).syllabus.units == [
        {"title": "一", "hours": "4", "content": ""}
    ]


def test_handing_in_is_offered_once_nothing_stands_in_the_way(world):
    client, plan = world.client("editor"), world.plan()
    address = f"/plans/{plan.pk}/"
    empty = text(client.get(address))
    made = courses(plan, 2)
    ready = text(client.get(address))
    PlanCourse.objects.filter(pk=made[0].pk).update(name="國,文")
    wrong = text(client.get(address))

    assert [address + "hand-in/" in page for page in (empty, ready, wrong)] == [False, True, False]
    assert "填好群科和科目以後" in empty
    assert "有 1 項要修正" in wrong


def test_a_syllabus_saved_empty_counts_as_none(editing):
    client, course, address = editing
    client.post(address.replace("edit", "syllabus"), {"goals": ""})

    assert "還沒有填。" in text(client.get(f"/plans/{course.plan_id}/courses/{course.pk}/"))
    assert "有教學大綱" not in text(client.get(f"/plans/{course.plan_id}/groups/{course.group_id}/"))


def test_more_units_come_without_losing_what_was_typed(editing):
    client, course, address = editing
    address = address.replace("edit", "syllabus")
    words = {
        "goals": "目標",
        "unit_title": ["一", "", "三"],
        "unit_hours": ["4", "", "不是數"],
        "unit_content": ["甲", "", ""],
    }

    page = client.post(address, words | {"more": "1"})
    rows = page.context["form"].unit_rows()

    assert page.status_code == 200
    assert [row[2:] for row in rows] == [
        ("一", "4", "甲"),
        ("", "", ""),
        ("三", "不是數", ""),
        *[("", "", "")] * 3,
    ]
    assert [row[0] for row in rows if row[1]] == [4]
    assert "目標" in text(page)
    assert text(page).count(" autofocus ") == 1
    assert not hasattr(PlanCourse.objects.get(pk=course.pk), "syllabus")
    most = {"unit_title": ["字"] * 61, "unit_hours": [""] * 61, "unit_content": [""] * 61}
    assert len(client.post(address, most | {"more": "1"}).context["form"].unit_rows()) == 61
    assert len(client.post(address, most).context["form"].unit_rows()) == 61


def test_pages_of_every_officer_and_state_are_drawn(world):
    for n, state in enumerate(("draft", "in-school", "at-authority", "filed")):
        plan = world.plan(state, year=115 + n)
        made = courses(plan, 2)
        addresses = [f"/plans/{plan.pk}/", f"/plans/{plan.pk}/groups/{made[0].group_id}/"]
        addresses.append(f"/plans/{plan.pk}/courses/{made[0].pk}/")
        for who in ("editor", "reviewer", "authority", "operator"):
            client = world.client(who)
            found = {client.get(one).status_code for one in ("/", *addresses)}
            assert found <= {200, 404}, (who, state)
            assert (found == {200}) is (
                who in {"editor", "reviewer"}
                or state == "filed"
                or (who == "authority" and state == "at-authority")
            )


def test_hostile_numbers_in_forms_are_refused_in_words(world):
    plan = world.plan()
    client = world.client("editor")
    group = f"/plans/{plan.pk}/groups/{plan.groups.first().pk}"

    for number in ("", "x", "9" * 40, "-1", "１", "\x00"):
        assert client.post(f"/plans/{plan.pk}/hand-in/", {"step": number}).status_code == 409
        assert client.post(f"{group}/remove/", {"courses": number}).status_code == 409
        assert client.post(f"{group}/copy/", {"from_group": number}).status_code == 404
        assert client.post("/plans/begin/", {"entry_year": number}).status_code == 422
        assert client.get(f"/plans/{plan.pk}/compare/?with={number}").status_code == 404
    assert client.get(f"/plans/{'9' * 30}/").status_code == 404


def test_the_common_first_year_counts_while_typing_as_it_does_on_the_page(world):
    plan = world.plan()
    place = {"plan": plan, "course_type": "M", "group_code": "11", "class_group_code": "0"}
    common, programme = (PlanGroup.objects.create(**place, department_code=code) for code in ("196", "401"))
    parts = {"category": "1", "delivery": "0", "attribute": "1", "domain": "01", "subject": "01"}
    code = f"115010301{common}" + "".join(parts.values())
    PlanCourse.objects.create(plan=plan, group=common, code=code, name="國語文", credits="440000", **parts)

    typed = CourseTyped(**parts | {"subject": "02"}, name="英語文", credits="003300")
    checked = check_typed(programme, typed)

    assert (checked.required, checked.offered_credits) == (14, 14)


def test_code_files_are_taken_so_often_an_hour(world):
    """A workbook is read in the sandbox, for up to twenty seconds of a processor."""
    plan, limit = world.plan(), Limit(times=10**6, seconds=3600)
    for _one in range(120):
        consume(action="plans.code_file", who=world.actor("editor").label, limit=limit)

    answer = world.client("editor").post(f"/plans/{plan.pk}/code-file/", {})

    assert answer.status_code == 429
