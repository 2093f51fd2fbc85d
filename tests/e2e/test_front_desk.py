"""What strangers meet first, a question to the desk with its answer, and the settings of the working group, on a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e import registrar
from tests.e2e.browser import PHONE, person


@pytest.fixture
def stranger(browser, school):
    with person(browser, school.url, PHONE) as somebody:
        yield somebody


def test_a_stranger_asks_and_the_desk_answers(browser, school, stranger):
    stranger.open("/")
    stranger.says("公告", "資訊安全公告", "本學期的期限", "服務臺")
    expect(stranger.link("第一次使用（啟用碼）")).to_be_visible()
    stranger.look("front-page")
    page = stranger.page
    stranger.link("服務臺").click()
    page.get_by_label("怎麼稱呼您").fill("王同學")
    page.get_by_label("主旨").fill("不能登入")
    page.get_by_label("內容").fill("換了手機，收不到驗證碼。")
    page.get_by_role("checkbox").press("Space")
    expect(page.locator("altcha-widget [data-state=verified]")).to_be_attached(timeout=20_000)
    stranger.button("送出").click()
    stranger.says("等待回覆", "換了手機")
    thread = page.url

    with person(browser, school.url, PHONE) as office:
        school.enter(office, registrar.ACCOUNT)
        office.open("/help/desk/")
        office.link("不能登入").click()
        office.page.get_by_label("內容").fill("請帶學生證到註冊組。")
        office.button("回覆").click()
        office.says("已回覆")
        office.open("/working-group/")
        office.says("教育部", "本校現在")
        office.look("working-group")

    page.goto(thread)
    stranger.says("已回覆", "請帶學生證到註冊組。")
    stranger.look("question")
