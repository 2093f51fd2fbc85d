"""A student's marks put together: one line a course and semester with every attempt, credits, averages.

Pure: no rules are asked here. What a course of a semester gives is counted once, when any attempt at it is
marked as passed; an average is that of the semester's own marks, weighted by credits, without make-up exams
and retakes. The evening division 進修部 judges whole school years: its year mark, and its make-up exam with
periods in each semester, stand for the course in both.
Source: docs/sources/averages.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.school.records.models import Counting, Sheet
from licheng.school.records.queries.rows import Mark
from licheng.school.records.queries.words import manner_text

type Term = tuple[int, int]  # school year and semester

HUNDREDTH: Final = Decimal("0.01")
# A semester's own mark stands on one of these; the others are further attempts.
FIRST_ATTEMPTS: Final = frozenset({Sheet.SEMESTER, Sheet.TRANSFER, Sheet.MAKE_UP, Sheet.REPEAT})
PLACES: Final[dict[str, int]] = {
    sheet: place
    for place, sheet in enumerate(
        (Sheet.SEMESTER, Sheet.TRANSFER, Sheet.MAKE_UP, Sheet.REPEAT, Sheet.EXAM, Sheet.RETAKE)
    )
}
PASSED_BY: Final[dict[str, Promise]] = {
    Sheet.SEMESTER: gettext_lazy("及格"),
    Sheet.TRANSFER: gettext_lazy("抵免及格"),
    Sheet.MAKE_UP: gettext_lazy("補修及格"),
    Sheet.REPEAT: gettext_lazy("重讀及格"),
    Sheet.RETAKE: gettext_lazy("重修及格"),
}
EXAM, SECOND_EXAM, YEAR = (
    gettext_lazy("補考成績"),
    gettext_lazy("第二次補考成績"),
    gettext_lazy("學年學業成績"),
)
EXAM_PASSED: Final = gettext_lazy("補考及格")
YEAR_PASSED: Final = gettext_lazy("學年及格")
NOT_COUNTED, FAILED = gettext_lazy("不採計"), gettext_lazy("不及格")
NOT_MARKED, NO_MARK = gettext_lazy("不需評分"), gettext_lazy("還沒有成績")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mark in words: what it is, of which roster, how much, whether it passed, and how it was taken."""

    what: str
    when: str
    score: str
    passed_text: str
    manner: str = ""


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of one semester: what it gives, what was got, and what came after.

    `marks` begin with the semester's own; `year_marks` are rows of the year's other semester whose year mark
    stands for this one too.
    """

    code: str
    name: str
    credits: Decimal
    is_counted: bool
    score: Decimal | None
    state: Promise
    tone: str
    earned: Decimal
    is_weighed: bool
    marks: tuple[Mark, ...]
    year_marks: tuple[Mark, ...]

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every mark in words, in order."""
        own = (attempt for mark in self.marks for attempt in _attempts(mark))
        return (*own, *(attempt for mark in self.year_marks for attempt in _year_attempt(mark)))

    @property
    def further(self) -> tuple[Attempt, ...]:
        """The attempts, where they say more than the semester's own mark and its state do."""
        first, attempts = self.marks[0], self.attempts
        is_plain = first.sheet == Sheet.SEMESTER and self.score is not None
        return () if is_plain and len(attempts) == 1 else attempts

    @property
    def counting(self) -> str:
        """How the course counts for credits, in words, where it does otherwise than most."""
        counting = self.marks[0].counting
        return "" if counting in {None, Counting.COUNTED} else str(Counting(counting).label)

    @property
    def remark(self) -> str:
        """What teachers wrote beside the marks 質性文字描述."""
        return _("；").join(mark.remark for mark in self.marks if mark.remark)

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


def passed_text(*, is_passed: bool | None) -> str:
    """Whether a mark passes; empty where the roster does not say."""
    if is_passed is None:
        return ""
    return _("及格") if is_passed else _("不及格")


def transcript(marks: Iterable[Mark]) -> list[SemesterBlock]:
    """The semesters for which these marks of one student stand, the latest first."""
    return [
        SemesterBlock(
            *term,
            unit=_("節數") if any(line.marks[0].is_evening for line in lines) else _("學分"),
            lines=lines,
            sums=sums_of(lines),
        )
        for term, lines in sorted(lines_by_term(marks).items(), reverse=True)
    ]


def lines_in(term: Term, marks: Iterable[Mark]) -> tuple[CourseLine, ...]:
    """The lines of one semester out of one student's marks of its whole school year, by their codes."""
    return lines_by_term(marks, only=term).get(term, ())


