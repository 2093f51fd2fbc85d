"""Faulty variants of the good rosters, each with the findings that a check must report."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samples.maker.people import check_digit
from samples.maker.plan import School, schools
from samples.maker.rosters import Roster, Row, csv_text, enrolments_roster, students_roster, title_rows

ROWS = 6
FIRST_ROW = 2
NOBODYS_SCHOOL = "999999"
NOBODYS_SUBJECT = "ZZ"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check must report: 1-based row of the file (0 for the whole file), column, rule and severity."""

    row: int
    column: str
    rule: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty file with what it shows and what must be found."""

    case: str
    says: str
    school: School
    kind: str
    content: bytes
    findings: tuple[Finding, ...]
    accepted: int


def _few(roster: Roster) -> list[list[str]]:
    return [list(row) for row in roster.rows[:ROWS]]


def _csv(roster: Roster, rows: Iterable[Sequence[str]]) -> bytes:
    return csv_text([roster.header, *(tuple(row) for row in rows)]).encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class Slip:
    """One wrong cell: where it is (the header is row 1), how it went wrong and the rule that names it."""

    column: str
    row: int
    change: Callable[[str], str]
    rule: str


def _one_cell(case: str, says: str, school: School, roster: Roster, slip: Slip) -> Fault:
    rows = _few(roster)
    place = roster.header.index(slip.column)
    rows[slip.row - FIRST_ROW][place] = slip.change(rows[slip.row - FIRST_ROW][place])
    found = (Finding(slip.row, slip.column, slip.rule),)
    return Fault(case, says, school, roster.stem, _csv(roster, rows), found, ROWS - 1)


def _lost_leading_zeros(school: School) -> Fault:
    roster = students_roster(school)
    rows = _few(roster)
    findings = []
    for number, row in enumerate(rows, start=FIRST_ROW):
        for column, rule in (
            ("出生日期", "birth-date-zero"),
            ("學校代碼", "school-code-zero"),
        ):
            place = roster.header.index(column)
            if row[place].startswith("0"):
                findings.append(Finding(number, column, rule, "repaired"))
                row[place] = row[place].lstrip("0")
    says = "試算表把開頭的 0 吃掉了：學校代碼與出生日期少了字"
    return Fault("lost_leading_zeros", says, school, roster.stem, _csv(roster, rows), tuple(findings), ROWS)


def _utf16(school: School) -> Fault:
    roster = students_roster(school)
    text = csv_text((roster.header, *roster.rows[:ROWS]))
    content = b"\xff\xfe" + text.encode("utf-16-le")
    return Fault("utf16", "檔案存成 UTF-16，仍要讀得對", school, roster.stem, content, (), ROWS)


def _title_rows(school: School) -> Fault:
    roster = students_roster(school)
    total: Row = ("合計", str(ROWS), *("",) * (len(roster.header) - 2))
    rows = (*title_rows(roster), roster.header, *roster.rows[:ROWS], total)
    left_out = Finding(len(rows), "", "row-left-out", "warning")
    says = "標題列上方有名冊名稱與列印日期，最後一列是合計"
    return Fault(
        "title_rows", says, school, roster.stem, csv_text(rows).encode("utf-8-sig"), (left_out,), ROWS
    )


def _other_code_school(own: School, other: School) -> Callable[[str], str]:
    return lambda code: code.replace(own.code, other.code, 1)


def _wrong_checksum(id_no: str) -> str:
    return id_no[:-1] + str((int(check_digit(id_no[:-1])) + 1) % 10)


def _student_slips(school: School, other: School) -> list[Fault]:
    roster = students_roster(school)
    first_number = roster.rows[0][roster.header.index("學號")]
    slips = {
        "unknown_school": (
            "學校代碼不在學校清單裡",
            Slip("學校代碼", 4, lambda _: NOBODYS_SCHOOL, "school-code-unknown"),
        ),
        "student_of_other_school": (
            "名冊裡有一位別校的學生",
            Slip("學校代碼", 5, lambda _: other.code, "school-code-other"),
        ),
        "duplicate_student_number": (
            "兩位學生用同一個學號",
            Slip("學號", 7, lambda _: first_number, "student-no-duplicate"),
        ),
        "bad_id_checksum": (
            "身分證號的檢查碼不對",
            Slip("身分證號", 3, _wrong_checksum, "national-id-checksum"),
        ),
    }
    return [_one_cell(case, says, school, roster, slip) for case, (says, slip) in slips.items()]


def _enrolment_slips(school: School, other: School) -> list[Fault]:
    roster = enrolments_roster(school)
    foreign = students_roster(other)
    foreign_number = foreign.rows[0][foreign.header.index("學號")]
    slips = {
        "unknown_course": (
            "課程代碼格式正確，但不在已匯入的課程代碼檔裡",
            Slip("課程代碼", 3, lambda code: code[:-2] + NOBODYS_SUBJECT, "course-unknown"),
        ),
        "enrolment_of_other_school": (
            "修課名冊裡有一個不是本校學生的學號",
            Slip("學號", 6, lambda _: foreign_number, "student-unknown"),
        ),
        "course_of_other_school": (
            "課程代碼第 4 到 9 碼是別校的代碼",
            Slip("課程代碼", 2, _other_code_school(school, other), "course-code-school"),
        ),
    }
    return [_one_cell(case, says, school, roster, slip) for case, (says, slip) in slips.items()]


def faults() -> list[Fault]:
    """All faulty files, made from the rosters of the second school; the first one is the stranger."""
    other, school, _ = schools()
    empty = Fault("empty_file", "檔案是空的", school, "students", b"", (Finding(0, "", "file-empty"),), 0)
    return [
        empty,
        _utf16(school),
        _title_rows(school),
        _lost_leading_zeros(school),
        *_student_slips(school, other),
        *_enrolment_slips(school, other),
    ]


def write_faults(folder: Path) -> None:
    """One folder for each fault: the file and expected.json."""
    for fault in faults():
        target = folder / fault.case
        target.mkdir(parents=True)
        name = f"{fault.kind}.csv"
        (target / name).write_bytes(fault.content)
        expected = {
            "case": fault.case,
            "says": fault.says,
            "file": name,
            "kind": fault.kind,
            "school_code": fault.school.code,
            "accepted": fault.accepted,
            "findings": [
                {
                    "row": finding.row,
                    "column": finding.column,
                    "rule": finding.rule,
                    "severity": finding.severity,
                }
                for finding in fault.findings
            ],
        }
        text = json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
        (target / "expected.json").write_text(text, encoding="utf-8")
