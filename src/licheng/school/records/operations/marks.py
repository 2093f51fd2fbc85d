"""Rosters of one semester about students into their tables: marks, basics, borrowed study, offices held."""

from types import MappingProxyType
from typing import Any, Final

import polars as pl

from licheng.foundations.bulk import Written
from licheng.school.people.operations.incoming import Roster, in_term, put_lines, with_students
from licheng.school.records.models import BorrowedStudy, CadreRecord, CourseMark, Sheet, StudentTerm

# The ministry's sheets by their names: which situation it is, and whether it is the evening division's.
SHEETS: Final = MappingProxyType(
    {
        "學期成績": (Sheet.SEMESTER, False),
        "補修": (Sheet.MAKE_UP, False),
        "轉學轉科": (Sheet.TRANSFER, False),
        "重修": (Sheet.RETAKE, False),
        "重讀": (Sheet.REPEAT, False),
        "進修部學期成績": (Sheet.SEMESTER, True),
        "進修部補考": (Sheet.EXAM, True),
        "進修部轉學轉科": (Sheet.TRANSFER, True),
    }
)


MARK_KEY: Final = (
    "student_id",
    "sheet",
    "school_year",
    "semester",
    "taken_year",
    "taken_semester",
    "course_code",
)
TERM_KEY: Final = ("student_id", "school_year", "semester")
BORROWED_KEY: Final = ("student_id", "school_year", "semester", "host_school_code", "since")
CADRE_KEY: Final = ("student_id", "school_year", "semester", "unit", "duty", "since")


def put_marks(roster: Roster) -> Written:
    """Take over one sheet of a mark roster.

    Raises Invalid for rows of nobody at this school, of another semester, or twice.
    """
    sheet, is_evening = SHEETS[roster.kind]
    own = {"sheet": pl.lit(sheet.value), "is_evening": pl.lit(is_evening)}
    if "taken_year" not in roster.rows.columns:
        own |= {"taken_year": pl.lit(roster.school_year), "taken_semester": pl.lit(roster.semester)}
    there = CourseMark.objects.filter(**_term(roster), sheet=sheet, is_evening=is_evening)
    rows = roster.rows.with_columns(**own)
    return put_lines(with_students(in_term(roster.with_rows(rows))), CourseMark, MARK_KEY, there)


def put_terms(roster: Roster) -> Written:
    """Take over the basics of a semester's students. Raises Invalid as `put_marks` does."""
    there = StudentTerm.objects.filter(**_term(roster))
    return put_lines(with_students(in_term(roster)), StudentTerm, TERM_KEY, there)


def put_borrowed(roster: Roster) -> Written:
    """Take over who studies at another school for a time. Raises Invalid as `put_marks` does."""
    there = BorrowedStudy.objects.filter(**_term(roster))
    return put_lines(with_students(in_term(roster)), BorrowedStudy, BORROWED_KEY, there)


def put_cadres(roster: Roster) -> Written:
    """Take over the offices that students held at school. Raises Invalid as `put_marks` does."""
    there = CadreRecord.objects.filter(**_term(roster))
    return put_lines(with_students(in_term(roster)), CadreRecord, CADRE_KEY, there)


def _term(roster: Roster) -> dict[str, Any]:
    return {"school": roster.school, "school_year": roster.school_year, "semester": roster.semester}
