"""A student's marks put together: one line a course and semester with every attempt, credits, averages.

Pure: no rules are asked here. Own reading of the rosters' columns, as no official formula is known: what a
course of a semester gives is counted once, when any attempt at it is marked as passed; an average is that of
the marks of the semester itself, weighted by credits, without make-up exams and retakes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.school.records.models import Counting, CourseMark, Sheet

HUNDREDTH = Decimal("0.01")
# A semester's own mark stands on one of these; the others are further attempts.
FIRST_ATTEMPTS = (Sheet.SEMESTER, Sheet.TRANSFER, Sheet.MAKE_UP, Sheet.REPEAT)
ORDER = {sheet: place for place, sheet in enumerate((*FIRST_ATTEMPTS, Sheet.EXAM, Sheet.RETAKE))}
PASSED_BY: dict[str, Promise] = {
    Sheet.SEMESTER: gettext_lazy("及格"),
    Sheet.TRANSFER: gettext_lazy("抵免及格"),
    Sheet.MAKE_UP: gettext_lazy("補修及格"),
    Sheet.REPEAT: gettext_lazy("重讀及格"),
    Sheet.EXAM: gettext_lazy("補考及格"),
    Sheet.RETAKE: gettext_lazy("重修及格"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mark with its words: what it is, when, how much, and whether it passed (None: not said)."""

    what: str
    when: str
    score: str
    passed: bool | None

    @property
    def passed_text(self) -> str:
        """Whether it passed, in a word; empty where the roster does not say."""
        return "" if self.passed is None else passed_text(is_passed=self.passed)


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of one semester: what it gives, what was got, and what came after."""

    code: str
    name: str
    credits: Decimal
    counting: str
    is_counted: bool
    score: Decimal | None
    attempts: tuple[Attempt, ...]
    state: str
    tone: str
    earned: Decimal
    is_weighed: bool
    remark: str

    @property
    def score_text(self) -> str:
        """The semester's own mark; a dash where there is none."""
        return number(self.score)

    @property
    def credits_text(self) -> str:
        """Credits without needless zeros."""
        return number(self.credits)

    @property
    def earned_text(self) -> str:
        """Credits earned, likewise."""
        return number(self.earned)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a set of lines comes to: courses, credits taken and earned, not passed, weighted average."""

    courses: int
    taken: Decimal
    earned: Decimal
    failed: int
    average: Decimal | None

    @property
    def taken_text(self) -> str:
        """Credits taken."""
        return number(self.taken)

    @property
    def earned_text(self) -> str:
        """Credits earned."""
        return number(self.earned)

    @property
    def average_text(self) -> str:
        """The average with two places; a dash where nothing was marked."""
        return "—" if self.average is None else f"{self.average:.2f}"


@dataclass(frozen=True, slots=True)
class SemesterBlock:
    """One semester; `unit` is 學分, or 節數 in the evening division."""

    school_year: int
    semester: int
    unit: str
    lines: tuple[CourseLine, ...]
    sums: Sums

    @property
    def title(self) -> str:
        """The semester for people."""
        return semester_text(self.school_year, self.semester)


def semester_text(school_year: int, semester: int) -> str:
    """A semester for people."""
    return _("%(year)d 學年度第 %(semester)d 學期") % {"year": school_year, "semester": semester}


def number(value: Decimal | None) -> str:
    """A number as it was stored, without needless zeros; a dash for none."""
    if value is None:
        return "—"
    whole = value.normalize()
    return f"{whole:f}"


def passed_text(*, is_passed: bool) -> str:
    """Whether a mark passes."""
    return _("及格") if is_passed else _("不及格")


def transcript(marks: Iterable[CourseMark]) -> list[SemesterBlock]:
    """The semesters for which these marks of one student stand, the latest first."""
    rows = sorted(marks, key=_place)
    blocks = []
    for (year, semester), of_semester in groupby(
        rows, key=lambda mark: (mark.taken_year, mark.taken_semester)
    ):
        found = list(of_semester)
        lines = tuple(course_lines(found))
        unit = _("節數") if any(mark.is_evening for mark in found) else _("學分")
        blocks.append(SemesterBlock(year, semester, unit, lines, sums_of(lines)))
    return blocks[::-1]


def course_lines(marks: Sequence[CourseMark]) -> list[CourseLine]:
    """One line a course out of one semester's marks of one student, in the order of their codes."""
    rows = sorted(marks, key=_place)
    return [_line(list(attempts)) for _code, attempts in groupby(rows, key=lambda mark: mark.course_code)]


