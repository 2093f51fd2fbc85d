"""The whole way through in a browser: from rosters to a receipt that the student verifies on her own."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import offices, registrar, students
from tests.e2e.browser import DESK, PHONE, Person, enter, person
from tests.e2e.conftest import ROOT
from tests.e2e.crawl import crawl

STUDENT, NAME = "1152001", "林宜"
PASSED, RETURNED, ACTIVITY = "國語文", "英語文", "全校英語演講比賽"
VERIFIER = ROOT / "src/licheng/foundations/ui/static/licheng/verify/licheng-verify.html"


def test_from_roster_to_verified_receipt(school, operator, browser, tmp_path):
    with person(browser, school.url, PHONE) as student, person(browser, school.url, DESK) as teacher:
        school.enter(student, STUDENT)
        students.look_at_empty_pages(student)
        students.bottom_row_is_one_line(student)
        good, poor, activity = _make_items(student)
        school.enter(teacher, "t208")
        offices.certify(teacher, good, poor)
        student.open(good)
        students.state_is(student, "已送老師")  # nothing is told before it is published
        offices.publish(teacher)
        student.open(good)
        students.state_is(student, "已認證")
        student.look("outcome-certified")
        students.mend(student, poor, offices.REASON)
        _submit(school, browser, student, good, activity)
        kit = _kit(students.read_receipt(student, PASSED, ACTIVITY), tmp_path / "kit")
        _answered(school, browser, student)
    _verifies_offline(browser, kit)
    _archive_knows(school, browser, operator)


def _make_items(student: Person) -> tuple[str, str, str]:
    """Two outcomes sent and one activity recorded; their addresses."""
    good = students.start_outcome(student, PASSED)
    students.upload_is_saved_by_choosing(student, good)
    students.refused_file_changes_nothing(student, good)
    students.write_and_send(student, good, "讀完走訪老街寫成散文，學會用動作代替形容詞。𠮷")
    student.look("outcome-waiting")
    poor = students.start_outcome(student, RETURNED)
    area = students.control(student)
    students.choose(student, area, students.OTHER)
    expect(area.get_by_role("link", name="收據")).to_be_visible()
    student.button("送出認證").click()
    students.state_is(student, "已送老師")
    student.open("/outcomes/")
    student.look("outcomes")
    activity = students.record_competition(student)
    student.open("/activities/")
    student.look("activities")
    return good, poor, activity


def _submit(school, browser, student: Person, outcome: str, activity: str) -> None:
    with person(browser, school.url, DESK) as submitter:
        school.enter(submitter, "t202")
        submitter.open("/")
        submitter.look("submitter-home")
        offices.look_before_submitting(submitter)
        students.select(student, outcome, activity)
        offices.submit(submitter)
    student.open(outcome)
    students.state_is(student, "中央已收訖")


def _answered(school, browser, student: Person) -> None:
    with person(browser, school.url, DESK) as officer:
        school.enter(officer, "t203")
        offices.answer_dispute(officer, NAME)
    student.page.reload()
    student.says("已查明：與學校留存的一致")


def _kit(download: Path, folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(download) as archive:
        archive.extractall(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _verifies_offline(browser, kit: dict[str, bytes]) -> None:
    """Her own copy of the page, from disk, without any network: the kit holds, one changed byte does not."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    own = sorted(name for name in kit if name.endswith(".pdf"))
    assert len(own) == 2
    changed = bytearray(kit[own[0]])
    changed[len(changed) // 2] ^= 1
    for files, verdict, reasons in (
        (kit, "pass", []),
        (kit | {own[0]: bytes(changed)}, "fail", ["file-changed"]),
    ):
        page.goto(VERIFIER.as_uri())
        payload = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
            for name, data in files.items()
            if name != "README.txt"
        ]
        page.locator("#all").set_input_files(payload)
        expect(page.locator("#result")).to_have_attribute("data-verdict", verdict)
        expect(page.locator("#result")).to_contain_text(NAME)
        assert [one.get_attribute("data-rule") for one in page.locator("[data-rule]").all()] == reasons
    context.close()


def _archive_knows(school, browser, operator) -> None:
    with person(browser, school.here.archive.url, DESK) as somebody:
        somebody.open("/sign-in/")
        somebody.look("archive-sign-in")
        enter(somebody, operator)
        offices.operate(somebody, school.code)
    with person(browser, school.here.archive.url, PHONE) as anybody:
        anybody.open("/checkpoint/")
        anybody.says(school.here.archive.origin, "簽章剛才驗證相符。")
        anybody.look("checkpoint")
        anybody.open("/status/")
        anybody.look("archive-status")
        anybody.open("/verify/")
        anybody.look("verify")
        anybody.open("/")
        anybody.says("學生、老師和學校不在這裡登入")
        anybody.look("archive-front")


def test_public_and_refusing_pages(school, browser):
    with person(browser, school.url, PHONE) as anybody:
        page = anybody.open("/people/sign-in/")
        anybody.look("sign-in")
        page.get_by_label("學校").fill(school.code)
        page.get_by_label("帳號").fill(STUDENT)
        page.get_by_label("密碼").fill("not-the-password")
        anybody.button("登入").click()
        expect(page.get_by_role("alert")).to_contain_text("帳號或密碼不正確")
        anybody.look("sign-in-error")
        anybody.open("/status/")
        anybody.says("系統狀態")
        anybody.look("status")
        anybody.open("/verify/")
        anybody.look("school-verify")
        anybody.is_listening = False  # the browser notes a missing page by itself
        anybody.open("/status/nothing-here/")
        anybody.says("找不到這個網頁。", "可以怎麼做：")
        anybody.look("missing")
        anybody.open("/people/sign-in/")
        anybody.page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        anybody.look("sign-in-english")


@pytest.mark.parametrize(
    "account",
    [
        STUDENT,
        registrar.ACCOUNT,
        "",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("t208", "t202")),
    ],
)
def test_every_page_that_links_lead_to_is_whole_and_the_console_silent(school, browser, account):
    with person(browser, school.url, DESK) as somebody:
        if account:
            school.enter(somebody, account)

        assert len(crawl(somebody, most=25)) >= 8
