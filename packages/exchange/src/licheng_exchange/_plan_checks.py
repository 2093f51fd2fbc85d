"""What is wrong, or worth a second look, in the courses of a school's plan; nothing here reads a database.

What the code file could not carry is an error. What rests on a table that was not yet compared with an
official document is a warning and says so (`provisional`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from licheng_exchange._code_files import CodeLine, check_course_name
from licheng_exchange._code_words import FIRST_OWN_SUBJECT, NATIONAL, is_in_table
from licheng_exchange._codes import (
    PARTS,
    CourseCode,
    InvalidCourseCode,
    parse_course_code,
    parse_credits,
)
from licheng_exchange._plan_totals import (
    CreditRule,
    PlanTotals,
    Priced,
    broken_rules,
    totals_of,
)
from licheng_exchange._tables import SubjectRow, codes_of, subject_table

_OWN_NUMBERS: Final = frozenset("2567")  # 課程類別 whose subjects a school numbers itself


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """One finding of a check.

    `code` is the course it is about, or the 16 characters of a curriculum when it is about a total; `field`
    is "code", a part of the code, "name", "credits" or "total".
    """

    rule: str
    severity: Literal["error", "warning"]
    code: str
    field: str
    text_zh: str
    text_en: str
    provisional: bool = False


def check_plan(
    rows: Iterable[CodeLine], entry_year: int, course_type: str | None = None
) -> list[PlanFinding]:
    """Everything that is to be said about the courses of a plan: of each course in order, then of the totals.

    With a `course_type`, courses of another are errors; without, a plan may hold several.
    """
    lines = list(rows)
    findings: list[PlanFinding] = []
    seen: set[str] = set()
    schools: set[str] = set()
    for line in lines:
        findings += check_course(line, entry_year, course_type)
        findings += _placed(line, seen, schools)
        seen.add(line.code)
        schools.add(line.code[3:9])
    return findings + list(_names_twice(lines)) + [_broken(*one) for one in broken_rules(_priced(lines))]


def check_course(line: CodeLine, entry_year: int, course_type: str | None = None) -> list[PlanFinding]:
    """Everything that is to be said about one course by itself."""
    findings = [
        _finding(line, field, refusal)
        for field, check in _CHECKS
        if (refusal := _refusal(check, line)) is not None
    ]
    code = _parsed(line.code)
    if code is None:
        return findings
    findings += _elsewhere(line, code, entry_year, course_type)
    if line.credits and not line.credits.strip("0"):
        zh, en = (
            "六個學期都是 0 學分，名冊不會有這個科目。",
            "No semester has credits; no roster will carry this course.",
        )
        findings.append(PlanFinding("credits-none", "warning", line.code, "credits", zh, en))
    return findings + list(_unknown_parts(line, code)) + list(_subject_findings(line, code))


def plan_totals(rows: Iterable[CodeLine]) -> list[PlanTotals]:
    """The credits of every curriculum among the courses; courses that cannot be read are left out."""
    return totals_of(_priced(list(rows)))


def _elsewhere(
    line: CodeLine, code: CourseCode, entry_year: int, course_type: str | None
) -> Iterator[PlanFinding]:
    """The code of another year's plan, or of another kind of school."""
    if code.entry_year != entry_year:
        yield _error(
            line,
            "plan-entry-year",
            "entry_year",
            f"課程代碼的適用入學年度是 {code.entry_year}，課程計畫是 {entry_year}。",
            f"The code is for entry year {code.entry_year}, the plan for {entry_year}.",
        )
    if course_type is not None and code.course_type != course_type:
        yield _error(
            line,
            "plan-course-type",
            "course_type",
            f"課程代碼的課程類型是 {code.course_type}，此處應為 {course_type}。",
            f"The code is of course type {code.course_type}; {course_type} belongs here.",
        )


def _placed(line: CodeLine, seen: set[str], schools: set[str]) -> Iterator[PlanFinding]:
    if line.code in seen:
        yield _error(
            line,
            "course-code-duplicate",
            "code",
            f"課程代碼 {line.code} 重複，請更改科目名稱代碼或刪除其中一列。",
            f"The course code {line.code} is there twice; change its subject number or remove one.",
        )
    if schools and line.code[3:9] not in schools:
        yield _error(
            line,
            "plan-school",
            "school_code",
            f"課程代碼的學校代碼 {line.code[3:9]} 與其他科目不同。",
            f"The code is of school {line.code[3:9]}, unlike the others.",
        )


def _unknown_parts(line: CodeLine, code: CourseCode) -> Iterator[PlanFinding]:
    for part in PARTS:
        value = str(getattr(code, part.field))
        if not part.table or is_in_table(part, code):
            continue
        known = value in codes_of(part.table)
        yield PlanFinding(
            "plan-value-elsewhere" if known else "plan-value-unknown",
            "warning",
            line.code,
            part.field,
            f"{part.name_zh}「{value}」"
            + ("不用於此課程類型或學年度。" if known else "不在代碼表中，請核對。"),
            f"{part.name_en} {value!r} "
            + ("is not for this course type or year." if known else "is not in its table."),
            provisional=True,
        )


