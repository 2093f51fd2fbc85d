"""What the registrar does at her desk: rosters in their order, each previewed first, a refused one, codes."""

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
    """Bring the five rosters in through preview and word; before the last, a faulty one that changes nothing."""
    registrar.look("registrar-home-new")
    registrar.open("/rosters/")
    registrar.look("imports-empty")
    registrar.button("檢查並預覽").click()
    registrar.says("請選擇名冊檔案。")
    registrar.look("imports-error")
    for name in ROSTERS:
        if name == "enrolments.csv":
            _refused(registrar)
        _import(registrar, COUNTRY / "schools" / "070406" / name)
        registrar.says("還沒有匯入。")
        if name == "students.csv":
            registrar.look("import-preview")
        registrar.button("確認匯入").click()
        registrar.says("已匯入")
    registrar.look("import-done")
    registrar.page.get_by_role("link", name="復原這次匯入").click()
    registrar.says("移除")
    registrar.look("import-undo")
    registrar.open("/rosters/")
    registrar.look("imports")


def _import(registrar: Person, path: Path) -> None:
    page = registrar.open("/rosters/")
    page.get_by_label("名冊檔案").set_input_files(path)
    registrar.button("檢查並預覽").click()


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


def hand_out_codes(registrar: Person) -> dict[str, str]:
    """Codes: a class sheet for students, single cards for staff; account to code."""
    registrar.open("/people/classes/")
    registrar.look("classes")
    registrar.link(CLASS).click()
    registrar.look("class-sheet")
    registrar.link("用電子郵件寄啟用碼").click()
    registrar.says("會寄給這 17 位", "s1152001@example.invalid")
    registrar.look("class-mail")
    registrar.button("寄出 17 封").click()
    expect(registrar.page.get_by_text("寄出 17 封啟用碼。")).to_be_visible()
    registrar.page.locator("summary", has_text="印啟用碼").click()
    registrar.look("class-sheet-asked")
    registrar.says("其中 17 位先前發過，舊的啟用碼會失效。")
    registrar.page.get_by_role("button", name="產生").click()
    registrar.says("只顯示到您說印好了")
    registrar.look("code-cards")
    found = _cards(registrar)
    for account, name in STAFF.items():
        registrar.open("/people/classes/")
        registrar.link(name).click()
        if account == "t202":
            registrar.look("person")
        registrar.page.locator("summary", has_text="發啟用碼").click()
        registrar.button("產生啟用碼").click()
        registrar.says("只顯示到您說印好了")
        found |= _cards(registrar)
        assert account in found
    return found


def _cards(registrar: Person) -> dict[str, str]:
    cards = registrar.page.get_by_role("main").get_by_role("listitem").filter(has_text="啟用碼").all()
    return {card.locator("dd").nth(1).inner_text(): card.locator("dd").nth(2).inner_text() for card in cards}
