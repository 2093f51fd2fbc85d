import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange import RosterContext
from licheng_exchange._rosters.dates import judge_birth_date, judge_date
from licheng_exchange._rosters.judging import Scope
from shared_data import SHARED

SCOPE = Scope(RosterContext(), 115)
ANY_YEAR = Scope(RosterContext(), None)
DAY = dt.date(2010, 1, 31)


@pytest.mark.parametrize(
    "text",
    [
        "0990131", "99/1/31", "099/01/31", "099.01.31", "99-1-31", "民國99年1月31日", "民國 99 年 1 月 31 日",
        "99年1月31日", "中華民國99年01月31日", "西元2010年1月31日", "2010年1月31日", "2010/1/31", "2010-01-31", "2010.1.31",
        "20100131", "2010/01/31 上午 12:00:00", "2010-01-31 00:00:00", "2010-01-31T00:00:00", "2010/1/31 12:00:00 AM",
        "99/01/31 00:00",
    ],
)  # fmt: skip
def test_one_day_in_many_styles(text):
    judged = judge_birth_date(text, SCOPE)

    assert (judged.value, judged.problems) == (DAY, ())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("31/01/2010", "birth-date-order"),
        ("1-31-2010", "birth-date-order"),
        ("1000229", "birth-date-invalid"),
        ("0000101", "birth-date-invalid"),
        ("-10101", "birth-date-invalid"),
        ("Jan-31", "birth-date-invalid"),
        ("0099/1/31", "birth-date-invalid"),
        ("民國前1年1月31日", "birth-date-invalid"),
        ("99/1/31/5", "birth-date-invalid"),
        ("99/1-31", "birth-date-invalid"),
        ("２０１０年", "birth-date-invalid"),
        ("100131", "birth-date-ambiguous"),
        ("090131", "birth-date-ambiguous"),
        ("12345", "birth-date-ambiguous"),
        ("10/01/31", "birth-date-implausible"),
        ("1990131", "birth-date-implausible"),
        ("2026/1/31", "birth-date-implausible"),
    ],
)
def test_what_is_no_birth_date_is_refused(text, rule):
    judged = judge_birth_date(text, SCOPE)

    assert (judged.value, [problem.rule for problem in judged.problems]) == (None, [rule])


def test_a_lost_zero_depends_on_the_school_year():
    fits = judge_birth_date("990131", SCOPE)
    too_old = judge_birth_date("880131", SCOPE)

    assert (fits.value, fits.problems[0].severity) == (DAY, "repaired")
    assert too_old.problems[0].rule == "birth-date-ambiguous"
    assert judge_birth_date("990131", ANY_YEAR).value == DAY


def test_leap_days_follow_the_western_calendar():
    assert judge_birth_date("1010229", SCOPE).value == dt.date(2012, 2, 29)


def test_the_shared_styles_are_read_as_they_say():
    path = SHARED / "files" / "text" / "roster_date_styles.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()[1:] if path.exists() else []
    wrong = []
    for line in lines:
        _, text, meaning = line.split(",", 2)
        value = judge_birth_date(text, SCOPE).value
        refused = "reject" in meaning or "ambiguous" in meaning
        expected = (
            None
            if refused and "ROC 99" not in meaning
            else dt.date(2012, 2, 29)
            if "leap" in meaning
            else DAY
        )
        if value != expected:
            wrong.append((text, meaning, value))
    assert wrong == []


@given(st.dates(min_value=dt.date(2006, 9, 2), max_value=dt.date(2011, 9, 1)))
def test_seven_digits_and_separators_agree(day):
    digits = f"{day.year - 1911:03d}{day:%m%d}"
    split = f"{day.year - 1911}/{day.month}/{day.day}"

    assert judge_birth_date(digits, SCOPE).value == judge_birth_date(split, SCOPE).value == day


@given(st.text(max_size=30))
def test_no_text_makes_it_fail(text):
    judged = judge_birth_date(text, SCOPE)

    assert (judged.value is None) is any(problem.severity == "error" for problem in judged.problems)


@pytest.mark.parametrize(
    "text",
    [
        "民國99/1/31", "民國 099.01.31", "西元2010/1/31", "民國九十九年一月三十一日", "二〇一〇年一月三十一日",
        "99年1月31號", "31-Jan-2010", "31 January 2010", "Jan 31, 2010",
    ],
)  # fmt: skip
def test_rarer_styles_of_the_same_day(text):
    assert judge_birth_date(text, SCOPE).value == DAY


@pytest.mark.parametrize(
    "text", ["31-Foo-2010", "Jan-31-10", "31-Jan-10", "九十九年十三月一日", "百年一月三十二日"]
)
def test_rarer_styles_of_no_day(text):
    assert judge_birth_date(text, SCOPE).problems[0].rule == "birth-date-invalid"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0990131", None),
        ("1150901", None),
        ("2026-09-01", None),
        ("46266", "date-serial"),
        ("12345", "date-ambiguous"),
        ("150901", "date-ambiguous"),
        ("1151301", "date-invalid"),
        ("0010101", "date-invalid"),
        ("9/1/2026", "date-order"),
    ],
)
def test_other_dates(text, rule):
    judged = judge_date(text, SCOPE)

    assert [problem.rule for problem in judged.problems] == ([rule] if rule else [])
    assert (judged.value is None) is any(problem.severity == "error" for problem in judged.problems)