def _subject_findings(line: CodeLine, code: CourseCode) -> Iterator[PlanFinding]:
    rows = [row for row in subject_table() if row.attribute == code.attribute and row.holds(code.entry_year)]
    if code.category == NATIONAL:
        yield from _national_findings(line, code, [row for row in rows if row.category == NATIONAL])
    elif code.category in _OWN_NUMBERS:
        same = [row for row in rows if row.code == code.subject]
        if same and line.name not in {row.name_zh for row in same}:
            yield _doubt(
                line,
                "own-subject-fixed",
                f"科目名稱代碼 {code.subject} 已固定給「{same[0].name_zh}」，請換一個代碼。",
                f"Subject number {code.subject} is fixed for {same[0].name_zh}; take another.",
            )
        elif not same and int(code.subject, 36) < FIRST_OWN_SUBJECT:
            yield _doubt(
                line,
                "own-subject-number",
                f"學校自訂科目的科目名稱代碼應在 11-ZZ 之間，「{code.subject}」不在其中。",
                f"A school's own subjects are numbered 11-ZZ, not {code.subject}.",
            )


def _national_findings(line: CodeLine, code: CourseCode, rows: list[SubjectRow]) -> Iterator[PlanFinding]:
    here = [row for row in rows if row.domain == code.domain]
    known = next((row for row in here if row.code == code.subject), None)
    named = next((row for row in here if row.name_zh == line.name), None)
    if known is not None and known.name_zh != line.name:
        yield _doubt(
            line,
            "national-subject-name",
            f"部定科目代碼 {code.subject} 的名稱是「{known.name_zh}」，這裡寫「{line.name}」。",
            f"National subject {code.subject} is called {known.name_zh}, not {line.name}.",
        )
    if named is not None and named.code != code.subject:
        yield _doubt(
            line,
            "national-subject-number",
            f"部定科目「{line.name}」的代碼是 {named.code}，這裡寫 {code.subject}。",
            f"The national subject {line.name} has number {named.code}, not {code.subject}.",
        )


def _names_twice(lines: Iterable[CodeLine]) -> Iterator[PlanFinding]:
    """The same subject under two numbers, where one class would meet it twice."""
    first: dict[tuple[str, str], str] = {}
    for line in lines:
        key = (line.code[:21], line.name.strip())  # all but the subject number
        other = first.setdefault(key, line.code)
        if other != line.code and key[1]:
            yield PlanFinding(
                "subject-name-twice",
                "warning",
                line.code,
                "name",
                f"同一群科有兩個「{key[1]}」（{other[21:]} 與 {line.code[21:]}），請確認是否重複。",
                f"{key[1]} is there twice ({other[21:]} and {line.code[21:]}); is it the same subject?",
            )


def _broken(rule: CreditRule, totals: PlanTotals) -> PlanFinding:
    amount = totals.measures[rule.measure]
    zh, en = _bounds(rule)
    return PlanFinding(
        rule.rule,
        "warning",
        totals.curriculum,
        "total",
        f"{rule.name_zh}應{zh}，目前是 {amount}。",
        f"{rule.name_en[:1].upper()}{rule.name_en[1:]} should be {en}; now {amount}.",
        provisional=rule.provisional,
    )


def _bounds(rule: CreditRule) -> tuple[str, str]:
    if rule.least is None:
        return f"不超過 {rule.most}", f"at most {rule.most}"
    if rule.most is None:
        return f"至少 {rule.least}", f"at least {rule.least}"
    return f"為 {rule.least}-{rule.most}", f"{rule.least}-{rule.most}"


def _priced(lines: Iterable[CodeLine]) -> list[Priced]:
    """The courses whose code and credits can be read, each once."""
    found: dict[str, Priced] = {}
    for line in lines:
        try:
            found.setdefault(line.code, (parse_course_code(line.code), parse_credits(line.credits)))
        except InvalidCourseCode:
            continue
    return list(found.values())


def _parsed(code: str) -> CourseCode | None:
    try:
        return parse_course_code(code)
    except InvalidCourseCode:
        return None


def _check_code(line: CodeLine) -> None:
    parse_course_code(line.code)


def _check_name(line: CodeLine) -> None:
    check_course_name(line.name)


def _check_credits(line: CodeLine) -> None:
    parse_credits(line.credits)


_CHECKS: Final[tuple[tuple[str, Callable[[CodeLine], None]], ...]] = (
    ("code", _check_code),
    ("name", _check_name),
    ("credits", _check_credits),
)


def _refusal(check: Callable[[CodeLine], None], line: CodeLine) -> InvalidCourseCode | None:
    try:
        check(line)
    except InvalidCourseCode as refusal:
        return refusal
    return None


def _finding(line: CodeLine, field: str, refusal: InvalidCourseCode) -> PlanFinding:
    return _error(line, refusal.rule, field, refusal.text_zh, refusal.text_en)


def _error(line: CodeLine, rule: str, field: str, zh: str, en: str) -> PlanFinding:
    return PlanFinding(rule, "error", line.code, field, zh, en)


def _doubt(line: CodeLine, rule: str, zh: str, en: str) -> PlanFinding:
    return PlanFinding(rule, "warning", line.code, "subject", zh, en, provisional=True)
