"""A family reads a school's plan on a phone: search, school, group, course; every page as accessibility wants it."""

import json
import time

import pytest

from licheng.embedded.walkthrough import SAMPLES, plans
from licheng.embedded.walkthrough.story import SchoolStory, Walk
from tests.e2e.browser import PHONE, person

CODE = "070406"


@pytest.fixture(scope="module")
def filed(sites):
    """The sample school's plans on file."""
    country = json.loads((SAMPLES / "country.json").read_text(encoding="utf-8"))
    cast = json.loads((SAMPLES / "cast.json").read_text(encoding="utf-8"))["schools"]
    entry = next(one for one in country["schools"] if one["code"] == CODE)
    walk = Walk(began=time.monotonic())
    plans.open_site(sites, walk, country)
    mine = next(one for one in cast if one["school_code"] == CODE)
    rosters = SAMPLES / "schools" / CODE
    plans.file_plans(SchoolStory(walk, sites, CODE, mine, rosters, SAMPLES / "files", {}), entry["authority"])
    for officer in walk.officers.values():
        officer.close()
    return sites.courseplans


def test_a_family_finds_its_way_from_a_subject_to_a_course(browser, filed):
    with person(browser, filed.url, PHONE) as family:
        page = family.open("/")
        family.look("plans-front")
        page.get_by_label("科目名稱或課程代碼").fill("會計")
        family.button("查詢").click()
        family.says("找到", "會計學", "國立彰化高商")
        family.look("plans-found")
        page.get_by_role("main").get_by_role("link", name="國立彰化高商").first.click()
        family.says("可以讀什麼", "看懂這些字")
        family.look("plans-school")
        family.link("商業經營科").click()
        family.says("三年必修", "部定必修")
        family.look("plans-group")
        family.link("國語文").click()
        family.says("課程代碼逐段說明", "適用入學年度")
        family.look("plans-course")
