"""How the file of each kind of roster looks: one row as a school would write it."""

from collections.abc import Mapping
from typing import Final

from licheng_exchange import KINDS

from licheng.school.rosters.models import RosterKind as K

# One value of each type of cell as a school would write it; the people are invented.
EXAMPLES: Final[Mapping[str, str]] = {
    "account": "t208",
    "account-known": "t208",
    "account-list": "t208、t209",
    "any-course-code": "114064308M1119701010101",
    "any-school": "064308",
    "birth-date": "0991118",
    "cadre-level": "2",
    "class-name": "商一甲",
    "class-type": "1",
    "code-10": "1",
    "counting": "1",
    "course-code": "115070406V2640101010101",
    "course-name": "國語文",
    "credit-count": "3",
    "credits": "333322",
    "date": "1150901",
    "department": "401",
    "division": "1",
    "duties": "任課教師、導師",
    "email": "name@example.edu.tw",
    "flag": "1",
    "gender": "1",
    "grade": "1",
    "grade-any": "1",
    "group": "26",
    "indigenous-status": "山原",
    "make-up-manner": "3",
    "name": "林小安",
    "national-id": "A123456789",
    "pass-mark": "60",
    "past-year": "114",
    "phone": "0912345678",
    "remark": "",
    "repeat-mark": "2",
    "retake-manner": "1",
    "school-code": "070406",
    "school-year": "115",
    "score": "81.5",
    "seat-no": "01",
    "semester": "1",
    "standing": "1",
    "status-list": "0",
    "student-no": "1152001",
    "taken-semester": "1",
    "text-20": "一年三班",
    "text-30": "",
    "text-40": "",
}
# Columns whose cells are of a type that elsewhere means something else, by header.
OF_COLUMN: Final[Mapping[str, str]] = {
    "借讀學校代碼": "010301",
    "入學方式": "免試入學",
    "家長姓名": "林大同",
    "擔任職務": "班長",
    "申請結束日期": "1160120",
    "第一次補考成績": "55",
    "第一次補考及格": "0",
    "結束日期": "1160120",
    "補考及格": "-1",
    "補考成績": "-1",
    "關係": "父",
}


def sample(header: str, cell: str) -> str:
    """A value as a school would write it under a header whose cells are of that type."""
    return OF_COLUMN.get(header, EXAMPLES[cell])


def example_of(kind: K) -> str:
    """Header and one row as CSV, with the columns that it needs; the ministry's code file has no header."""
    columns = [column for column in KINDS[kind.value].columns if column.required]
    header = ",".join(column.header for column in columns)
    values = ",".join(sample(column.header, column.cell) for column in columns)
    return values if kind == K.COURSE_CODES else f"{header}\n{values}"
