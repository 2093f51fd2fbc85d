"""The sample rosters under the library's checks: good ones pass, each faulty one is told as expected.json says."""

import csv
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from licheng_exchange import RosterContext, check_roster, parse_course_code_file

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
COUNTRY = SAMPLES / "country"
CODES = sorted(path.name for path in (COUNTRY / "schools").iterdir())
CASES = sorted(path.name for path in (COUNTRY / "bad").iterdir())
ORDER = ("staff", "classes", "students", "enrolments")
STILL_GOOD = frozenset({"utf16", "title_rows", "lost_leading_zeros"})


@cache
def imported(code):
    """The reports of a school's good rosters in the order of import, and what is known afterwards."""
    folder = COUNTRY / "schools" / code
    with (SAMPLES / "reference" / "schools.csv").open(encoding="utf-8", newline="") as table:
        known_schools = frozenset(row["school_code"] for row in csv.DictReader(table))
    lines, issues = parse_course_code_file((folder / "course_codes.txt").read_bytes())
    assert issues == []
    courses = {line.code.text: (line.name, line.credits) for line in lines}
    known = RosterContext(code, known_schools, 115, 1, courses)
    reports = {}
    for kind in ORDER:
        (path,) = folder.glob(f"{kind}.*")
        report = reports[kind] = check_roster(kind, path.read_bytes(), path.name, known)
        if kind == "staff":
            known = replace(known, staff_accounts={row["account"] for row in report.records})
        if kind == "classes":
            known = replace(known, class_names={(row["grade"], row["class_name"]) for row in report.records})
        if kind == "students":
            known = replace(known, student_nos={row["student_no"] for row in report.records})
    return reports, known


@pytest.mark.parametrize("code", CODES)
def test_good_rosters_have_no_findings_at_all(code):
    reports, _ = imported(code)

    assert {kind: report.errors for kind, report in reports.items()} == dict.fromkeys(ORDER, ())
    assert all(report.good and report.accepted == report.rows > 0 for report in reports.values())


@pytest.mark.parametrize("case", CASES)
def test_faulty_roster_is_told_by_row_column_and_rule(case):
    folder = COUNTRY / "bad" / case
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    _, known = imported(expected["school_code"])

    report = check_roster(expected["kind"], (folder / expected["file"]).read_bytes(), expected["file"], known)

    assert [
        {"row": issue.row, "column": issue.column, "rule": issue.rule, "severity": issue.severity}
        for issue in report.errors
    ] == expected["findings"]
    assert report.accepted == expected["accepted"]
    assert report.good == (case in STILL_GOOD)


def test_lost_zeros_come_back_as_they_were():
    reports, known = imported("070406")

    damaged = (COUNTRY / "bad" / "lost_leading_zeros" / "students.csv").read_bytes()
    report = check_roster("students", damaged, "students.csv", known)

    wanted = [
        (row["student_no"], row["birth_date"], row["school_code"]) for row in reports["students"].records[:6]
    ]
    assert [(row["student_no"], row["birth_date"], row["school_code"]) for row in report.records] == wanted


def test_a_school_in_no_directory_is_unknown_to_whoever_imports_for_many_schools():
    _, known = imported("070406")
    data = (COUNTRY / "bad" / "unknown_school" / "students.csv").read_bytes()

    report = check_roster("students", data, "students.csv", replace(known, school_code=None))

    assert [(issue.row, issue.column, issue.rule) for issue in report.errors] == [
        (4, "學校代碼", "school-code-unknown")
    ]
