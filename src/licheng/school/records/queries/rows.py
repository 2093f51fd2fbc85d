"""Marks as they are reckoned with: the columns that count, and no model for each of hundreds."""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from licheng.school.records.models import CourseMark


class Mark(NamedTuple):
    """One row of a mark roster, each column as `CourseMark` has it."""

    student_id: int
    sheet: str
    is_evening: bool
    school_year: int
    semester: int
    taken_year: int
    taken_semester: int
    course_code: str
    course_name: str
    credits: Decimal
    second_credits: Decimal | None
    score: Decimal | None
    passed: bool | None
    exam_score: Decimal | None
    exam_passed: bool | None
    second_exam_score: Decimal | None
    second_exam_passed: bool | None
    year_score: Decimal | None
    year_passed: bool | None
    counting: int | None
    manner: str
    standing: str
    repeat_mark: str
    remark: str


def marks_of(rows: QuerySet[CourseMark]) -> list[Mark]:
    """What the rows say, in one query."""
    return [Mark._make(row) for row in rows.values_list(*Mark._fields)]
