"""What the offices do: rosters, codes, submission, answers."""

import json
import re
import time
from uuid import UUID

from licheng.embedded.visitor import Shown, Visitor, WalkFailed
from licheng.embedded.walkthrough.story import SchoolStory, expect, id_in

ROSTERS = (
    ("staff", "staff"),
    ("classes", "classes"),
    ("students", "students"),
    ("enrolments", "enrolments"),
)
CARD = re.compile(r"帳號 (\S+) 啟用碼 (\S+)")
WAIT_SECONDS = 120
POLL_SECONDS = 0.5
REFUSED_STATUS = {False: 200, True: 422}  # by whether it is empty: such a file never becomes an import


def registrar(school: SchoolStory) -> Visitor:
    """The registrar's session."""
    return school.staff("registrar", "註冊組")


def fetch_codes(school: SchoolStory, years: list[int]) -> None:
    """Fetch the codes of the school's plans from the course-plan platform, newest year first."""
    visitor = registrar(school)
    for year in years:
        with school.walk.step(
            f"註冊組向課程計畫平臺取得 {year} 學年度課程代碼，看過變動後匯入", "course codes are fetched"
        ):
            page = visitor.open("/rosters/fetch/")
            page = visitor.send(page, page.form_to("/rosters/fetch/"), entry_year=str(year))
            expect(_taken(visitor, page), "已匯入")


def import_rosters(school: SchoolStory, *, refusals: bool) -> None:
    """Bring the whole school in; where asked, faulty files first, to see each refused by row and rule."""
    visitor = registrar(school)
    for number, (kind, stem) in enumerate(ROSTERS):
        if refusals and number == len(ROSTERS) - 1:
            _refused_rosters(school, visitor)
        path = next(school.rosters.glob(f"{stem}.*"))
        with school.walk.step(f"註冊組匯入 {path.name}", f"the registrar imports {path.name}"):
            page = _taken(visitor, _send_roster(visitor, kind, path.name, path.read_bytes()))
            expect(page, "已匯入")
        if kind == "students":
            found = re.search(r"已匯入 ([\d,]+) 列", page.text)
            if found is None:
                raise WalkFailed(f"{page.url} does not say how many rows: {page.text[:400]}")
            school.walk.counts["students"] += int(found[1].replace(",", ""))


def _send_roster(visitor: Visitor, kind: str, name: str, data: bytes, status: int = 200) -> Shown:
    page = visitor.open("/rosters/")
    form = next(form for form in page.forms if "kind" in form.values)
    return visitor.send(page, form, expect=status, kind=kind, files={"file": (name, data)})


def _checked(visitor: Visitor, page: Shown) -> Shown:
    """The page of a file once the worker has looked at it or brought it in."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        page = visitor.open(page.path)
        if any(word in page.text for word in ("確認匯入", "已匯入 ", "沒有匯入：")):
            return page
        time.sleep(POLL_SECONDS)
    raise WalkFailed(f"{page.url} is not done after {WAIT_SECONDS} s: {page.text[:600]}")


def _taken(visitor: Visitor, page: Shown) -> Shown:
    """Wait for the preview, confirm it, wait until it is in."""
    page = _checked(visitor, page)
    page = visitor.send(page, page.form_to("/apply/"))
    return _checked(visitor, page)


def _refused_rosters(school: SchoolStory, visitor: Visitor) -> None:
    """The samples' faulty rosters for this school: each is refused whole, naming row, column and rule."""
    for folder in sorted((school.rosters.parents[1] / "bad").iterdir()):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        errors = [one for one in expected["findings"] if one["severity"] == "error"]
        if expected["school_code"] != school.code or not errors:
            continue
        data = (folder / expected["file"]).read_bytes()
        with school.walk.step(
            f"匯入有問題的名冊，整份退回：{expected['says']}", f"{folder.name} is refused whole"
        ):
            page = _send_roster(
                visitor, expected["kind"], expected["file"], data, status=REFUSED_STATUS[not data]
            )
            if data:
                page = _checked(visitor, page)
                expect(
                    page, "沒有匯入", *(str(one[key]) for one in errors for key in ("row", "column", "rule"))
                )


