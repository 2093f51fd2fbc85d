"""Course codes: the 23 characters, the six credit characters, and the 23/30/6 file that carries them."""

import re
from dataclasses import dataclass
from typing import Final

from licheng_exchange._refusals import Refusal
from licheng_exchange._tables import codes_of, find_code

CODE_LENGTH: Final = 23
SEMESTERS: Final = 6
FIRST_ENTRY_YEAR: Final = 108


class InvalidCourseCode(Refusal):
    """A course code, a credit field or a line of the course-code file that cannot be right."""


@dataclass(frozen=True, slots=True)
class CourseCode:
    """The parts of a course code. Units: `entry_year` is an ROC year."""

    entry_year: int
    school_code: str
    course_type: str
    group: str
    department: str
    class_group: str
    category: str
    delivery: str
    attribute: str
    domain: str
    subject: str

    @property
    def text(self) -> str:
        """The 23 characters again."""
        return f"{self.entry_year:03d}" + "".join(getattr(self, part.field) for part in _PARTS[1:])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CodePart:
    """One part of a code in words; `position` is 1-based and inclusive, such as "4-9"."""

    position: str
    value: str
    name_zh: str
    label_zh: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class SemesterCredit:
    """Credits (or periods) of one semester; `paired` marks 對開 courses."""

    credits: int
    paired: bool


@dataclass(frozen=True, slots=True)
class _Part:
    field: str
    start: int
    end: int
    shape: str
    name_zh: str
    table: str = ""
    closed: bool = False


# Source: course_code_structure.csv, domain reference 3.1; slices are 0-based.
_PARTS: Final = (
    _Part("entry_year", 0, 3, "[0-9]{3}", "適用入學年度"),
    _Part("school_code", 3, 9, "[0-9A-Z]{6}", "學校代碼"),
    _Part("course_type", 9, 10, "[A-Z]", "課程類型", "course_type", closed=True),
    _Part("group", 10, 12, "[0-9]{2}", "群別代碼", "group"),
    _Part("department", 12, 15, "[0-9A-Z]{3}", "科別代碼", "department"),
    _Part("class_group", 15, 16, "[0-9A-Z]", "班群", "class_group"),
    _Part("category", 16, 17, "[0-9A-Z]", "課程類別", "category", closed=True),
    _Part("delivery", 17, 18, "[0-9A-Z]", "開課方式", "delivery"),
    _Part("attribute", 18, 19, "[0-9A-Z]", "科目屬性", "attribute"),
    _Part("domain", 19, 21, "[0-9A-Z]{2}", "領域名稱", "domain"),
    _Part("subject", 21, 23, "[0-9A-Z]{2}", "科目名稱代碼"),
)
_CREDITS: Final = {
    **{str(n): SemesterCredit(n, paired=False) for n in range(10)},
    **{letter: SemesterCredit(n, paired=True) for n, letter in enumerate("ABCDEFGHI", start=1)},
    **{letter: SemesterCredit(n, paired=False) for n, letter in enumerate("RST", start=10)},
}


def parse_course_code(text: str) -> CourseCode:
    """Split a course code into its parts, exactly as written.

    Raises InvalidCourseCode for a wrong length, a character outside its class, or an unknown 課程類型 or
    課程類別; values of the open tables are not judged.
    """
    if len(text) != CODE_LENGTH:
        raise InvalidCourseCode(
            "course-code-length",
            f"課程代碼應為 {CODE_LENGTH} 碼，這裡有 {len(text)} 碼。",
            f"A course code has {CODE_LENGTH} characters; this one has {len(text)}.",
        )
    for part in _PARTS:
        _check_part(part, text[part.start : part.end])
    values = {part.field: text[part.start : part.end] for part in _PARTS[1:]}
    year = int(text[:3])
    if year < FIRST_ENTRY_YEAR:
        raise InvalidCourseCode(
            "course-code-entry-year",
            f"適用入學年度 {year} 早於 {FIRST_ENTRY_YEAR}，請核對第 1-3 碼。",
            f"Entry year {year} is before {FIRST_ENTRY_YEAR}; look at characters 1-3.",
        )
    return CourseCode(entry_year=year, **values)


def explain_course_code(code: CourseCode) -> list[CodePart]:
    """Every part with its label; an unknown value of an open table is labelled as such and is provisional."""
    return [_explain_part(part, code) for part in _PARTS]


def parse_credits(text: str) -> tuple[SemesterCredit, ...]:
    """Read the six credit characters: 0-9, A-I (1-9 對開), R-T (10-12).

    Raises InvalidCourseCode when there are not six or one is of another alphabet.
    Source: domain reference 2.9.
    """
    if len(text) != SEMESTERS:
        raise InvalidCourseCode(
            "credits-length",
            f"授課學期學分應為 {SEMESTERS} 碼，這裡有 {len(text)} 碼。",
            f"The credit field has {SEMESTERS} characters; this one has {len(text)}.",
        )
    wrong = [character for character in text if character not in _CREDITS]
    if wrong:
        raise InvalidCourseCode(
            "credits-character",
            f"授課學期學分只能用 0-9、A-I、R-T，不能用「{wrong[0]}」。",
            f"Credit characters are 0-9, A-I and R-T, not {wrong[0]!r}.",
        )
    return tuple(_CREDITS[character] for character in text)


def _check_part(part: _Part, value: str) -> None:
    place = _position(part)
    if not re.fullmatch(part.shape, value):
        raise InvalidCourseCode(
            "course-code-character",
            f"第 {place} 碼（{part.name_zh}）「{value}」含有不允許的字元；只能用半形數字與大寫英文字母。",
            f"Characters {place} ({part.field}) {value!r} must be half-width digits or capital letters.",
        )
    if part.closed and value not in codes_of(part.table):
        raise InvalidCourseCode(
            "course-code-" + part.field.replace("_", "-"),
            f"第 {place} 碼（{part.name_zh}）「{value}」不在代碼表中。",
            f"Character {place} ({part.field}) {value!r} is not in its table.",
        )


def _explain_part(part: _Part, code: CourseCode) -> CodePart:
    value = str(getattr(code, part.field))
    if not part.table:
        return CodePart(_position(part), value, part.name_zh, _plain_label(part, code), provisional=False)
    row = find_code(part.table, value, course_type=code.course_type)
    if row is None:
        label = "學校自訂班群" if part.field == "class_group" and value.isalpha() else "代碼表未收錄"
        return CodePart(_position(part), value, part.name_zh, label, provisional=True)
    return CodePart(_position(part), value, part.name_zh, row.name_zh, row.provisional)


def _plain_label(part: _Part, code: CourseCode) -> str:
    if part.field == "entry_year":
        return f"{code.entry_year} 學年度入學"
    if part.field == "school_code":
        return "測試用學校代碼" if code.school_code in codes_of("test_schools") else "學校代碼"
    # Source: domain reference 3.1; schools number their own subjects from base-36 "11" upwards.
    return "學校自訂科目" if int(code.subject, 36) >= int("11", 36) else "部定科目"


def _position(part: _Part) -> str:
    return str(part.end) if part.end - part.start == 1 else f"{part.start + 1}-{part.end}"
