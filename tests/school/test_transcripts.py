"""What marks come to: one line a course, credits counted once, averages by credits."""

from decimal import Decimal

import pytest

from licheng.school.people.models import Person, School
from licheng.school.records.models import Counting, Sheet
from licheng.school.records.queries.transcript import lines_by_term, sums_of, transcript, weighted
from tests.school.record_cases import code_of
from tests.school.record_cases import mark as made

STUDENT = Person(pk=1, account="1150001", name="王品妍", school=School(pk=1, code="070406"))


def mark(*args, **more):
    return made(STUDENT, *args, **{"score": Decimal(80), "credits": Decimal(2)} | more)


def lines_of(*marks):
    (lines,) = lines_by_term(marks).values()
    return lines


def line_of(*marks):
    (line,) = lines_of(*marks)
    return line


STATES = {
    "passed": ([mark()], "及格", "success", 2),
    "failed": ([mark(passed=False, score=Decimal(50))], "不及格", "error", 0),
    "make-up exam": ([mark(passed=False, score=Decimal(50), exam_score=Decimal(60), exam_passed=True)], "補考及格", "success", 2),
    "retaken": (
        [mark(Sheet.RETAKE, score=Decimal(60), school_year=116), mark(passed=False, score=Decimal(40), exam_passed=False)],
        "重修及格", "success", 2,
    ),
    "retake failed": ([mark(passed=False), mark(Sheet.RETAKE, passed=False, school_year=116)], "不及格", "error", 0),
    "passed twice": ([mark(), mark(Sheet.RETAKE, school_year=116)], "及格", "success", 2),
    "made up": ([mark(Sheet.MAKE_UP, school_year=116)], "補修及格", "success", 2),
    "transferred": ([mark(Sheet.TRANSFER)], "抵免及格", "success", 2),
    "not counted": ([mark(counting=Counting.NOT_COUNTED)], "及格", "success", 0),
    "not counted, no mark": ([mark(counting=Counting.NOT_COUNTED, score=None, passed=None)], "不採計", "neutral", 0),
    "not marked": ([mark(counting=Counting.GRANTED, score=None, passed=None)], "不需評分", "neutral", 0),
    "granted": ([mark(counting=Counting.GRANTED, score=None)], "及格", "success", 2),
    "no mark yet": ([mark(score=None, passed=None)], "還沒有成績", "neutral", 0),
    "evening, by year": ([mark(is_evening=True, passed=False, year_passed=True)], "學年及格", "success", 2),
    "evening, second exam": ([mark(Sheet.EXAM, passed=None, score=None, exam_passed=False, second_exam_passed=True)], "補考及格", "success", 2),
    "zero but passed, as real rosters say": ([mark(score=Decimal(0))], "及格", "success", 2),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(STATES))
def test_a_course_is_what_its_attempts_say(case):
    marks, state, tone, earned = STATES[case]

    line = line_of(*marks)

    assert (line.state, line.tone, line.earned) == (state, tone, earned)


def test_attempts_are_told_in_order_with_their_semester():
    line = line_of(
        mark(Sheet.RETAKE, score=Decimal("61.50"), school_year=116, semester=2),
        mark(score=Decimal("40.00"), passed=False, exam_score=Decimal(55), exam_passed=False),
    )

    assert [(one.what, one.when, one.score, one.passed_text) for one in line.attempts] == [
        ("學期成績", "115-1", "40", "不及格"),
        ("補考成績", "115-1", "55", "不及格"),
        ("重修成績", "116-2", "61.5", "及格"),
    ]
    assert line.score == Decimal(40)


def test_the_average_weighs_by_credits_and_leaves_out_what_does_not_count():
    lines = lines_of(
        mark(score=Decimal(90), credits=Decimal(4)),
        mark(score=Decimal("70.5"), credits=Decimal(2), course_code=code_of(STUDENT, 2)),
        mark(score=Decimal(10), course_code=code_of(STUDENT, 3), counting=Counting.NOT_COUNTED),
        mark(score=None, passed=None, course_code=code_of(STUDENT, 4)),
        mark(Sheet.RETAKE, score=Decimal(99), course_code=code_of(STUDENT, 5)),
        mark(score=Decimal(20), credits=Decimal(0), course_code=code_of(STUDENT, 6)),
    )

    sums = sums_of(lines)

    assert sums.average == ((90 * 4 + Decimal("70.5") * 2) / 6).quantize(Decimal("0.01"))
    assert (sums.courses, sums.taken, sums.earned, sums.failed) == (6, Decimal(10), Decimal(8), 0)
    assert (weighted([]), weighted([(Decimal(80), Decimal(0))])) == (None, None)
    assert weighted([(Decimal("0.005"), Decimal(1))]) == Decimal("0.01")