def lines_by_term(marks: Iterable[Mark], *, only: Term | None = None) -> dict[Term, tuple[CourseLine, ...]]:
    """One line a course and semester out of one student's marks of whole school years, by their codes."""
    own: defaultdict[tuple[int, int, str], list[Mark]] = defaultdict(list)
    of_year: defaultdict[tuple[int, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        for semester in _stands_for(mark):
            if only is not None and only != (mark.taken_year, semester):
                continue
            own[mark.taken_year, semester, mark.course_code].append(mark)
        if mark.year_score is not None or mark.year_passed is not None:
            of_year[mark.taken_year, mark.course_code].append(mark)
    lines: defaultdict[Term, list[CourseLine]] = defaultdict(list)
    for year, semester, code in sorted(own):
        here = sorted(own[year, semester, code], key=_place)
        beside = [mark for mark in of_year.get((year, code), ()) if mark not in here]
        lines[year, semester].append(_line(semester, here, beside))
    return {term: tuple(of_term) for term, of_term in lines.items()}


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


def _stands_for(mark: Mark) -> tuple[int, ...]:
    """The semesters of its school year for which a row stands; an exam 補考 of 進修部: each with periods."""
    if mark.sheet != Sheet.EXAM:
        return (mark.taken_semester,)
    periods = ((1, mark.credits), (2, mark.second_credits))
    return tuple(semester for semester, given in periods if given) or (mark.taken_semester,)


def _place(mark: Mark) -> tuple[int, int, int]:
    return PLACES[mark.sheet], mark.school_year, mark.semester


def _line(semester: int, marks: Sequence[Mark], year_marks: Sequence[Mark]) -> CourseLine:
    """One course of one semester; `marks` begin with the semester's own."""
    first = marks[0]
    is_first = first.sheet in FIRST_ATTEMPTS
    is_counted = first.counting != Counting.NOT_COUNTED
    passed = next((word for mark in marks for word in _passes(mark)), None)
    if passed is None and any(mark.year_passed for mark in year_marks):
        passed = YEAR_PASSED
    # `is not None`: a word that is asked whether it is empty gets translated for it
    state, tone = (passed, "success") if passed is not None else _not_passed(marks, year_marks)
    # An exam that stands alone says for each semester how many periods the course has.
    worth = first.second_credits if first.sheet == Sheet.EXAM and semester > 1 else first.credits
    credits_ = Decimal() if worth is None else worth
    return CourseLine(
        code=first.course_code,
        name=first.course_name,
        credits=credits_,
        is_counted=is_counted,
        score=first.score if is_first else None,
        state=state,
        tone=tone,
        earned=credits_ if passed is not None and is_counted else Decimal(),
        is_weighed=is_first and first.counting in {None, Counting.COUNTED},
        marks=tuple(marks),
        year_marks=tuple(year_marks),
    )


def _passes(mark: Mark) -> Iterator[Promise]:
    """In which ways this row is passed, as a word each."""
    if mark.passed:
        yield PASSED_BY.get(mark.sheet, EXAM_PASSED)
    if mark.exam_passed or mark.second_exam_passed:
        yield EXAM_PASSED
    if mark.year_passed:
        yield YEAR_PASSED


def _not_passed(marks: Sequence[Mark], year_marks: Sequence[Mark]) -> tuple[Promise, str]:
    if marks[0].counting == Counting.NOT_COUNTED:
        return NOT_COUNTED, "neutral"
    said = [flag for mark in marks for flag in (mark.passed, mark.exam_passed, mark.second_exam_passed)] + [
        mark.year_passed for mark in (*marks, *year_marks)
    ]
    if False in said:
        return FAILED, "error"
    if marks[0].counting == Counting.GRANTED:
        return NOT_MARKED, "neutral"
    return NO_MARK, "neutral"


def _attempts(mark: Mark) -> Iterator[Attempt]:
    """The row's own mark and its exams; how it was taken is said once."""
    manner = manner_text(mark)
    if mark.score is not None or mark.passed is not None:
        sheet = str(Sheet(mark.sheet).label)
        yield Attempt(sheet, _when(mark), number(mark.score), passed_text(is_passed=mark.passed), manner)
    exams = (
        (EXAM, mark.exam_score, mark.exam_passed),
        (SECOND_EXAM, mark.second_exam_score, mark.second_exam_passed),
    )
    for what, score, is_passed in exams:
        if score is not None or is_passed is not None:
            yield Attempt(str(what), _when(mark), number(score), passed_text(is_passed=is_passed))
    yield from _year_attempt(mark)


def _year_attempt(mark: Mark) -> Iterator[Attempt]:
    if mark.year_score is not None or mark.year_passed is not None:
        year = number(mark.year_score)
        yield Attempt(str(YEAR), _when(mark), year, passed_text(is_passed=mark.year_passed))


def _when(mark: Mark) -> str:
    return f"{mark.school_year}-{mark.semester}"
