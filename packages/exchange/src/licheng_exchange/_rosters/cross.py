"""Rules that look at more than one cell: duplicates, classes, students, and what the course codes say."""

from typing import Final

import polars as pl

from licheng_exchange._codes import SEMESTERS
from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import Problem, Scope
from licheng_exchange._rosters.kinds import Kind
from licheng_exchange._rosters.model import RosterContext

_DUPLICATE_RULES: Final = {
    "student_no": "student-no-duplicate",
    "national_id": "national-id-duplicate",
    "account": "account-duplicate",
    "class_name": "class-duplicate",
    "course_code": "course-code-duplicate",
}


def check_across(
    kind: Kind, frame: pl.DataFrame, headers: dict[str, str], scope: Scope, findings: Findings
) -> None:
    """Run every rule over several cells for which the columns are there."""
    for fields in kind.unique:
        if set(fields) <= set(frame.columns):
            _check_unique(frame, fields, headers, findings)
    if kind.name == "students" and scope.context.class_names is not None:
        _check_classes(frame, headers, scope.context, findings)
    if kind.name == "enrolments":
        _check_enrolments(frame, headers, scope.context, findings)
    if "school_code" in frame.columns and "course_code" in frame.columns:
        _check_course_school(frame, headers, findings)


def _check_unique(
    frame: pl.DataFrame, fields: tuple[str, ...], headers: dict[str, str], findings: Findings
) -> None:
    """A later row that repeats an earlier one is refused, naming both."""
    keys = frame.select(*fields).with_row_index("place").drop_nulls()
    doubled = keys.filter(pl.struct(*fields).is_duplicated())
    if doubled.is_empty():
        return
    column = "student_no" if "student_no" in fields else fields[-1]
    rule = _DUPLICATE_RULES[column] if len(fields) == 1 or column == "class_name" else "enrolment-duplicate"
    first: dict[tuple[object, ...], int] = {}
    for place, *values in doubled.iter_rows():
        key = tuple(values)
        if key not in first:
            first[key] = place
            continue
        one, other = findings.row_number(first[key]), findings.row_number(place)
        problem = Problem(
            rule,
            f"第 {other} 列與第 {one} 列重複，請只留一列。",
            f"Row {other} repeats row {one}; keep one of them.",
        )
        findings.about_cell(
            place, headers[column], problem, str(frame[column][place]), is_id=column == "national_id"
        )


def _check_classes(
    frame: pl.DataFrame, headers: dict[str, str], context: RosterContext, findings: Findings
) -> None:
    if not {"grade", "class_name"} <= set(frame.columns):
        return
    known = frozenset(context.class_names or ())
    pairs = frame.select("grade", "class_name").with_row_index("place").drop_nulls()
    for place, grade, class_name in pairs.iter_rows():
        if (grade, class_name) not in known:
            problem = Problem(
                "class-unknown",
                f"班級名冊裡沒有 {grade} 年級的「{class_name}」，請先匯入班級名冊。",
                f"Grade {grade} has no class {class_name!r} in the class list.",
            )
            findings.about_cell(place, headers["class_name"], problem, class_name)


def _check_enrolments(
    frame: pl.DataFrame, headers: dict[str, str], context: RosterContext, findings: Findings
) -> None:
    if context.student_nos is not None and "student_no" in frame.columns:
        missing = ~frame["student_no"].is_in(list(context.student_nos)) & frame["student_no"].is_not_null()
        problem = Problem("student-unknown", "學生名冊裡沒有這個學號。", "No student has this number.")
        findings.about_rows(
            missing.fill_null(value=False), headers["student_no"], problem, frame["student_no"]
        )
    fields = ("course_code", "course_name", "school_year", "semester")
    if context.course_codes is None or not set(fields) <= set(frame.columns):
        return
    known = context.course_codes
    columns = frame.select("course_code", "course_name", "school_year", "semester").with_row_index("place")
    distinct = columns.group_by(fields, maintain_order=True).agg("place").drop_nulls(fields)
    for code, name, year, semester, places in distinct.iter_rows():
        if code not in known:
            continue
        for column, problem in _course_doubts(code, name, (year, semester), known[code]):
            for place in places:
                findings.about_cell(place, headers[column], problem, str(frame[column][place]))


def _course_doubts(
    code: str, name: str, when: tuple[int, int], known: tuple[str, str]
) -> list[tuple[str, Problem]]:
    doubts: list[tuple[str, Problem]] = []
    official, credits_text = known
    if name != official:
        doubts.append(
            (
                "course_name",
                Problem(
                    "course-name-differs",
                    f"科目名稱與課程代碼檔的「{official}」不同。",
                    f"The course-code file calls it {official!r}.",
                    "warning",
                ),
            )
        )
    place = (when[0] - int(code[:3])) * 2 + when[1] - 1
    if not 0 <= place < SEMESTERS or credits_text[place : place + 1] in {"0", ""}:
        doubts.append(
            (
                "course_code",
                Problem(
                    "course-no-credit",
                    f"課程代碼檔沒有這門課在 {when[0]} 學年度第 {when[1]} 學期的學分。",
                    f"The course-code file gives it no credit in {when[0]} semester {when[1]}.",
                    "warning",
                ),
            )
        )
    return doubts


def _check_course_school(frame: pl.DataFrame, headers: dict[str, str], findings: Findings) -> None:
    other = frame["course_code"].str.slice(3, 6) != frame["school_code"]
    problem = Problem(
        "course-code-school",
        "課程代碼第 4-9 碼與這列的學校代碼不同。",
        "Characters 4-9 are not this row's school.",
    )
    findings.about_rows(other.fill_null(value=False), headers["course_code"], problem, frame["course_code"])
