"""What the cells of a sheet of marks say together. Source: domain reference 2.4."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from licheng_exchange._rosters.cross_courses import check_course_credits, check_course_names
from licheng_exchange._rosters.judging import Problem
from licheng_exchange._rosters.kinds import Kind
from licheng_exchange._rosters.sheets import CheckedSheet

PASS_MARK: Final = 60
_UNGRADED: Final = ("8", "9")  # 課程類別 團體活動 and 彈性學習, character 17
_GRANTING: Final = "D"  # 科目屬性 of lessons that give credits all the same, character 19
_GRANTED: Final = 3  # of 是否採計


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A mark, its flag, and how people call it."""

    mark: str
    flag: str


_JUDGEMENTS: Final = (
    _Judgement("score", "passed"),
    _Judgement("exam_score", "exam_passed"),
    _Judgement("second_exam_score", "second_exam_passed"),
    _Judgement("year_score", "year_passed"),
)
_NOT_A_COURSE: Final = Problem(
    "course-without-marks",
    "團體活動與彈性學習的課程（第 17 碼是 8 或 9，第 19 碼不是 D）不列入成績名冊，請刪除這列。",
    "Group activities and flexible learning without credits do not belong in a sheet of marks.",
)
_GRANTED_OTHERWISE: Final = Problem(
    "counting-differs",
    "授予學分的充實（補強）課程，是否採計應為 3；請核對。",
    "A granting course of flexible learning counts as 3.",
    "warning",
)
_EXAM_AFTER_PASS: Final = Problem(
    "exam-after-pass", "已經及格卻有補考成績，請核對。", "Passed, and examined again.", "warning"
)
_PASSED_WITHOUT_MARK: Final = Problem(
    "flag-without-mark", "沒有成績（-1）卻填及格，請核對。", "Passed without a mark.", "warning"
)
_MARK_WITHOUT_FLAG: Final = Problem(
    "flag-missing", "有成績，但及格填 -1（無），請核對。", "A mark without a flag.", "warning"
)
_TAKEN_LATER: Final = Problem(
    "taken-later",
    "應修（原修、對應）的學期晚於這份名冊的學期，請核對。",
    "The course stands for a semester later than the roster's.",
    "warning",
)


def check_marks(kind: Kind, sheet: CheckedSheet) -> None:
    """Courses that have no place here, credits, flags against marks, and exams after a pass."""
    _check_courses(sheet)
    check_course_names(sheet)
    _check_credits(kind, sheet)
    for judgement in _JUDGEMENTS:
        if sheet.has(judgement.mark, judgement.flag):
            _check_flag(sheet, judgement)
    if sheet.has("passed", "exam_score"):
        retaken = pl.col("passed") & pl.col("exam_score").is_not_null()
        sheet.tell_where(retaken, "exam_score", _EXAM_AFTER_PASS)
    _check_taken(sheet)


def _check_courses(sheet: CheckedSheet) -> None:
    if not sheet.has("course_code"):
        return
    code = pl.col("course_code")
    ungraded, granting = code.str.slice(16, 1).is_in(_UNGRADED), code.str.slice(18, 1) == _GRANTING
    sheet.tell_where(ungraded & ~granting, "course_code", _NOT_A_COURSE)
    if sheet.has("counting"):
        sheet.tell_where(
            ungraded & granting & (pl.col("counting") != _GRANTED), "counting", _GRANTED_OTHERWISE
        )


def _check_credits(kind: Kind, sheet: CheckedSheet) -> None:
    """Periods of 進修部 are doubted only: the file of codes may carry credits there."""
    is_error = kind.division == "day"
    if sheet.has("second_credits"):
        check_course_credits(sheet, field="credits", semester=1, is_error=is_error)
        check_course_credits(sheet, field="second_credits", semester=2, is_error=is_error)
    elif sheet.has("taken_semester"):
        check_course_credits(sheet, field="credits", semester="taken_semester", is_error=is_error)
    else:
        semester = "semester" if sheet.has("semester") else sheet.scope.semester
        check_course_credits(sheet, field="credits", semester=semester, is_error=is_error)


def _check_flag(sheet: CheckedSheet, judgement: _Judgement) -> None:
    mark, flag = pl.col(judgement.mark), pl.col(judgement.flag)
    sheet.tell_where(sheet.sound & mark.is_null() & flag, judgement.flag, _PASSED_WITHOUT_MARK)
    sheet.tell_where(sheet.sound & mark.is_not_null() & flag.is_null(), judgement.flag, _MARK_WITHOUT_FLAG)
    own = dict(sheet.scope.context.pass_marks or {})
    standard = pl.lit(PASS_MARK, dtype=pl.Int64)
    if own and sheet.has("national_id"):
        standard = pl.col("national_id").replace_strict(own, default=PASS_MARK, return_dtype=pl.Int64)
    wrong = sheet.frame.select(
        ((mark >= standard) != flag).fill_null(value=False).alias("wrong"), standard.alias("standard")
    ).with_row_index("place")
    for place, _, needed in wrong.filter("wrong").iter_rows():
        sheet.tell(place, judgement.flag, _flag_problem(sheet, place, judgement, needed))


def _flag_problem(sheet: CheckedSheet, place: int, judgement: _Judgement, needed: int) -> Problem:
    mark, passed = sheet.frame[judgement.mark][place], sheet.frame[judgement.flag][place]
    said = "及格" if passed else "不及格"
    return Problem(
        "pass-flag",
        f"成績 {mark.normalize():f}、及格標準 {needed}，卻填{said}；請核對。",
        f"Mark {mark.normalize():f}, pass mark {needed}, but flagged {'passed' if passed else 'failed'}.",
        "warning",
    )


def _check_taken(sheet: CheckedSheet) -> None:
    if not sheet.has("taken_year", "taken_semester"):
        return
    year = _when(sheet, "school_year", sheet.scope.school_year)
    semester = _when(sheet, "semester", sheet.scope.semester)
    later = (pl.col("taken_year") > year) | (
        (pl.col("taken_year") == year) & (pl.col("taken_semester") > semester)
    )
    sheet.tell_where(later, "taken_year", _TAKEN_LATER)


def _when(sheet: CheckedSheet, field: str, known: int | None) -> pl.Expr:
    return pl.col(field) if sheet.has(field) else pl.lit(known, dtype=pl.Int64)
