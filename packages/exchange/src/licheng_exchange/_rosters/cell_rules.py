"""Which rule judges which type of cell, and where it need not look."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from licheng_exchange._rosters import cells, mark_cells, term_cells
from licheng_exchange._rosters.columns import Cell
from licheng_exchange._rosters.dates import judge_birth_date, judge_date
from licheng_exchange._rosters.judging import CellRule
from licheng_exchange._rosters.names import judge_name, suspect_name

_LIST_OF_TEXT: Final = pl.List(pl.String)
_SCORE: Final = pl.Decimal(5, 2)
_CREDITS: Final = pl.Decimal(4, 1)


def _longer_than(length: int) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: text.str.len_chars() > length


def _unlike(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: ~text.str.contains(pattern)


def _words(length: int) -> CellRule:
    return CellRule(term_cells.text_of(length), pl.String, _longer_than(length), is_code=False)


CELL_RULES: Final[Mapping[Cell, CellRule]] = MappingProxyType(
    {
        "account": CellRule(cells.judge_account, pl.String, _unlike(r"^[0-9A-Za-z_.@-]{1,64}$")),
        "account-known": CellRule(cells.judge_homeroom_account, pl.String),
        "account-list": CellRule(cells.judge_account_list, _LIST_OF_TEXT),
        "any-course-code": CellRule(cells.judge_any_course_code, pl.String),
        "any-school": CellRule(cells.judge_any_school, pl.String),
        "birth-date": CellRule(judge_birth_date, pl.Date),
        "cadre-level": CellRule(term_cells.judge_cadre_level, pl.String),
        "class-name": CellRule(cells.judge_class_name, pl.String),
        "class-type": CellRule(term_cells.judge_class_type, pl.String),
        "counting": CellRule(mark_cells.judge_counting, pl.Int64),
        "course-code": CellRule(cells.judge_course_code, pl.String),
        "course-name": CellRule(cells.judge_course_name, pl.String, is_code=False),
        "credit-count": CellRule(mark_cells.judge_credit_count, _CREDITS, has_point=True),
        "credits": CellRule(cells.judge_credits, pl.String),
        "date": CellRule(judge_date, pl.Date),
        "department": CellRule(term_cells.judge_department, pl.String),
        "division": CellRule(term_cells.judge_division, pl.String),
        "duties": CellRule(cells.judge_duties, _LIST_OF_TEXT),
        "email": CellRule(
            cells.judge_email,
            pl.String,
            _unlike(r"^[0-9A-Za-z_.+-]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+$"),
        ),
        "flag": CellRule(mark_cells.judge_flag, pl.Boolean),
        "gender": CellRule(cells.judge_gender, pl.String),
        "grade": CellRule(cells.judge_grade, pl.Int64),
        "grade-any": CellRule(term_cells.judge_grade_any, pl.Int64),
        "group": CellRule(term_cells.judge_group, pl.String),
        "indigenous-status": CellRule(term_cells.judge_indigenous_status, pl.String),
        "make-up-manner": CellRule(mark_cells.judge_make_up_manner, pl.String),
        "name": CellRule(judge_name, pl.String, suspect_name, is_code=False),
        "national-id": CellRule(cells.judge_national_id, pl.String, cells.suspect_national_id),
        "pass-mark": CellRule(mark_cells.judge_pass_mark, pl.Int64),
        "past-year": CellRule(mark_cells.judge_past_year, pl.Int64),
        "phone": CellRule(term_cells.judge_phone, pl.String),
        "remark": CellRule(
            mark_cells.judge_remark, pl.String, _longer_than(1_000), is_code=False, has_lines=True
        ),
        "repeat-mark": CellRule(mark_cells.judge_repeat_mark, pl.String),
        "retake-manner": CellRule(mark_cells.judge_retake_manner, pl.String),
        "school-code": CellRule(cells.judge_school_code, pl.String),
        "school-year": CellRule(cells.judge_school_year, pl.Int64),
        "score": CellRule(mark_cells.judge_score, _SCORE, has_point=True),
        "seat-no": CellRule(cells.judge_seat_no, pl.Int64),
        "semester": CellRule(cells.judge_semester, pl.Int64),
        "standing": CellRule(mark_cells.judge_standing, pl.String),
        "status-list": CellRule(term_cells.judge_status_list, pl.String),
        "student-no": CellRule(cells.judge_student_no, pl.String, _unlike(r"^[0-9A-Za-z_-]{1,20}$")),
        "taken-semester": CellRule(mark_cells.judge_taken_semester, pl.Int64),
        "code-10": CellRule(term_cells.text_of(10), pl.String, _longer_than(10)),
        "text-20": _words(20),
        "text-30": _words(30),
        "text-40": _words(40),
    }
)
