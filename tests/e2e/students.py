"""What a student does on her phone: outcomes, an activity, selection, receipts."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Route, expect

from tests.e2e.browser import Person

WORKS = Path(__file__).parents[2] / "samples" / "country" / "files"
GOOD, OTHER = WORKS / "reading_notes.pdf", WORKS / "accounting_report.pdf"
NOTE_CHARACTERS = 100
COMPETITION = {
    "競賽名稱": "全校英語演講比賽",
    "項目": "個人組",
    "獎項": "第二名",
    "結果公布日期": "115/10/02",
}


def look_at_empty_pages(student: Person) -> None:
    """A student who has made nothing yet is told where to begin."""
    student.open("/")
    student.says("從第一件課程學習成果開始")
    student.look("student-home-new")
    for name, path in (
        ("outcomes", "/outcomes/"),
        ("activities", "/activities/"),
        ("selection", "/selection/"),
    ):
        student.open(path)
        student.look(f"{name}-empty")
    student.open("/receipts/")
    student.says("還沒有收訖明細")
    student.look("receipts-empty")


def bottom_row_is_one_line(student: Person) -> None:
    """The phone's bottom row has five entries, none of them broken over two lines."""
    labels = student.page.get_by_role("navigation", name="底部").locator("a span").all()
    heights = {round(label.bounding_box()["height"]) for label in labels}
    assert len(labels) == 5
    assert max(heights) < 30, heights


def start_outcome(student: Person, course: str) -> str:
    """Begin an outcome for a course; the address of its page."""
    student.open("/outcomes/")
    student.button(f"為這門課新增成果：{course}").click()
    student.says("已建立草稿。")
    return re.sub(r"^https?://[^/]+|edit/$", "", student.page.url)


def control(student: Person) -> Locator:
    """The upload control for the document."""
    return student.page.locator("[data-upload][data-role=document]")


def choose(student: Person, area: Locator, path: Path) -> None:
    """Press the control's button and choose a file, as one does; nothing else is pressed."""
    with student.page.expect_file_chooser() as chooser:
        area.locator("[data-upload-pick]").click()
    chooser.value.set_files(path)


def upload_is_saved_by_choosing(student: Person, path: str) -> None:
    """Choosing uploads: progress while it runs, then name and receipt, and all of it is still there afterwards."""
    student.open(f"{path}edit/")
    student.says("PDF", "4 MB", "10 MB", "100 字以內")
    student.look("outcome-edit-empty")
    area = control(student)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    student.page.route("**/uploads/", hold)
    choose(student, area, GOOD)
    expect(area.get_by_role("progressbar")).to_be_visible()
    expect(area.get_by_role("link", name="收據")).to_be_hidden()
    _let_go(student, held)
    student.page.unroute("**/uploads/")
    _stored(area, GOOD.name)
    student.open(f"{path}edit/")
    _stored(area, GOOD.name)


def _let_go(student: Person, held: list[Route]) -> None:
    """The progress shows while the file is still being hashed; its first request may come a little later."""
    for _turn in range(100):
        if held:
            break
        student.page.wait_for_timeout(50)
    assert len(held) == 1
    held[0].continue_()


def _stored(area: Locator, name: str) -> None:
    expect(area.locator("[data-upload-name]")).to_have_text(name)
    expect(area.get_by_role("link", name="收據")).to_be_visible()
    expect(area.get_by_role("progressbar")).to_be_hidden()


def refused_file_changes_nothing(student: Person, path: str) -> None:
    """An executable called PDF: its sentence stands at the control, the kept file stays."""
    area = control(student)
    choose(student, area, WORKS / "refused" / "report.pdf")
    error = area.locator("[data-upload-error]")
    expect(error).to_contain_text("「report.pdf」沒有收下：內容其實是Windows 執行檔，這裡不收這種檔案。")
    _stored(area, GOOD.name)
    student.look("outcome-edit-refused-file")
    student.open(f"{path}edit/")
    _stored(area, GOOD.name)


def write_and_send(student: Person, path: str, note: str) -> None:
    """The counter counts code points; one too many is refused and kept on the page; then it is sent."""
    student.open(f"{path}edit/")
    box, counter = student.page.get_by_label("成果簡述"), student.page.locator("[data-count-for]")
    box.fill("𠮷" * (NOTE_CHARACTERS + 1))
    expect(counter).to_have_text("超過 1 字，請刪減")
    student.button("儲存").click()
    student.says(f"成果簡述有 {NOTE_CHARACTERS + 1} 字，最多 {NOTE_CHARACTERS} 字。")
    student.look("outcome-edit-error")
    box.fill(note)
    expect(counter).to_have_text(f"還可以寫 {NOTE_CHARACTERS - len(note)} 字")
    student.button("送出認證").click()
    student.says("已送給老師認證。")
    state_is(student, "已送老師")