def test_semesters_stand_for_when_a_course_was_due_the_latest_first():
    blocks = transcript(
        [
            mark(taken_semester=2, semester=2),
            mark(),
            mark(Sheet.RETAKE, school_year=116),
            mark(is_evening=True, taken_year=114),
        ]
    )

    assert [(block.school_year, block.semester, len(block.lines), block.unit) for block in blocks] == [
        (115, 2, 1, "學分"), (115, 1, 1, "學分"), (114, 1, 1, "節數"),
    ]  # fmt: skip
    assert transcript([]) == []


def evening(*args, **more):
    return mark(*args, is_evening=True, **more)


def exam(**more):
    return evening(Sheet.EXAM, score=None, passed=None, counting=None, **more)


# Rows of one course and year; the two lines they make, each as periods, state and periods earned.
YEARS = {
    "an exam stands for both semesters with periods": (
        [evening(passed=False), evening(passed=False, semester=2, taken_semester=2),
         exam(semester=2, taken_semester=2, second_credits=Decimal(3), exam_passed=True)],
        {1: ("2", "補考及格", "2"), 2: ("2", "補考及格", "2")},
    ),
    "a failed exam too": (
        [evening(passed=False), exam(semester=2, taken_semester=2, second_credits=Decimal(3), exam_passed=False)],
        {1: ("2", "不及格", "0"), 2: ("3", "不及格", "0")},
    ),
    "an exam of one semester leaves the other alone": (
        [evening(passed=False), evening(passed=False, semester=2, taken_semester=2),
         exam(semester=2, taken_semester=2, credits=Decimal(0), second_credits=Decimal(2), exam_passed=True)],
        {1: ("2", "不及格", "0"), 2: ("2", "補考及格", "2")},
    ),
    "an exam without periods stands where it is filed": (
        [exam(credits=Decimal(0), second_credits=Decimal(0), exam_passed=True)], {1: ("0", "補考及格", "0")},
    ),
    "the year's mark passes both semesters": (
        [evening(passed=False), evening(semester=2, taken_semester=2, year_score=Decimal(61), year_passed=True)],
        {1: ("2", "學年及格", "2"), 2: ("2", "及格", "2")},
    ),
    "a year that is not passed takes nothing away": (
        [evening(), evening(passed=False, semester=2, taken_semester=2, year_score=Decimal(50), year_passed=False)],
        {1: ("2", "及格", "2"), 2: ("2", "不及格", "0")},
    ),
    "another course's year and another year are others' business": (
        [evening(passed=False), evening(semester=2, taken_semester=2, course_code=code_of(STUDENT, 9), year_passed=True),
         evening(school_year=114, taken_year=114, year_passed=True)],
        {1: ("2", "不及格", "0"), 2: ("2", "及格", "2")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(YEARS))
def test_the_evening_division_judges_whole_years(case):
    marks, told = YEARS[case]

    lines = lines_by_term(marks)

    assert {
        semester: (line.credits_text, str(line.state), line.earned_text)
        for (year, semester), (line,) in lines.items()
        if year == 115
    } == told


def test_what_stands_for_both_semesters_is_told_in_both():
    lines = lines_by_term(
        [
            evening(passed=False, score=Decimal(50)),
            evening(semester=2, taken_semester=2, year_score=Decimal("61.5"), year_passed=True),
            exam(
                semester=2,
                taken_semester=2,
                second_credits=Decimal(2),
                exam_score=Decimal(60),
                exam_passed=True,
            ),
        ]
    )

    told = {term[1]: [(one.what, one.score) for one in line.attempts] for term, (line,) in lines.items()}
    assert told == {
        1: [("學期成績", "50"), ("補考成績", "60"), ("學年學業成績", "61.5")],
        2: [("學期成績", "80"), ("學年學業成績", "61.5"), ("補考成績", "60")],
    }


def test_marks_are_told_one_by_one_where_they_say_more_than_the_mark():
    plain = line_of(mark())
    examined = line_of(mark(passed=False, exam_score=Decimal(60), exam_passed=True))
    moved = line_of(mark(Sheet.TRANSFER, standing="1"))

    assert [len(line.further) for line in (plain, examined, moved)] == [0, 2, 1]
    assert moved.further[0].manner == "轉學生"
    assert [line_of(mark(counting=one)).counting for one in (None, 1, 2)] == ["", "", "不採計"]
