"""With JavaScript switched off every page still opens, and a file travels with a plain form."""

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browser import PHONE, person
from tests.e2e.students import start_outcome, state_is

STUDENT, COURSE, NOTE = "1152003", "自然科學", "沒有程式也寫得出的簡述。"
WORKS = Path(__file__).parents[2] / "samples" / "country" / "files"
PAGES = {
    "/": "歡迎回來",
    "/outcomes/": "選一門課新增成果",
    "/activities/": "新增一筆",
    "/selection/": "勾選截止",
    "/receipts/": "還沒有收訖明細",
    "/status/": "查驗時間",
    "/verify/": "沒有網路也能驗證",
}


def test_pages_open_and_a_file_is_handed_in_without_javascript(school, browser):
    with person(browser, school.url, PHONE, scripts=False) as student:
        school.enter(student, STUDENT)
        for path, words in PAGES.items():
            student.open(path)
            student.says(words)
        path = start_outcome(student, COURSE)
        page = student.page
        page.get_by_label("文件檔案").set_input_files(WORKS / "refused" / "truncated.pdf")
        student.button("上傳選好的檔案").click()
        expect(page.get_by_role("alert")).to_contain_text("「truncated.pdf」沒有收下")
        page.get_by_label("文件檔案").set_input_files(WORKS / "reading_notes.pdf")
        student.button("上傳選好的檔案").click()
        student.says("已上傳並存好：reading_notes.pdf")
        receipt = page.get_by_role("link", name="收據", exact=True)
        expect(receipt).to_have_attribute("href", f"{path}document/receipt/")
        page.get_by_label("成果簡述").fill(NOTE)
        student.button("送出認證").click()
        student.says("已送給老師認證。", NOTE)
        state_is(student, "已送老師")
        student.open(path)
        student.button("收回修改").click()
        student.says("已收回，可以修改後再送出。")
        student.open(path)
        state_is(student, "草稿")
