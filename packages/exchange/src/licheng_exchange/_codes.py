"""Course codes: the 23 characters taken apart and put together, and the six credit characters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from licheng_exchange._refusals import Refusal
from licheng_exchange._tables import codes_of

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
        return f"{self.entry_year:03d}" + "".join(getattr(self, part.field) for part in PARTS[1:])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class SemesterCredit:
    """Credits (or periods) of one semester; `paired` marks 對開 courses."""

    credits: int
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the code: its 0-based slice, the characters it may hold, the table that names it."""

    field: str
    start: int
    end: int
    shape: str
    name_zh: str
    name_en: str
    table: str = ""
    closed: bool = False

    @property
    def position(self) -> str:
        """The place as people count: 1-based and inclusive, such as "4-9"."""
        return str(self.end) if self.end - self.start == 1 else f"{self.start + 1}-{self.end}"


# Source: docs/sources/course-codes.md.
PARTS: Final = (
    Part("entry_year", 0, 3, "[0-9]{3}", "適用入學年度", "Entry year"),
    Part("school_code", 3, 9, "[0-9A-Z]{6}", "學校代碼", "School"),
    Part("course_type", 9, 10, "[A-Z]", "課程類型", "Course type", "course_type", closed=True),
    Part("group", 10, 12, "[0-9]{2}", "群別代碼", "Group", "group"),
    Part("department", 12, 15, "[0-9A-Z]{3}", "科別代碼", "Department", "department"),
    Part("class_group", 15, 16, "[0-9A-Z]", "班群", "Class group", "class_group"),
    Part("category", 16, 17, "[0-9A-Z]", "課程類別", "Category", "category", closed=True),
    Part("delivery", 17, 18, "[0-9A-Z]", "開課方式", "Way of opening", "delivery"),
    Part("attribute", 18, 19, "[0-9A-Z]", "科目屬性", "Subject attribute", "attribute"),
    Part("domain", 19, 21, "[0-9A-Z]{2}", "領域名稱", "Domain", "domain"),
    Part("subject", 21, 23, "[0-9A-Z]{2}", "科目名稱代碼", "Subject number"),
)
_WHOLE: Final = re.compile("".join(part.shape for part in PARTS))
_CLOSED: Final = tuple(part for part in PARTS if part.closed)
_CREDITS: Final = {
    **{str(n): SemesterCredit(n) for n in range(10)},
    **{letter: SemesterCredit(n, paired=True) for n, letter in enumerate("ABCDEFGHI", start=1)},
    **{letter: SemesterCredit(n) for n, letter in enumerate("RST", start=10)},
}
_CHARACTERS: Final = {credit: character for character, credit in _CREDITS.items()}


def parse_course_code(text: str) -> CourseCode:
    """Split a course code into its parts, exactly as written.

    Raises InvalidCourseCode for a wrong length, a character outside its class, an unknown 課程類型 or
    課程類別, or an entry year before 108; values of the open tables are not judged.
    """
    if len(text) != CODE_LENGTH:
        raise InvalidCourseCode(
            "course-code-length",
            f"課程代碼應為 {CODE_LENGTH} 碼，這裡有 {len(text)} 碼。",
            f"A course code has {CODE_LENGTH} characters; this one has {len(text)}.",
        )
    for part in _CLOSED if _WHOLE.fullmatch(text) else PARTS:
        _check_part(part, text[part.start : part.end])
    values = {part.field: text[part.start : part.end] for part in PARTS[1:]}
    year = int(text[:3])
    if year < FIRST_ENTRY_YEAR:
        raise InvalidCourseCode(
            "course-code-entry-year",
            f"適用入學年度 {year} 早於 {FIRST_ENTRY_YEAR}，請核對第 1-3 碼。",
            f"Entry year {year} is before {FIRST_ENTRY_YEAR}; look at characters 1-3.",
        )
    return CourseCode(entry_year=year, **values)


def compose_course_code(parts: Mapping[str, str | int]) -> str:
    """Put the 23 characters together from the eleven parts, named like the fields of CourseCode.

    Raises InvalidCourseCode when a part is missing, unknown, of another length, or as parse_course_code does.

    >>> compose_course_code({"entry_year": 109, "school_code": "190410", "course_type": "V", "group": "23",
    ...     "department": "305", "class_group": "0", "category": "1", "delivery": "0", "attribute": "2",
    ...     "domain": "00", "subject": "0B"})
    '109190410V233050102000B'
    """
    strange = sorted(set(parts) ^ {part.field for part in PARTS})
    if strange:
        raise InvalidCourseCode(
            "course-code-parts",
            f"課程代碼由 {len(PARTS)} 個部分組成；缺少或多出：{'、'.join(strange)}。",
            f"A course code has {len(PARTS)} parts; missing or too many: {', '.join(strange)}.",
        )
    values = {part.field: str(parts[part.field]) for part in PARTS}
    for part in PARTS:
        _check_part(part, values[part.field])
    return parse_course_code("".join(values[part.field] for part in PARTS)).text


def parse_credits(text: str) -> tuple[SemesterCredit, ...]:
    """Read the six credit characters: 0-9, A-I (1-9 對開), R-T (10-12).

    Raises InvalidCourseCode when there are not six or one is of another alphabet.
    Source: domain reference 2.9.
    """
    _check_count(len(text))
    wrong = [character for character in text if character not in _CREDITS]
    if wrong:
        raise InvalidCourseCode(
            "credits-character",
            f"授課學期學分只能用 0-9、A-I、R-T，不能用「{wrong[0]}」。",
            f"Credit characters are 0-9, A-I and R-T, not {wrong[0]!r}.",
        )
    return tuple(_CREDITS[character] for character in text)


def compose_credits(semesters: Sequence[SemesterCredit | int]) -> str:
    """Write six semesters as six characters; a bare number is credits that are not paired.

    Raises InvalidCourseCode when there are not six, or for credits no character stands for: 0-12, paired 1-9.

    >>> compose_credits([2, SemesterCredit(2, paired=True), 10, 0, 0, 0])
    '2BR000'
    """
    _check_count(len(semesters))
    worth = [SemesterCredit(one) if isinstance(one, int) else one for one in semesters]
    wrong = [one for one in worth if one not in _CHARACTERS]
    if wrong:
        raise InvalidCourseCode(
            "credits-number",
            f"每學期可填 0-12 學分，對開課程可填 1-9 學分，不能填 {wrong[0].credits}。",
            f"A semester takes 0-12 credits, a paired course 1-9; not {wrong[0].credits}.",
        )
    return "".join(_CHARACTERS[one] for one in worth)


def _check_count(count: int) -> None:
    if count != SEMESTERS:
        raise InvalidCourseCode(
            "credits-length",
            f"授課學期學分應為 {SEMESTERS} 碼，這裡有 {count} 碼。",
            f"The credit field has {SEMESTERS} characters; this one has {count}.",
        )


def _check_part(part: Part, value: str) -> None:
    if not re.fullmatch(part.shape, value):
        raise InvalidCourseCode(
            "course-code-character",
            f"第 {part.position} 碼（{part.name_zh}）「{value}」長度不對或含有不允許的字元；"
            "只能用半形數字與大寫英文字母。",
            f"Characters {part.position} ({part.field}) {value!r} must be half-width digits or capital "
            "letters of that length.",
        )
    if part.closed and value not in codes_of(part.table):
        raise InvalidCourseCode(
            "course-code-" + part.field.replace("_", "-"),
            f"第 {part.position} 碼（{part.name_zh}）「{value}」不在代碼表中。",
            f"Character {part.position} ({part.field}) {value!r} is not in its table.",
        )
