"""What the registrar does at her desk: rosters in their order, a refused one, first passwords."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browser import Person

COUNTRY = Path(__file__).parents[2] / "samples" / "country"
ACCOUNT = "t201"
CLASS = "商一甲"
STAFF = {"t202": "林美蘭", "t203": "胡家銘", "t208": "李家榮"}
ROSTERS = {
    "course_codes.txt": "課程代碼",
    "staff.csv": "教職員",
    "classes.csv": "班級",
    "students.csv": "學生",
    "enrolments.csv": "修課",
}
REFUSED = COUNTRY / "bad" / "bad_id_checksum"


def bring_in(registrar: Person) -> None:
    """Import the five rosters through the page; before the last, a faulty one that changes nothing."""
    registrar.look("registrar-home-new")
    registrar.open("/records/")
    registrar.look("imports-empty")
    registrar.button("檢查並匯入").click()
    registrar.says("請選擇名冊檔案。")
    registrar.look("imports-error")
    for name in ROSTERS:
        if name == "enrolments.csv":
            _refused(registrar)
        _import(registrar, COUNTRY / "schools" / "070406" / name)
        registrar.says("已匯入")
    registrar.look("import-done")
    registrar.open("/records/")
    registrar.look("imports")


def _import(registrar: Person, path: Path) -> None:
    page = registrar.open("/records/")
    page.get_by_label("名冊檔案").set_input_files(path)
    registrar.button("檢查並匯入").click()


def _refused(registrar: Person) -> None:
    """A roster with a wrong identity number: named by row, column and rule, and no student is added."""
    before = _students(registrar)
    expected = json.loads((REFUSED / "expected.json").read_text())
    _import(registrar, REFUSED / expected["file"])
    registrar.says("沒有匯入", "資料沒有任何變動")
    for finding in expected["findings"]:
        row = registrar.page.get_by_role("row").filter(has_text=finding["rule"])
        expect(row).to_contain_text(f"第 {finding['row']} 列「{finding['column']}」")
    registrar.look("import-refused")
    assert _students(registrar) == before


def _students(registrar: Person) -> list[str]:
    page = registrar.open("/people/classes/")
    rows = page.get_by_role("table", name="班級", exact=True).get_by_role("row").all()
    return [row.inner_text() for row in rows]


def hand_out_passwords(registrar: Person) -> dict[str, str]:
    """First passwords: a class sheet for students, single cards for staff; account to password."""
    registrar.open("/people/classes/")
    registrar.look("classes")
    registrar.link(CLASS).click()
    registrar.look("class-sheet")
    registrar.page.locator("summary", has_text="發初始密碼").click()
    registrar.look("class-sheet-asked")
    registrar.page.get_by_role("button", name="產生").click()
    registrar.says("只顯示這一次")
    registrar.look("password-cards")
    found = _cards(registrar)
    for account, name in STAFF.items():
        registrar.open("/people/classes/")
        registrar.link(name).click()
        if account == "t202":
            registrar.look("person")
        registrar.page.locator("summary", has_text="重發初始密碼").click()
        registrar.button("產生新的初始密碼").click()
        registrar.says("只顯示這一次")
        found |= _cards(registrar)
        assert account in found
    return found


def _cards(registrar: Person) -> dict[str, str]:
    cards = registrar.page.get_by_role("main").get_by_role("listitem").filter(has_text="初始密碼").all()
    return {card.locator("dd").nth(1).inner_text(): card.locator("dd").nth(2).inner_text() for card in cards}