def sums_of(lines: Iterable[CourseLine]) -> Sums:
    """What the lines come to."""
    kept = list(lines)
    weighed = [(line.score, line.credits) for line in kept if line.is_weighed and line.score is not None]
    return Sums(
        courses=len(kept),
        taken=sum((line.credits for line in kept if line.is_counted), Decimal()),
        earned=sum((line.earned for line in kept), Decimal()),
        failed=sum(line.tone == "error" for line in kept),
        average=weighted(weighed),
    )


def weighted(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Σ(mark × credits) ÷ Σ credits, two places, halves up; None where there are no credits."""
    total = weight = Decimal()
    for score, credit in pairs:
        total, weight = total + score * credit, weight + credit
    return (total / weight).quantize(HUNDREDTH, ROUND_HALF_UP) if weight else None


def _place(mark: CourseMark) -> tuple[int, int, str, int, int, int]:
    return (
        mark.taken_year,
        mark.taken_semester,
        mark.course_code,
        ORDER[Sheet(mark.sheet)],
        mark.school_year,
        mark.semester,
    )


def _line(marks: Sequence[CourseMark]) -> CourseLine:
    """One course of one semester; `marks` begin with the semester's own."""
    first = marks[0]
    is_first = first.sheet in FIRST_ATTEMPTS
    is_counted = first.counting != Counting.NOT_COUNTED
    words = [word for mark in marks for word in _passes(mark)]
    state, tone = _state(marks, words[0] if words else "")
    return CourseLine(
        code=first.course_code,
        name=first.course_name,
        credits=first.credits,
        counting=str(Counting(first.counting).label) if first.counting else "",
        is_counted=is_counted,
        score=first.score if is_first else None,
        attempts=tuple(attempt for mark in marks for attempt in _attempts(mark)),
        state=state,
        tone=tone,
        earned=first.credits if words and is_counted else Decimal(),
        is_weighed=is_first and first.counting in {None, Counting.COUNTED},
        remark=_("；").join(mark.remark for mark in marks if mark.remark),
    )


def _passes(mark: CourseMark) -> list[str]:
    """In which ways this mark is passed, as a word each."""
    tried: tuple[tuple[bool | None, Callable[[], str]], ...] = (
        (mark.passed, lambda: str(PASSED_BY[Sheet(mark.sheet)])),
        (mark.exam_passed, lambda: _("補考及格")),
        (mark.second_exam_passed, lambda: _("補考及格")),
        (mark.year_passed, lambda: _("學年及格")),
    )
    return [word() for is_passed, word in tried if is_passed]


def _state(marks: Sequence[CourseMark], word: str) -> tuple[str, str]:
    if word:
        return word, "success"
    if marks[0].counting == Counting.NOT_COUNTED:
        return _("不採計"), "neutral"
    flags = [(mark.passed, mark.exam_passed, mark.second_exam_passed, mark.year_passed) for mark in marks]
    if any(flag is False for row in flags for flag in row):
        return _("不及格"), "error"
    if marks[0].counting == Counting.GRANTED:
        return _("不需評分"), "neutral"
    return _("還沒有成績"), "neutral"


def _attempts(mark: CourseMark) -> Iterable[Attempt]:
    when = f"{mark.school_year}-{mark.semester}"
    sheet = str(Sheet(mark.sheet).label)
    if mark.score is not None or mark.passed is not None:
        yield Attempt(sheet, when, number(mark.score), mark.passed)
    more = (
        (_("補考成績"), mark.exam_score, mark.exam_passed),
        (_("第二次補考成績"), mark.second_exam_score, mark.second_exam_passed),
        (_("學年學業成績"), mark.year_score, mark.year_passed),
    )
    for what, score, is_passed in more:
        if score is not None or is_passed is not None:
            yield Attempt(what, when, number(score), is_passed)
