"""The kinds of roster: which columns each has, and by which names it is asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from licheng_exchange._rosters import columns as c
from licheng_exchange._rosters.columns import Column

type Division = Literal["", "day", "evening"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A roster: its columns, the sets of fields that may occur only once, and other names for it.

    `division` is given for sheets of marks: 日間部 and 進修部 name theirs alike and differ in columns.
    """

    name: str
    title_zh: str
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...]
    aliases: tuple[str, ...] = ()
    division: Division = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of a record, in order."""
        return tuple(column.field for column in self.columns)


_STUDENTS = Kind(
    "students",
    "學生名冊",
    (
        c.NATIONAL_ID,
        c.BIRTH_DATE,
        c.STUDENT_NO,
        c.NAME,
        c.GENDER,
        c.GRADE,
        c.CLASS,
        c.SEAT_NO,
        c.SCHOOL,
        c.EMAIL,
        c.optional(c.GROUP),
        c.optional(c.DEPARTMENT),
        Column("pass_mark", ("及格標準", "修課及格標準", "及格分數"), "pass-mark", required=False),
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
        c.EMAIL,
        c.SCHOOL,
    ),
    (("account",),),
)
_CLASSES = Kind(
    "classes",
    "班級名冊",
    (
        c.YEAR,
        c.GRADE,
        c.CLASS,
        Column("homeroom_account", ("導師帳號", "班導師帳號"), "account-known", required=False),
        c.SCHOOL,
    ),
    (("school_year", "grade", "class_name"),),
)
_ENROLMENTS = Kind(
    "enrolments",
    "修課名冊",
    (
        c.YEAR,
        c.SEMESTER,
        c.COURSE_CODE,
        c.COURSE_NAME,
        Column("course_class", ("開課班級", "開課班級名稱", "課程班級"), "class-name"),
        c.STUDENT_NO,
        Column("teacher_accounts", ("任課教師帳號", "授課教師帳號", "教師帳號"), "account-list"),
        Column("co_teacher_accounts", ("協同教師帳號", "協同教學教師帳號"), "account-list", required=False),
        c.SCHOOL,
    ),
    (("school_year", "semester", "course_code", "course_class", "student_no"),),
)
_COURSE_CODES = Kind(
    "course-codes",
    "課程代碼檔",
    (
        c.COURSE_CODE,
        Column("name", ("科目名稱", "課程名稱"), "course-name"),
        Column("credits", ("授課學期學分", "授課學期學分/節數", "授課學期學分節數", "學期學分"), "credits"),
    ),
    (("course_code",),),
)
_GUARDIANS = Kind(
    "guardians",
    "家長名冊",
    (
        c.STUDENT_NO,
        Column("name", ("家長姓名", "監護人姓名", "家長中文姓名", "聯絡人姓名"), "name"),
        Column("relation", ("關係", "與學生關係", "稱謂", "家長關係"), "text-20"),
        c.GUARDIAN_EMAIL,
        Column(
            "phone",
            ("電話", "家長電話", "聯絡電話", "手機", "家長手機", "行動電話"),
            "phone",
            required=False,
        ),
        c.SCHOOL,
    ),
    (("student_no", "name"),),
)
# Source: domain reference 2.1
_TERMS = Kind(
    "學生資料",
    "學生資料名冊",
    (
        *c.COMMON,
        c.GENDER,
        c.BIRTH_DATE,
        c.GROUP,
        c.DEPARTMENT,
        Column("division_code", ("部別代碼", "部別"), "division"),
        Column("class_type", ("班別", "班別代碼"), "class-type"),
        Column("grade", ("年級", "就讀年級"), "grade-any"),
        c.CLASS,
        c.SEAT_NO,
        Column("special_status", ("特殊身分別", "特殊身分別代碼", "特殊身份別"), "status-list"),
        Column("indigenous_group", ("原住民族別", "原住民族別代碼"), "code-10", required=False),
        Column("indigenous_status", ("原住民身分別", "原住民身份別"), "indigenous-status", required=False),
        Column("language_dialect", ("族語認證報考方言",), "text-30", required=False),
        Column("language_year", ("報考年度", "族語認證報考年度"), "past-year", required=False),
        Column("language_valid_until", ("族語認證有效日期",), "date", required=False),
        Column("experiment_class", ("實驗班名稱",), "text-40", required=False),
        Column("admission_way", ("入學方式", "入學方式代碼"), "text-20"),
        Column("enrol_status", ("學籍狀態", "學籍狀態代碼"), "code-10"),
        Column("status_changed_on", ("學籍異動日期",), "date", required=False),
        c.optional(c.STUDENT_NO),
        c.optional(c.NAME),
    ),
    (("school_year", "semester", "national_id"),),
    ("學生資料名冊", "學生基本資料", "基本資料"),
)
# Source: domain reference 2.2
_BORROWED = Kind(
    "借讀",
    "學生借讀資料",
    (
        *c.COMMON,
        Column("home_school_code", ("所屬學校代碼", "原就讀學校代碼"), "any-school"),
        Column("host_school_code", ("借讀學校代碼",), "any-school"),
        Column("group_code", ("群別", "群別代碼", "借讀群別", "借讀群別代碼"), "group"),
        Column("department_code", ("借讀科班學程別", "借讀科班學程別代碼", "科班學程別代碼"), "department"),
        Column("borrow_code", ("借讀代碼",), "code-10"),
        Column("since", ("申請開始日期", "借讀開始日期"), "date"),
        Column("until", ("申請結束日期", "借讀結束日期"), "date"),
    ),
    (("school_year", "semester", "national_id", "host_school_code", "since"),),
    ("學生借讀資料", "借讀資料", "借讀名冊"),
)
# Source: domain reference 2.3
_CADRES = Kind(
    "校內幹部經歷",
    "校內幹部經歷名冊",
    (
        *c.COMMON,
        c.optional(c.BIRTH_DATE),
        Column("unit", ("單位名稱", "單位"), "text-20"),
        Column("since", ("開始日期",), "date"),
        Column("until", ("結束日期",), "date"),
        Column("duty", ("擔任職務", "擔任職務名稱", "職務"), "text-20"),
        Column("level", ("幹部等級", "幹部等級代碼"), "cadre-level"),
    ),
    (("school_year", "semester", "national_id", "unit", "duty", "since"),),
    ("校內幹部經歷名冊", "幹部經歷"),
)

_ONCE = ("school_year", "semester", "national_id", "course_code")
_ONCE_TAKEN = ("school_year", "semester", "national_id", "taken_year", "taken_semester", "course_code")


def _marks(
    name: str,
    title_zh: str,
    columns: tuple[Column, ...],
    aliases: tuple[str, ...],
    *,
    division: Division = "day",
    unique: tuple[str, ...] = _ONCE,
) -> Kind:
    return Kind(name, title_zh, (*c.MARK_COMMON, *columns), (unique,), aliases, division)


# Source of all sheets of marks: domain reference 2.4
_SEMESTER_MARKS = _marks(
    "學期成績",
    "學期成績",
    (*c.COURSE, c.CREDITS, c.SEMESTER_SCORE, c.PASSED, c.EXAM, c.EXAM_PASSED, c.COUNTING, c.REMARK),
    ("學期成績名冊", "學生成績"),
)
_MAKE_UP = _marks(
    "補修",
    "補修成績",
    (
        Column("taken_year", ("應修課學年度", "應修學年度", "開課學年度"), "past-year"),
        Column("taken_semester", ("應修課學期", "應修學期", "開課學期"), "taken-semester"),
        *c.COURSE,
        c.CREDITS,
        Column("score", ("補修成績", "補修原始成績"), "score"),
        Column("passed", ("補修及格", "補修成績及格"), "flag"),
        c.EXAM,
        c.EXAM_PASSED,
        Column("manner", ("補修方式", "補修方式代碼"), "make-up-manner"),
        c.COUNTING,
        c.REMARK,
    ),
    ("補修成績", "補修名冊", "補修成績名冊"),
    unique=_ONCE_TAKEN,
)
_TRANSFER_COLUMNS = (
    Column("taken_year", ("對應學年度",), "past-year"),
    Column("taken_semester", ("對應學期",), "taken-semester"),
    c.ANY_COURSE_CODE,
    c.COURSE_NAME,
    Column("grade", ("對應年級", "開課年級"), "grade"),
)
_TRANSFER_RESULT = (
    Column("standing", ("身分別", "身份別", "身分別代碼"), "standing"),
    Column("score", ("抵免後成績",), "score"),
    c.PASSED,
)
_TRANSFER = _marks(
    "轉學轉科",
    "轉學轉科成績",
    (*_TRANSFER_COLUMNS, c.CREDITS, *_TRANSFER_RESULT, c.COUNTING, c.REMARK),
    ("轉學轉科成績", "轉學轉科名冊", "轉學轉科成績名冊"),
    unique=_ONCE_TAKEN,
)
_RETAKE = _marks(
    "重修",
    "重修成績",
    (
        Column("taken_year", ("原修課學年度",), "past-year"),
        Column("taken_semester", ("原修課學期",), "taken-semester"),
        Column(
            "course_code",
            ("原修課課程代碼", "原課程代碼", "原修課程代碼", "課程代碼"),
            "course-code",
        ),
        Column("course_name", ("科目名稱", "原修課科目名稱", "原科目名稱", "課程名稱"), "course-name"),
        Column("grade", ("開課年級", "原修課開課年級"), "grade"),
        Column("credits", ("修課學分", "原修課學分", "原修課修課學分", "學分數"), "credit-count"),
        Column("manner", ("重修方式", "重修方式代碼"), "retake-manner"),
        Column("score", ("重修成績",), "score"),
        Column("passed", ("重修及格", "重修成績及格"), "flag"),
        c.REMARK,
    ),
    ("重修成績", "重修名冊", "重修成績名冊"),
    unique=_ONCE_TAKEN,
)
_REPEAT = _marks(
    "重讀",
    "重讀成績",
    (
        *c.COURSE,
        c.CREDITS,
        Column("score", ("重讀成績", "原始成績"), "score"),
        c.PASSED,
        c.EXAM,
        c.EXAM_PASSED,
        Column("repeat_mark", ("重讀註記", "重讀註記代碼"), "repeat-mark"),
        c.COUNTING,
        c.REMARK,
    ),
    ("重讀成績", "重讀名冊", "重讀成績名冊"),
)
_EVENING_MARKS = _marks(
    "進修部學期成績",
    "進修部學期成績",
    (
        *c.COURSE,
        c.PERIODS,
        c.SEMESTER_SCORE,
        c.PASSED,
        Column("year_score", ("學年學業成績", "學年成績"), "score", may_be_blank=True),
        Column("year_passed", ("學年及格", "學年成績及格"), "flag", may_be_blank=True),
        c.COUNTING_PERIODS,
        c.REMARK,
    ),
    ("學期成績", "學期成績名冊", "進修部學期成績名冊", "學生成績"),
    division="evening",
)
_EVENING_EXAMS = _marks(
    "進修部補考",
    "進修部補考成績",
    (
        *c.COURSE,
        Column("credits", ("第一學期開設修課節數", "第1學期開設修課節數"), "credit-count"),
        Column("second_credits", ("第二學期開設修課節數", "第2學期開設修課節數"), "credit-count"),
        Column("exam_score", ("第一次補考成績", "第1次補考成績"), "score", may_be_blank=True),
        Column("exam_passed", ("第一次補考及格", "第1次補考及格"), "flag", may_be_blank=True),
        Column("second_exam_score", ("第二次補考成績", "第2次補考成績"), "score", may_be_blank=True),
        Column("second_exam_passed", ("第二次補考及格", "第2次補考及格"), "flag", may_be_blank=True),
    ),
    ("補考", "補考成績", "補考名冊", "補考成績名冊", "進修部補考成績", "進修部補考成績名冊"),
    division="evening",
)
_EVENING_TRANSFER = _marks(
    "進修部轉學轉科",
    "進修部轉學轉科成績",
    (*_TRANSFER_COLUMNS, c.PERIODS, *_TRANSFER_RESULT, c.COUNTING_PERIODS, c.REMARK),
    (
        "轉學轉科",
        "轉學轉科成績",
        "轉學轉科名冊",
        "轉學轉科成績名冊",
        "進修部轉學轉科成績",
        "進修部轉學轉科成績名冊",
    ),
    division="evening",
    unique=_ONCE_TAKEN,
)

KINDS: Final = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _STUDENTS,
            _STAFF,
            _CLASSES,
            _ENROLMENTS,
            _COURSE_CODES,
            _GUARDIANS,
            _TERMS,
            _BORROWED,
            _CADRES,
            _SEMESTER_MARKS,
            _MAKE_UP,
            _TRANSFER,
            _RETAKE,
            _REPEAT,
            _EVENING_MARKS,
            _EVENING_EXAMS,
            _EVENING_TRANSFER,
        )
    }
)
HALF: Final = 0.5
KNOWN_HEADERS: Final = frozenset(
    header for kind in KINDS.values() for column in kind.columns for header in column.headers
)


def kinds_named(name: str) -> tuple[Kind, ...]:
    """The kinds that a name may mean: itself, and those of the other division that share it."""
    return tuple(kind for kind in KINDS.values() if name == kind.name or name in kind.aliases)


def kind_of(name: str, columns: Collection[str]) -> Kind:
    """The kind a name means for a table with these columns: 日間部 and 進修部 share names.

    Raises KeyError for a name of no kind.
    """
    meant = kinds_named(name)
    if not meant:
        raise KeyError(name)
    present = frozenset(columns)
    return max(meant, key=lambda kind: _fit(kind, present))


def guess_kind(columns: Collection[str]) -> str | None:
    """The kind whose columns these are: one that is fully there, else one that is there by more than half."""
    present = frozenset(columns)
    best = max(KINDS.values(), key=lambda kind: _fit(kind, present))
    _is_whole, _found, share = _fit(best, present)
    return best.name if share > HALF else None


def _fit(kind: Kind, present: frozenset[str]) -> tuple[bool, int, float]:
    """Whether all required columns are there, how many are, and their share."""
    required = [column for column in kind.columns if column.required]
    found = sum(1 for column in required if present.intersection(column.headers))
    return found == len(required), found, found / len(required)
