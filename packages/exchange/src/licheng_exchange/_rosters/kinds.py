"""The kinds of roster and their columns."""

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

type Cell = Literal[
    "account",
    "account-known",
    "account-list",
    "class-name",
    "code",
    "course-code",
    "course-name",
    "credits",
    "birth-date",
    "duties",
    "email",
    "gender",
    "grade",
    "name",
    "national-id",
    "school-code",
    "school-year",
    "seat-no",
    "semester",
    "student-no",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its value in a record, its headers (the first is shown to people), its rules."""

    field: str
    headers: tuple[str, ...]
    cell: Cell
    required: bool = True

    @property
    def header(self) -> str:
        """The header to use in messages."""
        return self.headers[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """A roster: its columns and the sets of fields that may occur only once."""

    name: str
    title_zh: str
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...]


_NATIONAL_ID = ("身分證號", "身份證號", "身分證字號", "身份證字號", "身分證統一編號", "國民身分證統一編號")
_SCHOOL = Column(
    "school_code", ("學校代碼", "校代碼", "學校代號", "就讀學校代碼"), "school-code", required=False
)
_EMAIL = Column(
    "email", ("電子郵件", "電子信箱", "電子郵件信箱", "email", "Email", "E-mail"), "email", required=False
)
_GRADE = Column("grade", ("年級", "就讀年級"), "grade")
_CLASS = Column("class_name", ("班級", "班級名稱", "班名"), "class-name")
_YEAR = Column("school_year", ("學年度", "學年"), "school-year")
_STUDENT_NO = Column("student_no", ("學號",), "student-no")
_COURSE_CODE = Column("course_code", ("課程代碼", "課程代號", "課程碼"), "course-code")

_STUDENTS = Kind(
    "students",
    "學生資料名冊",
    (
        Column("national_id", (*_NATIONAL_ID, "身分證字號/居留證號", "統一證號"), "national-id"),
        Column("birth_date", ("出生日期", "出生年月日", "生日", "學生出生年月日"), "birth-date"),
        _STUDENT_NO,
        Column("name", ("姓名", "學生姓名", "學生中文姓名", "中文姓名"), "name"),
        Column("gender_code", ("性別", "性別代碼"), "gender"),
        _GRADE,
        _CLASS,
        Column("seat_no", ("座號", "班級座號"), "seat-no"),
        _SCHOOL,
        _EMAIL,
        Column("group_code", ("群別代碼", "群別", "群代碼"), "code", required=False),
        Column(
            "dept_code", ("科班學程別代碼", "科別代碼", "科班學程別", "科班別代碼"), "code", required=False
        ),
    ),
    (("student_no",), ("national_id",)),
)
_STAFF = Kind(
    "staff",
    "教職員名冊",
    (
        Column("account", ("帳號", "教師帳號", "教職員帳號", "登入帳號"), "account"),
        Column("name", ("姓名", "教師姓名", "教職員姓名"), "name"),
        Column("duties", ("職務", "角色", "身分"), "duties"),
        _EMAIL,
        _SCHOOL,
    ),
    (("account",),),
)
_CLASSES = Kind(
    "classes",
    "班級名冊",
    (
        _YEAR,
        _GRADE,
        _CLASS,
        Column("homeroom_account", ("導師帳號", "班導師帳號"), "account-known", required=False),
        _SCHOOL,
    ),
    (("school_year", "grade", "class_name"),),
)
_ENROLMENTS = Kind(
    "enrolments",
    "修課名冊",
    (
        _YEAR,
        Column("semester", ("學期",), "semester"),
        _COURSE_CODE,
        Column("course_name", ("科目名稱", "課程名稱"), "course-name"),
        Column("course_class", ("開課班級", "開課班級名稱", "課程班級"), "class-name"),
        _STUDENT_NO,
        Column("teacher_accounts", ("任課教師帳號", "授課教師帳號", "教師帳號"), "account-list"),
        _SCHOOL,
    ),
    (("school_year", "semester", "course_code", "course_class", "student_no"),),
)
_COURSE_CODES = Kind(
    "course-codes",
    "課程代碼檔",
    (
        _COURSE_CODE,
        Column("name", ("科目名稱", "課程名稱"), "course-name"),
        Column("credits", ("授課學期學分", "授課學期學分/節數", "授課學期學分節數", "學期學分"), "credits"),
    ),
    (("course_code",),),
)

KINDS: Final = MappingProxyType(
    {kind.name: kind for kind in (_STUDENTS, _STAFF, _CLASSES, _ENROLMENTS, _COURSE_CODES)}
)
KNOWN_HEADERS: Final = frozenset(
    header for kind in KINDS.values() for column in kind.columns for header in column.headers
)


def guess_kind(columns: Collection[str]) -> str | None:
    """The kind whose columns these are: one that is fully there, else the one most of them belong to."""
    present = frozenset(columns)
    best = max(KINDS.values(), key=lambda kind: _fit(kind, present))
    return best.name if _fit(best, present)[1] else None


def _fit(kind: Kind, present: frozenset[str]) -> tuple[bool, int, float]:
    """Whether all required columns are there, how many are, and their share."""
    required = [column for column in kind.columns if column.required]
    found = sum(1 for column in required if present.intersection(column.headers))
    return found == len(required), found, found / len(required)
