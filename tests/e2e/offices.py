"""What teacher, submitter, receipt officer and the archive's operator do at their desks."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import Person

REASON = "檔案看不到分工，請補上封面的分工表。"
MOVING_SECONDS = 60
STATEMENTS = ("是這位學生自己的作品", "是這門課的產出", "檔案打得開")


def certify(teacher: Person, passed: str, returned: str) -> None:
    """Review with the page image beside the statement; j and k walk; pass one, return one, publish both."""
    teacher.open("/")
    teacher.look("teacher-home")
    page = teacher.open("/outcomes/queue/")
    teacher.look("queue")
    teacher.link("從第一件開始").click()
    expect(page).to_have_url(re.compile(passed))
    _walk_by_keys(teacher, passed, returned)
    _image_beside_statements(teacher)
    teacher.look("review")
    teacher.button("三項都確認，通過").click()
    expect(page.get_by_role("alert")).to_contain_text("三項都確認並勾選之後才能通過")
    teacher.look("review-error")
    for statement in STATEMENTS:
        page.get_by_role("checkbox", name=statement).check()
    teacher.button("三項都確認，通過").click()
    teacher.says("已記錄：通過。")
    expect(page).to_have_url(re.compile(returned))
    page.get_by_label("自己的話").fill(REASON)
    teacher.button("退回給學生").click()
    teacher.says("已記錄：退回。")


def _walk_by_keys(teacher: Person, first: str, second: str) -> None:
    page = teacher.page
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(second))
    page.get_by_label("自己的話").press("k")
    expect(page.get_by_label("自己的話")).to_have_value("k")
    expect(page).to_have_url(re.compile(second))
    page.get_by_label("自己的話").fill("")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(first))


def _image_beside_statements(teacher: Person) -> None:
    """The document's first page is drawn, and stands left of the statements at the same height."""
    page = teacher.page
    image = page.get_by_role("img", name="第 1 頁")
    expect(image).to_be_visible()
    assert image.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 500
    left = image.bounding_box()
    right = page.get_by_role("checkbox", name=STATEMENTS[0]).bounding_box()
    assert left["x"] + left["width"] < right["x"]
    assert right["y"] < teacher.page.viewport_size["height"]


def publish(teacher: Person) -> None:
    """See the exact list, publish it."""
    teacher.open("/outcomes/queue/")
    teacher.look("queue-done")
    teacher.open("/outcomes/publish/")
    teacher.says("共 2 件：通過 1 件、退回 1 件", REASON)
    teacher.look("publish")
    teacher.button("發佈勾選的結果").click()
    teacher.says("已發佈 2 件結果")
    teacher.open("/outcomes/publish/")
    teacher.look("publish-empty")


def look_before_submitting(submitter: Person) -> None:
    """Nothing is selected yet: the console says so."""
    submitter.open("/submission/")
    submitter.says("目前沒有已勾選的項目")
    submitter.look("submission-empty")


def submit(submitter: Person) -> None:
    """Pre-check, seal, submit; the batch page follows by itself to the receipts."""
    page = submitter.open("/submission/precheck/")
    submitter.says("必須處理 0", "請留意")
    submitter.look("precheck")
    submitter.open("/submission/")
    submitter.look("submission")
    page.get_by_label("我已看過待處理清單").check()
    submitter.button("封裝").click()
    submitter.says("已開始封裝")
    _comes_by_itself(submitter, "已封裝，尚未提交")
    submitter.look("batch-sealed")
    submitter.button("提交到中央資料庫").click()
    submitter.says("已交給系統傳送")
    _comes_by_itself(submitter, "收訖明細已取回")
    submitter.look("batch-received")
    submitter.open("/submission/")
    submitter.look("submission-done")


def _comes_by_itself(submitter: Person, state: str) -> None:
    page = submitter.page
    page.evaluate("window.stayed = true")
    expect(page.locator("#state").get_by_role("status")).to_have_text(
        re.compile(state), timeout=MOVING_SECONDS * 1000
    )
    assert page.evaluate("window.stayed"), "the page was loaded anew"


def answer_dispute(officer: Person, student: str) -> None:
    """The receipt officer reads what the student said and answers."""
    page = officer.open("/receipts/office/")
    officer.says(student, "待回覆", "獎項好像寫錯了")
    officer.look("receipt-office")
    page.get_by_label("回覆學生").fill("已查明：與學校留存的一致，請再看一次。")
    officer.button("送出回覆").click()
    officer.says("已回覆學生。", "已回覆，等學生再確認")


def operate(operator: Person, school: str) -> None:
    """The archive's operator sees what came from the school."""
    page = operator.open("/")
    row = page.get_by_role("row").filter(has_text=school)
    expect(row).to_contain_text("已收下")
    expect(row).to_contain_text("1 位學生，成果 1、多元 1、檔案 2")
    operator.look("intake-board")
    row.get_by_role("link").click()
    operator.says("SHA-256", "已收下")
    operator.look("deposit")
    operator.open("/?state=refused")
    operator.says("沒有符合的封包")
    operator.look("intake-board-empty")
