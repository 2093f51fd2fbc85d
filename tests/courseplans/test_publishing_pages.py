"""Public pages of schools, groups and courses, and the files and answers for machines."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from licheng_exchange import parse_course_code_file

from licheng.courseplans.api import api
from licheng.courseplans.plans.models import Correction, PlanCourse, PlanGroup, Syllabus
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = "1235689A"


@pytest.fixture
def plan(world):
    """A plan on file with a course of many kinds, one of them with a syllabus."""
    plan = world.plan("filed")
    made = courses(plan, len(CATEGORIES))
    for course, category in zip(made, CATEGORIES, strict=True):
        course.category, course.code = category, f"{course.code[:16]}{category}{course.code[17:]}"
        course.save(update_fields=["category", "code"])
    units = [{"title": "單元一", "hours": "6", "content": "內容"}]
    Syllabus.objects.create(course=made[0], goals="看得懂\n<b>文章</b>", units=units)
    return plan


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_a_family_reads_what_a_school_teaches(plan, client, django_assert_num_queries):
    with django_assert_num_queries(4):
        page = page_of(client, "/schools/010301/")

    for words in (
        "here 高中",
        "115 學年度入學",
        "選修例如",
        "可以讀什麼",
        "普通班",
        "必修 8 學分",
        "選修開 4 門",
        "科目1",
    ):
        assert words in page, words
    assert "可以讀什麼" in page_of(client, "/schools/010301/115/")


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-09-01", "115 學年度（現在高一）"),
        ("2026-03-01", "115 學年度（2026 年 8 月入學）"),
        ("2029-09-01", "115 學年度<"),
    ],
)
def test_years_are_said_as_families_say_them(plan, world, client, today, words):
    world.plan("filed", year=114)
    with time_machine.travel(f"{today}T12:00:00+08:00", tick=False):
        page = page_of(client, "/schools/010301/")
        assert client.get("/schools/010301/115/H111010/").status_code == 200

    assert "2026 年 8 月（115 學年度）升高一" in page
    assert words in page


def test_a_group_without_courses_says_so(plan, client):
    PlanGroup.objects.create(
        plan=plan, course_type="H", group_code="11", department_code="101", class_group_code="2"
    )

    assert "這個科別還沒有科目" in page_of(client, "/schools/010301/115/H111012/")


def test_a_group_shows_credits_by_domain_and_semester(plan, client, django_assert_num_queries):
    with django_assert_num_queries(3):
        page = page_of(client, "/schools/010301/115/H111010/")

    for words in ("三年必修 8 學分", "語文", "部定必修", "校訂必修", "共開 1 門，從中選修", "節數", "高三"):
        assert words in page, words


def test_a_course_is_explained_part_by_part(plan, client, django_assert_max_num_queries):
    course = plan.courses.first()
    with django_assert_max_num_queries(6):
        page = page_of(client, f"/courses/{course.code}/")

    for words in (
        "科目0",
        "課程代碼逐段說明",
        "4-9",
        "here 高中",
        "部定必修",
        "共 4 學分",
        "單元一",
        "看得懂",
    ):
        assert words in page, words
    assert "&lt;b&gt;文章" in page


def test_a_corrected_code_leads_to_the_new_one(plan, world, client):
    old = plan.courses.last()
    second = world.plan("filed", version=2)
    (new,) = courses(second, 1)
    Correction.objects.create(plan=second, old_code=old.code, new_code=new.code, reason="領域填錯")

    assert f'href="/courses/{new.code}/"' in page_of(client, f"/courses/{old.code}/")
    assert f"原代碼 {old.code}" in page_of(client, f"/courses/{new.code}/")
    gone = plan.courses.first()
    if gone.code != new.code:
        assert "只在第 1 版課程計畫" in page_of(client, f"/courses/{gone.code}/")


def test_a_code_that_came_back_is_not_called_replaced(plan, world, client):
    course = plan.courses.last()
    new = course.code[:-2] + "ZZ"
    for version, old_code, new_code in ((2, course.code, new), (3, new, course.code)):
        later = world.plan("filed", version=version)
        (made,) = courses(later, 1)
        PlanCourse.objects.filter(pk=made.pk).update(code=new_code)
        Correction.objects.create(plan=later, old_code=old_code, new_code=new_code, reason="改")

    assert "已經更正" not in page_of(client, f"/courses/{course.code}/")
    assert "已經更正" in page_of(client, f"/courses/{new}/")
    assert client.get(f"/api/v1/courses/{course.code}").json()["replaced_by"] == ""


def test_a_code_without_plan_is_explained_and_not_found(world, client):
    draft = courses(world.plan("draft"), 1)[0]

    for code in (draft.code, "109553611H11101A1010101"):
        answer = client.get(f"/courses/{code}/")
        assert answer.status_code == 404
        assert "沒有備查的課程計畫有這個代碼" in answer.content.decode()
        assert "科目0" not in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/courses/1/",
        "/courses/115010301H111010510101１１/",
        "/courses/999999999999999999999999999999/",
        "/schools/010302/",
        "/schools/000000/",
        "/schools/010301/114/",
        "/schools/010301/99999999999999999999/",
        "/schools/010301/115/H111011/",
        "/schools/010301/115/files/exe/",
        "/schools/010302/115/files/txt/",
        "/api/v1/schools/010302/years/115/courses",
        "/api/v1/schools/010301/years/114/courses",
        "/api/v1/courses/109553611H11101A1010101",
    ],
)
def test_what_is_not_on_file_is_not_found(plan, world, client, address):
    world.plan("at-authority", place="near")

    answer = client.get(address)

    assert answer.status_code == 404
    assert "您的學校" not in answer.content.decode()


def test_what_is_not_on_file_is_said_in_words_of_course_plans(world, client):
    page = client.get("/schools/010301/").content.decode()
    machine = client.get("/api/v1/schools/010301/years/115/courses").json()

    assert "這裡沒有備查的課程計畫" in page
    assert (machine["code"], machine["detail"]) == ("not-found", "這裡沒有備查的課程計畫。")


def test_the_code_file_is_read_back_as_it_stands(plan, client):
    answer = client.get("/schools/010301/115/files/txt/")

    rows, issues = parse_course_code_file(answer.content)
    assert issues == []
    assert [(row.code.text, row.name, row.credits) for row in rows] == list(
        PlanCourse.objects.values_list("code", "name", "credits")
    )
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''115010301_")
    again = client.get("/schools/010301/115/files/txt/", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("download", ["csv", "xlsx", "json", "corrections", "corrections-xlsx"])
def test_other_files_hold_the_same_courses(plan, client, download):
    answer = client.get(f"/schools/010301/115/files/{download}/")

    assert answer.status_code == 200
    if download == "json":
        assert len(json.loads(answer.content)["courses"]) == len(CATEGORIES)
    elif download in {"csv", "xlsx"}:
        rows, issues = parse_course_code_file(answer.content)
        assert (len(rows), issues) == (len(CATEGORIES), [])


def test_the_correction_file_says_what_was_and_what_is(plan, world, client):
    old = plan.courses.first()
    second = world.plan("filed", version=2)
    (new,) = courses(second, 1)
    Correction.objects.create(plan=second, old_code=old.code, new_code=new.code, reason="更正")

    lines = client.get("/schools/010301/115/files/corrections/").content.decode().splitlines()

    assert f"{new.code},科目0,220000,{old.code},科目0" in lines


def test_the_api_answers_once_for_one_version(plan, world, client, django_assert_max_num_queries):
    address = "/api/v1/schools/010301/years/115/courses"
    with django_assert_max_num_queries(6):
        answer = client.get(address)
    body = answer.json()
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})

    assert (body["school_code"], body["entry_year"], body["version"]) == ("010301", 115, 1)
    assert body["courses"][0] == {
        "course_code": plan.courses.first().code,
        "name": "科目0",
        "credits": "220000",
    }
    assert (again.status_code, again.content) == (304, b"")
    second = world.plan("filed", version=2)
    courses(second, 1)
    changed = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (changed.status_code, changed.json()["version"], len(changed.json()["courses"])) == (200, 2, 1)


def test_the_api_lists_schools_and_explains_a_code(plan, world, client):
    world.plan("filed", year=114)
    world.plan("draft", place="near")
    code = plan.courses.first().code

    schools = client.get("/api/v1/schools").json()["schools"]
    explained = client.get(f"/api/v1/courses/{code}").json()

    assert [(one["school_code"], [plan["entry_year"] for plan in one["plans"]]) for one in schools] == [
        ("010301", [115, 114])
    ]
    assert explained["is_current"]
    assert "".join(part["value"] for part in explained["parts"]) == code


def test_the_api_refuses_in_problem_json_and_counts_by_address(plan, client, monkeypatch):
    from licheng.courseplans import api as module
    from licheng.foundations.limits.operations import Limit

    refused = client.get("/api/v1/schools/abc/years/115/courses")
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "application/problem+json")
    monkeypatch.setattr(module, "PER_ADDRESS", Limit(times=1, seconds=600))
    statuses = [client.get("/api/v1/schools").status_code for _n in range(3)]
    assert statuses[-1] == 429


def test_the_description_of_the_api_is_the_committed_one():
    committed = json.loads((ROOT / "docs" / "api" / "courseplans.openapi.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == committed


def test_a_paired_course_counts_once(world, client):
    plan = world.plan("filed")
    (course,) = courses(plan, 1)
    PlanCourse.objects.filter(pk=course.pk).update(credits="2B0000", category="1")

    page = page_of(client, f"/courses/{course.code}/")

    assert "共 2 學分" in page
    assert "對開 2" in page


def test_class_groups_are_called_what_the_school_calls_them(world, client):
    plan = world.plan("filed")
    for letter, name in (("A", "人文社會班群"), ("B", "")):
        PlanGroup.objects.create(
            plan=plan,
            course_type="H",
            group_code="11",
            department_code="101",
            class_group_code=letter,
            class_group_name=name,
        )

    page = page_of(client, "/schools/010301/")

    assert "人文社會班群" in page
    assert "B 班群" in page


def test_officers_read_the_public_pages_too(plan, world):
    for who in ("editor", "authority", "operator"):
        assert "查高中課程" in page_of(world.client(who), "/search/")


def test_a_plan_filed_later_for_an_older_year_does_not_hide_the_newer(world, client):
    newer, older = world.plan("filed", year=115), world.plan("filed", year=114)
    older.filed_at = timezone.now() + timedelta(days=1)
    older.save(update_fields=["filed_at"])

    assert "115 學年度入學的課程計畫" in page_of(client, "/schools/010301/")
    assert newer.entry_year > older.entry_year
    assert io.BytesIO(client.get("/schools/010301/115/files/xlsx/").content).read(2) == b"PK"
