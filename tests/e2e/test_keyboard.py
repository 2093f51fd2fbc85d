"""The student's way without a mouse: every stop shows its focus, and nothing needs pointing."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.browser import DESK, person

STUDENT, COURSE, NOTE = "1152002", "公民與社會", "只用鍵盤寫的簡述。"
WORK = Path(__file__).parents[2] / "samples" / "country" / "files" / "reading_notes.pdf"
MOST_STOPS = 80
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    text: (one.labels?.[0]?.textContent || one.getAttribute("aria-label") || one.textContent || "").trim(),
    tag: one.tagName, href: one.getAttribute("href"),
    isShown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 1 && box.height > 1,
  };
}"""


def _tab_to(page: Page, words: str) -> None:
    """Tab until the focus stands on what says the words; every stop on the way must show where it is."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["tag"] == "BODY":
            continue  # between the page's end and its beginning
        assert stop["isShown"], f"{page.url}: no visible focus on {stop}"
        if re.search(words, stop["text"]):
            return
    raise AssertionError(f"{page.url}: Tab does not reach {words}")


def _skip_link_comes_first(page: Page) -> None:
    page.keyboard.press("Tab")
    stop = page.evaluate(FOCUS)
    assert (stop["text"], stop["href"], stop["isShown"]) == ("跳到主要內容", "#main", True)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def _type_at(page: Page, words: str, text: str) -> None:
    _tab_to(page, words)
    page.keyboard.type(text)


def test_outcome_is_made_and_sent_by_keyboard_alone(school, browser):
    code, own = school.codes[STUDENT], "keys only and no mouse at all"
    with person(browser, school.url, DESK) as student:
        page = student.open("/enrol/")
        _skip_link_comes_first(page)
        typed = (("^學校", school.code), ("^帳號", STUDENT), ("^啟用碼", code))
        for words, text in (*typed, ("^自己的密碼", own), ("^再輸入一次", own)):
            _type_at(page, words, text)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/email/"))
        _tab_to(page, "^我沒有電子郵件$")
        page.keyboard.press("Enter")
        _tab_to(page, "^我沒有，繼續$")
        page.keyboard.press("Enter")
        student.says("歡迎回來")
        _skip_link_comes_first(page)
        _tab_to(page, "^上傳課程學習成果$")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/outcomes/"))
        _tab_to(page, f"：{COURSE}$")
        page.keyboard.press("Space")
        student.says("已建立草稿。")
        _upload(page)
        _type_at(page, "^成果簡述", NOTE)
        _tab_to(page, "^送出認證$")
        page.keyboard.press("Enter")
        student.says("已送給老師認證。", NOTE, WORK.name)
        _sign_out(page)


def _upload(page: Page) -> None:
    _tab_to(page, "^選擇檔案")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(WORK)
    area = page.locator("[data-upload][data-role=document]")
    expect(area.get_by_role("link", name="收據")).to_be_visible()
    expect(area.get_by_role("status")).to_have_text(f"已上傳並存好：{WORK.name}")


def _sign_out(page: Page) -> None:
    _tab_to(page, "選單$")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu").last).to_be_hidden()  # the first is 更多, of the top row
    page.keyboard.press("Enter")
    _tab_to(page, "^登出$")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/people/sign-in/"))
    page.goto(page.url.replace("/people/sign-in/", "/outcomes/"))
    expect(page).to_have_url(re.compile("/people/sign-in/"))
