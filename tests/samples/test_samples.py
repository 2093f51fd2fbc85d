"""The sample country: the same in every run, and right where it says so."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from licheng_exchange import check_id
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[2]
COUNTRY = ROOT / "samples" / "country"
REFERENCE = ROOT / "samples" / "reference"
LIMIT_BYTES = 6 * 1024 * 1024
STEMS = ("students", "staff", "classes", "enrolments")


def read_rows(path: Path) -> list[dict[str, str]]:
    """The roster as a plain reader sees it, independent of the library under test."""
    if path.suffix == ".xlsx":
        cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        rows = [[str(cell) for cell in row] for row in cells]
    else:
        data = path.read_bytes()
        text = data.decode("utf-8-sig") if data.startswith(b"\xef\xbb\xbf") else data.decode("cp950")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    start = next(place for place, row in enumerate(rows) if "學校代碼" in row)
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def roster(code: str, stem: str) -> list[dict[str, str]]:
    (path,) = (COUNTRY / "schools" / code).glob(f"{stem}.*")
    return read_rows(path)


SCHOOLS = json.loads((COUNTRY / "country.json").read_text(encoding="utf-8"))["schools"]
CODES = [school["code"] for school in SCHOOLS]
CAST = {
    one["school_code"]: one
    for one in json.loads((COUNTRY / "cast.json").read_text(encoding="utf-8"))["schools"]
}


def course_file(code: str) -> dict[str, tuple[str, str]]:
    data = (COUNTRY / "schools" / code / "course_codes.txt").read_bytes()
    text = data.decode("cp950" if code == "070406" else "utf-8")
    lines = [line.split(", ") for line in text.splitlines()]
    assert {(len(line[0]), len(line[2])) for line in lines} == {(23, 6)}
    return {line[0]: (line[1], line[2]) for line in lines}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_making_it_again_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(ROOT / "samples" / "make.py"), str(tmp_path / "again")], check=True)

    again, kept = contents(tmp_path / "again"), contents(COUNTRY)
    assert again.keys() == kept.keys()
    assert [name for name, data in again.items() if kept[name] != data] == []


def test_the_country_is_small():
    assert sum(len(data) for data in contents(COUNTRY).values()) < LIMIT_BYTES


def test_schools_are_of_three_types_under_two_authorities_and_known():
    with (REFERENCE / "schools.csv").open(encoding="utf-8", newline="") as table:
        known = {row["school_code"]: row["name"] for row in csv.DictReader(table)}

    assert [school["type"] for school in SCHOOLS] == ["H", "V", "M"]
    assert len({school["authority"] for school in SCHOOLS}) == 2
    assert {school["code"]: school["name"] for school in SCHOOLS} == {code: known[code] for code in CODES}
    assert [code for code in CODES if not code.isdigit()] == ["12M301"]


def test_counts():
    counts = {stem: [len(roster(code, stem)) for code in CODES] for stem in STEMS[:3]}

    assert counts == {"students": [102, 102, 102], "staff": [14, 14, 14], "classes": [6, 6, 6]}


def test_every_id_is_valid_and_nobody_shares_one():
    ids = [row["身分證號"] for code in CODES for row in roster(code, "students")]

    assert [number for number in ids if not check_id(number).valid] == []
    assert len(set(ids)) == len(ids) == 306
    assert {check_id(number).kind for number in ids} == {"national_id", "ui_old", "ui_new"}


def test_student_numbers_and_accounts_are_unique_in_the_country():
    numbers = [row["學號"] for code in CODES for row in roster(code, "students")]
    accounts = [row["帳號"] for code in CODES for row in roster(code, "staff")]

    assert max(Counter(numbers).values()) == 1
    assert max(Counter(accounts).values()) == 1


@pytest.mark.parametrize("code", CODES)
def test_every_enrolment_is_in_a_course_with_credit_this_semester(code):
    courses = course_file(code)
    students = {row["學號"]: row for row in roster(code, "students")}
    teachers = {row["帳號"] for row in roster(code, "staff") if "任課教師" in row["職務"].split("、")}

    for row in roster(code, "enrolments"):
        name, credit = courses[row["課程代碼"]]
        student = students[row["學號"]]
        grade = int(student["年級"])
        assert (row["學年度"], row["學期"], row["學校代碼"]) == ("115", "1", code)
        assert row["課程代碼"][:9] == f"{116 - grade}{code}"
        assert (row["科目名稱"], row["開課班級"]) == (name, student["班級"])
        assert credit[2 * grade - 2] != "0"
        assert row["課程代碼"][16] not in "89"
        assert row["任課教師帳號"] in teachers


@pytest.mark.parametrize("code", CODES)
def test_every_student_takes_at_least_eight_courses(code):
    taken = Counter(row["學號"] for row in roster(code, "enrolments"))

    assert taken.keys() == {row["學號"] for row in roster(code, "students")}
    assert min(taken.values()) >= 8


def test_every_unusual_right_name_is_somebodys():
    with (REFERENCE / "names_edge_cases.csv").open(encoding="utf-8", newline="") as table:
        wanted = {
            row["escaped"].encode("ascii").decode("unicode_escape")
            for row in csv.DictReader(table)
            if row["expected"] == "accept"
        }

    names = {row["姓名"] for code in CODES for row in roster(code, "students")}

    assert len(wanted) == 24
    assert wanted - names == set()
    assert "許功蓋" in {row["姓名"] for row in roster("070406", "students")}


@pytest.mark.parametrize("code", CODES)
def test_every_office_is_held_and_every_class_has_its_own_tutor(code):
    staff = {row["帳號"]: row["職務"].split("、") for row in roster(code, "staff")}
    tutors = [row["導師帳號"] for row in roster(code, "classes")]

    assert {role for roles in staff.values() for role in roles} == {
        "任課教師",
        "導師",
        "課程諮詢教師",
        "註冊組",
        "課程學習成果提交人員",
        "多元表現提交人員",
        "收訖管理員",
        "系統管理員",
    }
    assert len(set(tutors)) == 6
    assert all("導師" in staff[account] for account in tutors)


@pytest.mark.parametrize("code", CODES)
def test_the_cast_can_play_its_part(code):
    cast = CAST[code]
    enrolled = {(row["學號"], row["課程代碼"], row["任課教師帳號"]) for row in roster(code, "enrolments")}
    names = {row["學號"]: row["姓名"] for row in roster(code, "students")}
    staff = {row["帳號"]: row["職務"] for row in roster(code, "staff")}

    assert len(cast["students"]) == (8 if code == "12M301" else 6)
    for student in cast["students"]:
        assert (student["student_no"], student["course_code"], cast["teacher"]["account"]) in enrolled
        assert names[student["student_no"]] == student["name"]
    assert "註冊組" in staff[cast["registrar"]["account"]]
    assert "課程學習成果提交人員" in staff[cast["submitter"]["account"]]
    assert "收訖管理員" in staff[cast["receipt_manager"]["account"]]
