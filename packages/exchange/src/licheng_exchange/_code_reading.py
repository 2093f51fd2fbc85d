"""The file of course codes, read into typed rows.

Source: docs/sources/course-code-files.md.
"""

from dataclasses import dataclass

from licheng_exchange._codes import CourseCode, parse_course_code
from licheng_exchange._rosters.checking import check_roster
from licheng_exchange._rosters.model import RosterContext, RowIssue


@dataclass(frozen=True, slots=True)
class CourseCodeRow:
    """One course of the file; `row` is the 1-based line, `credits` the six characters as written."""

    row: int
    code: CourseCode
    name: str
    credits: str


def parse_course_code_file(data: bytes) -> tuple[list[CourseCodeRow], list[RowIssue]]:
    """Read the file line by line; a wrong line becomes an issue and the others stand."""
    report = check_roster("course-codes", data, "course-codes", RosterContext())
    rows = [
        CourseCodeRow(
            row=record["_row"],
            code=parse_course_code(record["course_code"]),
            name=record["name"],
            credits=record["credits"],
        )
        for record in report.records
    ]
    return rows, list(report.errors)
