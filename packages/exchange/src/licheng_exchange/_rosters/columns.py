"""Columns that several kinds of roster share."""

from dataclasses import dataclass, replace
from typing import Final, Literal

type Cell = Literal[
    "account",
    "account-known",
    "account-list",
    "any-course-code",
    "any-school",
    "birth-date",
    "cadre-level",
    "class-name",
    "class-type",
    "code-10",
    "counting",
    "course-code",
    "course-name",
    "credit-count",
    "credits",
    "date",
    "department",
    "division",
    "duties",
    "email",
    "flag",
    "gender",
    "grade",
    "grade-any",
    "group",
    "indigenous-status",
    "make-up-manner",
    "name",
    "national-id",
    "pass-mark",
    "past-year",
    "phone",
    "remark",
    "repeat-mark",
    "retake-manner",
    "school-code",
    "school-year",
    "score",
    "seat-no",
    "semester",
    "standing",
    "status-list",
    "student-no",
    "taken-semester",
    "text-20",
    "text-30",
    "text-40",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its value in a record, its headers (the first is shown to people), its rules.

    `required` asks for the column; its cells may then stay empty only where `may_be_blank`.
    """

    field: str
    headers: tuple[str, ...]
    cell: Cell
    required: bool = True
    may_be_blank: bool = False

    @property
    def header(self) -> str:
        """The header to use in messages."""
        return self.headers[0]

    @property
    def needs_value(self) -> bool:
        """Whether an empty cell is an error."""
        return self.required and not self.may_be_blank


def optional(column: Column) -> Column:
    """The same column where a roster may do without it."""
    return replace(column, required=False)


# Columns that the national export repeats in every row and that say nothing more than the file does.
BOOKKEEPING: Final = frozenset({"book", "book_nm", "sheet_nm", "sch_nm", "學校名稱"})

NATIONAL_ID: Final = Column(
    "national_id",
    (
        "身分證號", "身份證號", "身分證字號", "身份證字號", "身分證統一編號", "國民身分證統一編號",
        "身分證字號/居留證號", "統一證號",
    ),
    "national-id",
)  # fmt: skip
BIRTH_DATE: Final = Column("birth_date", ("出生日期", "出生年月日", "生日", "學生出生年月日"), "birth-date")
STUDENT_NO: Final = Column("student_no", ("學號", "學生學號"), "student-no")
NAME: Final = Column("name", ("姓名", "學生姓名", "學生中文姓名", "中文姓名"), "name")
GENDER: Final = Column("gender_code", ("性別", "性別代碼"), "gender")
GRADE: Final = Column("grade", ("年級", "就讀年級"), "grade")
CLASS: Final = Column("class_name", ("班級", "班級名稱", "班名"), "class-name")
SEAT_NO: Final = Column("seat_no", ("座號", "班級座號"), "seat-no")
GROUP: Final = Column("group_code", ("群別代碼", "群別", "群代碼"), "group")
DEPARTMENT: Final = Column(
    "department_code", ("科班學程別代碼", "科別代碼", "科班學程別", "科班別代碼"), "department"
)
SCHOOL: Final = Column(
    "school_code",
    ("學校代碼", "校代碼", "學校代號", "就讀學校代碼", "sch_cd"),
    "school-code",
    required=False,
)
EMAIL: Final = Column(
    "email", ("電子郵件", "電子信箱", "電子郵件信箱", "email", "Email", "E-mail"), "email", required=False
)
GUARDIAN_EMAIL: Final = Column(
    "email", ("家長電子郵件", "家長電子信箱", *EMAIL.headers), "email", required=False
)
YEAR: Final = Column("school_year", ("學年度", "學年", "sch_year"), "school-year")
SEMESTER: Final = Column("semester", ("學期", "semester"), "semester")
COURSE_CODE: Final = Column("course_code", ("課程代碼", "課程代號", "課程碼"), "course-code")
ANY_COURSE_CODE: Final = Column("course_code", COURSE_CODE.headers, "any-course-code")
COURSE_NAME: Final = Column("course_name", ("科目名稱", "課程名稱"), "course-name")
COURSE_GRADE: Final = Column("grade", ("開課年級",), "grade")
COURSE: Final = (COURSE_CODE, COURSE_NAME, COURSE_GRADE)

CREDITS: Final = Column("credits", ("修課學分", "學分數", "學分"), "credit-count")
PERIODS: Final = Column("credits", ("修課節數",), "credit-count")
SEMESTER_SCORE: Final = Column("score", ("學期學業成績", "學期成績"), "score")
PASSED: Final = Column("passed", ("成績及格",), "flag")
EXAM: Final = Column("exam_score", ("補考成績",), "score", may_be_blank=True)
EXAM_PASSED: Final = Column("exam_passed", ("補考及格",), "flag", may_be_blank=True)
COUNTING: Final = Column("counting", ("是否採計學分",), "counting")
COUNTING_PERIODS: Final = Column("counting", ("是否採計學時",), "counting")
REMARK: Final = Column("remark", ("質性文字描述", "質性描述"), "remark", required=False)

# The common leading columns of the ministry's sheets. Source: domain reference 2.0
COMMON: Final = (optional(YEAR), optional(SEMESTER), SCHOOL, NATIONAL_ID)
MARK_COMMON: Final = (*COMMON, optional(STUDENT_NO), optional(NAME), optional(BIRTH_DATE))
