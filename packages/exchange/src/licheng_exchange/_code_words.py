"""What a course code says in words, and which numbers a school may still give to its own subjects."""

import string
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from licheng_exchange._codes import PARTS, CourseCode, InvalidCourseCode, Part
from licheng_exchange._tables import CodeRow, SubjectRow, codes_of, find_code, subject_table

# Source: docs/sources/course-codes.md; schools number their own subjects from 11 to ZZ in base 36.
FIRST_OWN_SUBJECT: Final = int("11", 36)
LAST_SUBJECT: Final = int("ZZ", 36)
NATIONAL: Final = "1"  # 課程類別 部定必修: its subject numbers are the same in every school
_DIGITS: Final = string.digits + string.ascii_uppercase


@dataclass(frozen=True, slots=True)
class CodePart:
    """One part of a code in words; `position` is 1-based and inclusive, such as "4-9".

    Names of the tables are Chinese in both labels: they are names, not words of this library.
    """

    field: str
    position: str
    value: str
    name_zh: str
    name_en: str
    label_zh: str
    label_en: str
    provisional: bool
    note_zh: str = ""
    note_en: str = ""


def explain_course_code(code: CourseCode) -> list[CodePart]:
    """Every part with its label; an unknown value of an open table is labelled as such and is provisional."""
    return [_explain_part(part, code) for part in PARTS]


def is_in_table(part: Part, code: CourseCode) -> bool:
    """Whether the tables name this part for the code's own type and year, or it is a school's own 班群."""
    value = str(getattr(code, part.field))
    if part.field == "class_group" and value.isalpha():
        return True
    return find_code(part.table, value, course_type=code.course_type, entry_year=code.entry_year) is not None


def national_subject(code: CourseCode) -> SubjectRow | None:
    """The subject whose fixed number stands in the code, or None when the number is not known as fixed."""
    return next(
        (
            row
            for row in subject_table()
            if (row.category, row.attribute, row.domain, row.code)
            == (code.category, code.attribute, code.domain, code.subject)
            and row.holds(code.entry_year)
        ),
        None,
    )


def next_subject_no(taken: Collection[str]) -> str:
    """The first number of 11-ZZ that neither is taken nor is fixed for a national subject.

    Raises InvalidCourseCode when none is left.
    Source: docs/sources/course-codes.md. Numbers above 10 that are fixed all the same, such as 13 資訊科技,
    were read from real plans and are passed over.

    >>> next_subject_no([]), next_subject_no(["11"])
    ('11', '17')
    """
    used = set(taken) | {row.code for row in subject_table()}
    for number in range(FIRST_OWN_SUBJECT, LAST_SUBJECT + 1):
        text = _DIGITS[number // 36] + _DIGITS[number % 36]
        if text not in used:
            return text
    raise InvalidCourseCode(
        "subject-number-full",
        "學校自訂科目代碼 11-ZZ 已全部用完，請沿用名稱相同科目的代碼。",
        "All numbers for own subjects, 11-ZZ, are taken; use that of a subject of the same name.",
    )


def _explain_part(part: Part, code: CourseCode) -> CodePart:
    value = str(getattr(code, part.field))
    if not part.table:
        zh, en, provisional = _plain_label(part, code)
        return _said(part, value, zh, en, provisional=provisional)
    row = find_code(part.table, value, course_type=code.course_type, entry_year=code.entry_year)
    if row is not None:
        return _said(part, value, row.name_zh, row.name_zh, provisional=row.provisional, row=row)
    if part.field == "class_group" and value.isalpha():
        return _said(part, value, "學校自訂班群", "named by the school", provisional=True)
    return _said(part, value, "代碼表未收錄", "not in the table", provisional=True)


def _plain_label(part: Part, code: CourseCode) -> tuple[str, str, bool]:
    if part.field == "entry_year":
        return f"{code.entry_year} 學年度入學", f"entering in school year {code.entry_year}", False
    if part.field == "school_code":
        is_test = code.school_code in codes_of("test_schools")
        return (
            ("測試用學校代碼", "school code for tests", False)
            if is_test
            else ("學校代碼", "school code", False)
        )
    known = national_subject(code)
    if known is not None:
        return known.name_zh, known.name_zh, known.provisional
    if code.category != NATIONAL and int(code.subject, 36) >= FIRST_OWN_SUBJECT:
        return "學校自訂科目", "subject of the school's own", False
    return "部定科目", "national subject", False


def _said(
    part: Part, value: str, zh: str, en: str, *, provisional: bool, row: CodeRow | None = None
) -> CodePart:
    return CodePart(
        field=part.field,
        position=part.position,
        value=value,
        name_zh=part.name_zh,
        name_en=part.name_en,
        label_zh=zh,
        label_en=en,
        provisional=provisional,
        note_zh=row.note_zh if row else "",
        note_en=row.note_en if row else "",
    )
