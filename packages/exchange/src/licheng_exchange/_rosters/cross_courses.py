"""What rows say about a course, held against the course-code file: name, and credits of that semester."""

from decimal import Decimal
from typing import Any, Final

import polars as pl

from licheng_exchange._codes import SEMESTERS, parse_credits
from licheng_exchange._rosters.judging import Problem
from licheng_exchange._rosters.sheets import CheckedSheet

_SEMESTERS_A_YEAR: Final = 2  # the credit field has two characters for each grade


def check_enrolments(sheet: CheckedSheet) -> None:
    """Whether a course has the name it was filed with, and credits in the semester of the row."""
    check_course_names(sheet)
    known = sheet.scope.context.course_codes
    if known is None or not sheet.has("course_code", "school_year", "semester"):
        return
    for code, year, semester, places in _distinct(sheet, ["course_code", "school_year", "semester"]):
        if code not in known:
            continue
        place = (year - int(code[:3])) * _SEMESTERS_A_YEAR + semester - 1
        if 0 <= place < SEMESTERS and parse_credits(known[code][1])[place].credits:
            continue
        problem = Problem(
            "course-no-credit",
            f"課程代碼檔沒有這門課在 {year} 學年度第 {semester} 學期的學分。",
            f"The course-code file gives it no credit in {year} semester {semester}.",
            "warning",
        )
        for index in places:
            sheet.tell(index, "course_code", problem)


def check_course_names(sheet: CheckedSheet) -> None:
    """A name other than the filed one is told as a warning: schools write long names in several ways."""
    known = sheet.scope.context.course_codes
    if known is None or not sheet.has("course_code", "course_name"):
        return
    for code, name, places in _distinct(sheet, ["course_code", "course_name"]):
        official = known[code][0] if code in known else name
        if name == official:
            continue
        problem = Problem(
            "course-name-differs",
            f"科目名稱與課程代碼檔的「{official}」不同。",
            f"The course-code file calls it {official!r}.",
            "warning",
        )
        for index in places:
            sheet.tell(index, "course_name", problem)


def check_course_credits(
    sheet: CheckedSheet, *, field: str, semester: str | int | None, is_error: bool
) -> None:
    """Whether the credits of a row are those of that grade and semester in the course-code file.

    `semester` is the field that holds it, or the semester itself. Other systems than two semesters a year
    have no place in the six characters and are not judged.
    """
    known = sheet.scope.context.course_codes
    if known is None or semester is None or not sheet.has("course_code", "grade", field):
        return
    when = pl.col(semester) if isinstance(semester, str) else pl.lit(semester, dtype=pl.Int64)
    frame = sheet.frame.with_columns(when.alias("when"))
    for code, grade, term, count, places in _distinct(sheet, ["course_code", "grade", "when", field], frame):
        place = (grade - 1) * _SEMESTERS_A_YEAR + term - 1
        if code not in known or term > _SEMESTERS_A_YEAR or place >= SEMESTERS:
            continue
        filed = parse_credits(known[code][1])[place].credits
        if count == Decimal(filed):
            continue
        problem = Problem(
            "credits-differ",
            f"課程代碼檔在 {grade} 年級第 {term} 學期是 {filed}，與這列不同。",
            f"The course-code file says {filed} in grade {grade}, semester {term}.",
            "error" if is_error else "warning",
        )
        for index in places:
            sheet.tell(index, field, problem)


def _distinct(sheet: CheckedSheet, fields: list[str], frame: pl.DataFrame | None = None) -> list[Any]:
    """Every set of values that occurs, with the places of its rows."""
    source = sheet.frame if frame is None else frame
    rows = source.select(fields).with_row_index("place").drop_nulls(fields)
    return rows.group_by(fields, maintain_order=True).agg("place").rows()
