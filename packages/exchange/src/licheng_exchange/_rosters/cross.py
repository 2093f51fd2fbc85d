"""Rules that look at more than one cell, whatever the kind: repeated rows, schools, students, classes."""

from typing import Final

import polars as pl

from licheng_exchange._rosters.cross_courses import check_enrolments
from licheng_exchange._rosters.cross_marks import check_marks
from licheng_exchange._rosters.cross_terms import check_borrowed, check_cadres, check_terms
from licheng_exchange._rosters.judging import Problem
from licheng_exchange._rosters.kinds import Kind
from licheng_exchange._rosters.model import RosterContext
from licheng_exchange._rosters.sheets import CheckedSheet

# The column and the rule of a repeated row, by the fields that may occur only once.
_OF_FIELD: Final = {
    "student_no": ("student_no", "student-no-duplicate"),
    "national_id": ("national_id", "national-id-duplicate"),
    "account": ("account", "account-duplicate"),
    "course_code": ("course_code", "course-code-duplicate"),
}
_OF_KIND: Final = {
    "classes": ("class_name", "class-duplicate"),
    "enrolments": ("student_no", "enrolment-duplicate"),
    "guardians": ("name", "guardian-duplicate"),
    "學生資料": ("national_id", "national-id-duplicate"),
    "借讀": ("since", "row-duplicate"),
    "校內幹部經歷": ("duty", "row-duplicate"),
}


def check_across(kind: Kind, sheet: CheckedSheet) -> None:
    """Run every rule over several cells for which the columns are there."""
    scope = sheet.scope
    for fields in kind.unique:
        _check_unique(kind, sheet, fields)
    _check_students(sheet, scope.context)
    if kind.name in {"students", "學生資料"} and scope.context.class_names is not None:
        _check_classes(sheet, scope.context)
    if sheet.has("school_code", "course_code") and kind.name not in {"轉學轉科", "進修部轉學轉科"}:
        _check_course_school(sheet)
    if kind.name == "enrolments":
        check_enrolments(sheet)
    elif kind.name == "學生資料":
        check_terms(sheet)
    elif kind.name == "借讀":
        check_borrowed(sheet)
    elif kind.name == "校內幹部經歷":
        check_cadres(sheet)
    elif kind.division:
        check_marks(kind, sheet)


def _check_unique(kind: Kind, sheet: CheckedSheet, unique: tuple[str, ...]) -> None:
    """A later row that repeats an earlier one is refused, naming both.

    Fields of columns that the file lacks are the same in all rows.
    """
    needed = {column.field for column in kind.columns if column.required}
    fields = [field for field in unique if sheet.has(field)]
    if not {field for field in unique if field in needed} <= set(fields):
        return
    keys = sheet.frame.select(*fields).with_row_index("place")
    keys = keys.drop_nulls([field for field in fields if field in needed])
    doubled = keys.filter(pl.struct(*fields).is_duplicated())
    if doubled.is_empty():
        return
    column, rule = _OF_FIELD[unique[0]] if len(unique) == 1 else _repeated(kind)
    first: dict[tuple[object, ...], int] = {}
    for place, *values in doubled.iter_rows():
        key = tuple(values)
        if key not in first:
            first[key] = place
            continue
        (here_zh, here_en), (first_zh, first_en) = (
            sheet.findings.row_beside(index, place) for index in (place, first[key])
        )
        problem = Problem(
            rule,
            f"{here_zh}與{first_zh}重複，請只留一列。",
            f"{here_en.capitalize()} repeats {first_en}; keep one of them.",
        )
        sheet.tell(place, column, problem)


def _repeated(kind: Kind) -> tuple[str, str]:
    return _OF_KIND.get(kind.name, ("course_code", "mark-duplicate"))


def _check_students(sheet: CheckedSheet, context: RosterContext) -> None:
    """Students that the caller does not know; a list of students itself brings them in."""
    if context.student_nos is not None and sheet.has("student_no"):
        problem = Problem("student-unknown", "學生名冊裡沒有這個學號。", "No student has this number.")
        sheet.tell_unknown("student_no", context.student_nos, problem)
    if context.id_numbers is not None and sheet.has("national_id"):
        problem = Problem(
            "student-unknown", "學生名冊裡沒有這個身分證號。", "No student of this school has this ID number."
        )
        sheet.tell_unknown("national_id", context.id_numbers, problem)


def _check_classes(sheet: CheckedSheet, context: RosterContext) -> None:
    if not sheet.has("grade", "class_name"):
        return
    known = frozenset(context.class_names or ())
    pairs = sheet.frame.select("grade", "class_name").with_row_index("place").drop_nulls()
    for place, grade, class_name in pairs.iter_rows():
        if (grade, class_name) not in known:
            problem = Problem(
                "class-unknown",
                f"班級名冊裡沒有 {grade} 年級的「{class_name}」，請先匯入班級名冊。",
                f"Grade {grade} has no class {class_name!r} in the class list.",
            )
            sheet.tell(place, "class_name", problem)


def _check_course_school(sheet: CheckedSheet) -> None:
    problem = Problem(
        "course-code-school",
        "課程代碼第 4-9 碼與這列的學校代碼不同。",
        "Characters 4-9 are not this row's school.",
    )
    sheet.tell_where(pl.col("course_code").str.slice(3, 6) != pl.col("school_code"), "course_code", problem)
