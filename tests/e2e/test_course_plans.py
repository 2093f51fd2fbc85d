"""A plan filled in the browser: what is wrong is said while typing, rows change where they stand."""

import pytest
from playwright.sync_api import expect

from licheng.embedded.walkthrough.entering import enrol
from tests.e2e.browser import DESK, enter, person
from tests.e2e.conftest import newcomer

SCHOOL = "12M301"


@pytest.fixture
def editor(sites):
    """The school's plan editor, enrolled, with a draft of two courses."""
    site, run = sites.courseplans, sites.processes.run
    (sites.root / "one-school.csv").write_text(
        f"code,name,county,authority\n{SCHOOL},示範高中,,示範主管機關\n", encoding="utf-8"
    )
    run(site, "load_directory", str(sites.root / "one-school.csv"))
    place = ("--duty", "editor", "--place", SCHOOL)
    said = run(site, "add_officer", "--account", "plan-editor", "--name", "王編輯", *place)
    visitor = enrol(site, newcomer("plan-editor", said.split()[-1], has_app=True))
    page = visitor.open("/")
    page = visitor.send(page, page.form_to("/plans/begin/"), entry_year="115")
    lines = [
        f"115{SCHOOL}H11101010101{no},{name},222200" for no, name in (("01", "國語文"), ("02", "英語文"))
    ]
    visitor.send(
        page, page.form_to("/code-file/"), files={"file": ("codes.txt", "\r\n".join(lines).encode())}
    )
    yield visitor
    visitor.close()


def test_a_plan_is_filled_row_by_row(sites, browser, editor):
    for steps in ((_change, _add), (_order, _syllabus)):
        with person(browser, sites.courseplans.url, DESK) as somebody:
            enter(somebody, editor)
            somebody.open("/")
            somebody.link("115 學年度入學").click()
            somebody.link("普通班").click()
            for step in steps:
                step(somebody)


def _change(somebody):
    row = somebody.page.locator("#rows tr").nth(1)
    row.get_by_role("link", name="修改").click()
    name = row.get_by_label("科目名稱").first
    name.fill("英,語文")
    expect(row).to_contain_text("半形逗號")
    name.fill("英語文")
    expect(row).to_contain_text("加上這一列")
    row.get_by_label("高三下").select_option("B")
    row.get_by_role("button", name="儲存").click()
    expect(row).to_contain_text("對開 2")


def _add(somebody):
    page = somebody.page
    form = page.locator("#subjects-new--form")
    for name in ("文學賞析", "電影"):
        form.get_by_label("科目名稱").first.fill(name)
        form.get_by_label("課程類別").select_option("5")
        form.get_by_label("高一上").select_option("2")
        form.get_by_role("button", name="新增").click()
        expect(page.locator("#rows")).to_contain_text(name)
    expect(page.locator("#sums")).to_have_count(1)
    expect(page.locator("#sums")).to_contain_text("4")
    form.get_by_role("button", name="新增").click()
    expect(form.get_by_role("alert")).to_contain_text("請先修正")
    form.get_by_label("科目名稱").first.type("戲劇")
    expect(form).to_contain_text("加上這一列")
    expect(form.get_by_label("科目名稱").first).to_be_focused()


def _order(somebody):
    """By keyboard: a button keeps the focus while its row moves; a number and Enter save all."""
    page = somebody.page
    somebody.link("調整順序").click()
    rows = page.locator(".order-row")
    expect(rows).to_have_count(4)
    page.locator(".order-row").nth(2).get_by_role("button").first.press("Enter")
    somebody.says("「文學賞析」現在排第 2。")
    expect(page.locator(":focus")).to_contain_text("上移：文學賞析")
    somebody.look("plan-order")
    rows.nth(0).get_by_role("spinbutton").fill("9")
    rows.nth(0).get_by_role("spinbutton").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("請填 1 到 4 的數字")
    rows.nth(0).get_by_role("spinbutton").fill("4")
    rows.nth(0).get_by_role("spinbutton").press("Enter")
    somebody.says("順序已儲存。")
    expect(page.locator("#rows tr").last).to_contain_text("國語文")


def _syllabus(somebody):
    """More units come where they are wanted, and nothing that was typed goes."""
    page = somebody.page
    somebody.link("電影").click()
    somebody.link("教學大綱").click()
    page.get_by_label("教學目標").fill("看懂鏡頭的語言")
    page.get_by_label("第 3 個單元名稱").fill("剪接")
    somebody.button("再加三個單元").click()
    expect(page.get_by_label("第 6 個單元名稱")).to_be_visible()
    expect(page.get_by_label("第 4 個單元名稱")).to_be_focused()
    expect(page.get_by_label("第 3 個單元名稱")).to_have_value("剪接")
    somebody.look("plan-syllabus")
    somebody.button("儲存").click()
    somebody.says("看懂鏡頭的語言", "剪接")