def state_is(student: Person, word: str) -> None:
    """The stepper's current step."""
    expect(student.page.locator("[aria-current=step]")).to_contain_text(word)


def record_competition(student: Person) -> str:
    """A competition with its evidence; the address of its page."""
    student.open("/activities/")
    student.page.get_by_role("button", name="新增競賽參與紀錄").click()
    page = student.page
    path = re.sub(r"^https?://[^/]+|edit/$", "", page.url)
    student.look("activity-edit-empty")
    page.get_by_label("結果公布日期").fill("115/13/02")
    student.button("儲存").click()
    expect(page.get_by_role("alert")).to_contain_text("結果公布日期")
    student.look("activity-edit-error")
    area = control(student)
    choose(student, area, WORKS / "competition_certificate.pdf")
    _stored(area, "competition_certificate.pdf")
    for label, text in COMPETITION.items():
        page.get_by_label(label, exact=False).first.fill(text)
    page.get_by_label("競賽等級代碼").select_option("1")
    page.get_by_label("團體參與代碼").select_option("0")
    page.get_by_label("內容簡述").fill("事前準備三週，學到怎麼安排練習。")
    student.button("儲存").click()
    student.says("已儲存。", "資料都齊了")
    student.look("activity")
    return path


def mend(student: Person, path: str, reason: str) -> None:
    """Read why it came back, change the file, send again."""
    student.open("/")
    student.says("看退回原因並修改")
    student.look("student-home")
    student.link("看退回原因並修改").click()
    student.says(reason)
    state_is(student, "退回")
    student.look("outcome-returned")
    student.open(f"{path}edit/")
    student.says(reason)
    area = control(student)
    choose(student, area, WORKS / "electricity_chart.jpg")
    _stored(area, "electricity_chart.jpg")
    student.button("送出認證").click()
    state_is(student, "已送老師")


def select(student: Person, path: str, activity: str) -> None:
    """Select, take back, select: the page changes in place and the counter follows."""
    page = student.open("/selection/")
    student.look("selection")
    page.evaluate("window.stayed = true")
    quota = page.locator("#choices progress").first
    expect(quota).to_have_text("0 ／ 6")
    outcome = page.locator(f"#choices form[action*='{path.split('/')[2]}'] button")
    outcome.click()
    expect(page.locator("#selection-said")).to_contain_text("已勾選。")
    expect(quota).to_have_text("1 ／ 6")
    expect(outcome).to_contain_text("取消勾選")
    outcome.click()
    expect(page.locator("#selection-said")).to_contain_text("已取消勾選。")
    expect(quota).to_have_text("0 ／ 6")
    outcome.click()
    page.locator(f"#choices form[action*='{activity.split('/')[2]}'] button").click()
    expect(page.locator("#choices progress").nth(1)).to_have_text("1 ／ 10")
    expect(quota).to_have_text("1 ／ 6")
    assert page.evaluate("window.stayed"), "selecting loaded the page anew"
    student.look("selection-full")


def read_receipt(student: Person, confirmed: str, disputed: str) -> Path:
    """Confirm one item, dispute the other, take the kit home; where the download lies."""
    student.open("/")
    student.look("student-home-received")
    student.open("/receipts/")
    student.says("待我確認 2")
    student.look("receipts")
    student.link("115 學年度收訖明細").click()
    student.look("receipt")
    student.button(f"正確，確認：{confirmed}").click()
    student.says(f"已確認：{confirmed}")
    item = student.page.get_by_role("listitem").filter(has=student.page.get_by_role("heading", name=disputed))
    item.locator("summary").click()
    item.get_by_label("哪裡有誤？").fill("獎項好像寫錯了，請幫我確認。")
    student.look("receipt-disputing")
    item.get_by_role("button", name="送出回報").click()
    student.says(f"已回報，學校會在 3 天內回覆：{disputed}")
    expect(item).to_contain_text("有疑義")
    student.look("receipt-decided")
    with student.page.expect_download() as download:
        student.link("下載收據包").click()
    return Path(download.value.path())