def hand_out_codes(school: SchoolStory) -> None:
    """One class sheet as cards to print, and single codes for everybody else of the cast."""
    visitor = registrar(school)
    board = visitor.open("/people/classes/")
    first_class = school.students[0]["class_name"]
    with school.walk.step(f"註冊組印出 {first_class} 的啟用碼", f"enrolment codes for {first_class}"):
        page = visitor.open(board.link_named(first_class))
        page = visitor.send(page, page.form_to(page.url))
        school.codes |= dict(CARD.findall(page.text))
    people = [
        (school.cast[key]["name"], school.cast[key]["account"])
        for key in ("submitter", "receipt_manager", "teacher")
    ]
    for name, account in people:
        _single_code(school, visitor, visitor.open(board.link_named(name)), account)
    for entry in school.students:
        if entry["student_no"] not in school.codes:
            sheet = visitor.open(board.link_named(entry["class_name"]))
            page = visitor.open(sheet.link_named(entry["name"]))
            _single_code(school, visitor, page, entry["student_no"])


def _single_code(school: SchoolStory, visitor: Visitor, page: Shown, account: str) -> None:
    page = visitor.send(page, page.form_to("/code/"))
    found = dict(CARD.findall(page.text))
    if account not in found:
        raise WalkFailed(f"{page.url} shows no code of {account}")
    school.codes |= found


def submit(school: SchoolStory) -> None:
    """Pre-check, seal, submit, and wait until the archive has answered and the receipts are back."""
    visitor, walk = school.staff("submitter", "提交人員"), school.walk
    with walk.step("提交人員看預檢：依班級列出要留意的事", "the pre-check lists findings by class"):
        expect(visitor.open("/submission/precheck/"), "還沒有認證")
    with walk.step("提交人員封裝：學校金鑰簽署、AES-256 加密", "seal: signed and encrypted", "已勾選 → 封裝"):
        page = visitor.open("/submission/")
        page = visitor.send(page, page.form_to("/submission/seal/"), open_matters_known="on")
        batch = id_in(page.url)
        _wait(visitor, batch, "已封裝，尚未提交")
    with walk.step(
        "提交人員提交；中央逐檔查驗、記入帳本、開立收訖明細",
        "submit; the archive verifies",
        "學校已提交 → 中央已收訖",
    ):
        page = visitor.open(f"/submission/{batch}/")
        visitor.send(page, page.form_to("/submit/"))
        page = _wait(visitor, batch, "收訖明細已取回")
    sent = re.search(r"項目 (\d+)", page.text)
    walk.counts["submitted"] += int(sent[1]) if sent else 0
    walk.batches.append((school.code, UUID(batch)))


def _wait(visitor: Visitor, batch: str, state: str) -> Shown:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        page = visitor.open(f"/submission/{batch}/")
        if state in page.text:
            return page
        if any(word in page.text for word in ("中央退回", "封裝失敗")):
            raise WalkFailed(f"the batch was refused: {page.text[:1500]}")
        time.sleep(POLL_SECONDS)
    raise WalkFailed(f"the batch is not 「{state}」 after {WAIT_SECONDS} s: {page.text[:600]}")


def answer_disputes(school: SchoolStory) -> None:
    """The receipt officer answers what students disputed."""
    visitor = school.staff("receipt_manager", "收訖管理員")
    with school.walk.step("收訖管理員查明並回覆學生的回報", "the receipt officer answers the dispute"):
        page = visitor.open("/receipts/office/")
        page = visitor.send(
            page, page.form_to("/answer/"), answer="已查明：檔案與學校留存的一致，請再看一次。"
        )
        expect(page, "已回覆")
