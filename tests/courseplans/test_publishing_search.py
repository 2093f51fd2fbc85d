"""The public search: what is found, what is not public, and that it asks few questions of the database."""

from urllib.parse import urlencode

import pytest
from django.db import connection

from licheng.courseplans.plans.models import PlanCourse
from licheng.courseplans.plans.queries.naming import name_holds
from licheng.foundations.limits.operations import Limit
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db


def named(plan, *names):
    """Courses of a plan under these names."""
    made = courses(plan, len(names))
    for course, name in zip(made, names, strict=True):
        course.name = name
        course.save(update_fields=["name"])
    return made


def found(client, **asked):
    """Names and schools on the page of results, in order."""
    page = client.get(f"/search/?{urlencode(asked)}")
    assert page.status_code == 200
    result = page.context["found"]
    return [(row.name, row.plan.school_name) for row in result.page.object_list] if result else None


@pytest.mark.parametrize("asked", ["日語", "日", "日語 進階", "進階日語", "進階 日語"])
def test_a_subject_is_found_by_its_words_in_any_order(world, client, asked):
    named(world.plan("filed"), "進階日語", "數學", "日本文化與語言")

    assert ("進階日語", "here 高中") in found(client, q=asked)
    assert ("數學", "here 高中") not in found(client, q=asked)


def test_pairs_of_characters_are_looked_for_not_single_ones(world, client):
    named(world.plan("filed"), "日本文化與語言", "日語")

    assert found(client, q="日語") == [("日語", "here 高中")]


def test_width_case_and_the_two_ways_to_write_taiwan_are_one(world, client):
    named(world.plan("filed"), "臺灣文學ＡＩ探索")

    assert found(client, q="台灣 ai") == [("臺灣文學ＡＩ探索", "here 高中")]


@pytest.mark.parametrize("asked", ["100%", "_", "'; DROP TABLE plans_plan; --", "\\", "、，", "🙂"])
def test_signs_are_no_wildcards_and_break_nothing(world, client, asked):
    named(world.plan("filed"), "數學")

    assert found(client, q=asked, domain="01") in ([], [("數學", "here 高中")])
    assert PlanCourse.objects.count() == 1


@pytest.mark.parametrize(
    "asked", [{"q": "a\0b"}, {"q": "長" * 41}, {"year": "abc"}, {"domain": "' OR 1"}, {"year": "999999"}]
)
def test_what_cannot_be_asked_is_said(world, client, asked):
    world.plan("filed")

    page = client.get(f"/search/?{urlencode(asked)}")

    assert page.status_code == 422
    assert "請先修正下列各項" in page.content.decode()


def test_only_plans_on_file_are_public_in_their_newest_version(world, client):
    named(world.plan("filed", version=1), "舊版課程")
    named(world.plan("filed", version=2), "新版課程")
    for place, state in (("near", "draft"), ("far", "at-authority")):
        named(world.plan(state, place=place), f"{place}課程")

    assert found(client, q="課程") == [("新版課程", "here 高中")]


def test_a_year_can_be_chosen_and_the_newest_is_shown_otherwise(world, client):
    named(world.plan("filed", year=114), "舊生課程")
    named(world.plan("filed", year=115), "新生課程")

    assert found(client, q="課程") == [("新生課程", "here 高中")]
    assert found(client, q="課程", year=114) == [("舊生課程", "here 高中")]


def test_schools_are_found_by_name_code_and_county(world, client):
    for place in ("here", "near", "far"):
        named(world.plan("filed", place=place), "數學")

    for asked in ({"school": "NEAR"}, {"school": "010302"}):
        page = client.get(f"/search/?{urlencode(asked)}")
        assert [plan.school_name for plan in page.context["found"].page.object_list] == ["near 高中"]
    assert len(client.get("/search/?county=臺北市").context["found"].page.object_list) == 3
    assert client.get("/search/?county=金門縣").context["found"].page.object_list == []
    assert found(client, q="數學", school="far") == [("數學", "far 高中")]
    assert found(client, q="數學", group="21") == []
    assert found(client, q="數學", group="11", domain="01", school="far") == [("數學", "far 高中")]


def test_a_typed_code_leads_to_its_course(world, client):
    (course,) = named(world.plan("filed"), "數學")

    answer = client.get(f"/search/?q={course.code.lower()}")

    assert answer.headers["Location"] == f"/courses/{course.code}/"


def test_every_result_stands_on_one_page(world, client):
    for place, count in (("here", 31), ("near", 1), ("far", 40)):
        named(world.plan("filed", place=place), *(f"選修{n}" for n in range(count)))

    pages = [found(client, q="選修", page=n) for n in (1, 2, 3)]

    assert [len(page) for page in pages] == [30, 30, 12]
    assert len({tuple(row) for page in pages for row in page}) == 72
    assert found(client, q="選修", page="9999999999999999999") == pages[2]
    assert found(client, q="選修", page="x") == pages[0]


@pytest.mark.parametrize("count", [3, 300])
def test_the_search_asks_five_questions_for_any_number_of_courses(
    world, client, count, django_assert_num_queries
):
    for place in ("here", "near", "far"):
        courses(world.plan("filed", place=place), count)
    client.get("/search/?q=科目")

    with django_assert_num_queries(5):  # one of them counts the asker
        page = client.get("/search/?q=科目")

    assert page.context["found"].courses == 3 * count


def test_one_address_searches_so_often_and_reads_the_front_page_all_the_same(world, client, monkeypatch):
    monkeypatch.setattr("licheng.courseplans.publishing.views.PER_ADDRESS", Limit(times=2, seconds=600))
    world.plan("filed")

    answers = [client.get("/search/?q=科目").status_code for _ in range(3)]

    assert (answers, client.get("/").status_code) == ([200, 200, 429], 200)


@pytest.mark.parametrize(
    ("asked", "way", "others"),
    [
        ({"q": "科"}, "Bitmap Index Scan on plan_course_by_name", ("index", "indexonly")),
        ({"domain": "01"}, "Index Only Scan using plan_course_by_domain", ("index", "bitmap")),
    ],
)
def test_courses_are_counted_by_the_index_of_what_is_asked(
    world, client, django_assert_num_queries, asked, way, others
):
    courses(world.plan("filed"), 30)
    with connection.cursor() as cursor:
        for other in ("seq", *others):
            cursor.execute(f"SET LOCAL enable_{other}scan = off")
        with django_assert_num_queries(5) as asked_of:
            client.get("/search/", asked)
        (count,) = (one["sql"] for one in asked_of.captured_queries if "COUNT(" in one["sql"])
        cursor.execute(f"EXPLAIN {count}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert way in plan


def test_the_front_page_of_an_empty_platform_says_so(db, client):
    assert "還沒有備查的課程計畫" in client.get("/").content.decode()


def test_the_index_of_names_is_used(world):
    named(world.plan("filed"), "數學")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows = PlanCourse.objects.filter(name_holds("數學"))

    assert "plan_course_by_name" in rows.explain()
