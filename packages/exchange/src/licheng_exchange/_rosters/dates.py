"""Birth dates in every style that school systems and spreadsheets write."""

import datetime as dt
import re
from typing import Final

from licheng_exchange._rosters.judging import Judged, Scope, refused, repaired

_ROC: Final = 1911
# Without a known school year: entry from 108 (first year of the curriculum), and a decade on.
_SCHOOL_YEARS: Final = (108, 120)
_STUDENT_AGES: Final = (15, 20)
_AGES: Final = (12, 90)
_SERIAL_START: Final = dt.date(1899, 12, 30)

_HALF: Final = r"[T ]?(?:上午|下午|AM|PM)?"
_TIME: Final = rf"(?:{_HALF}[T ]?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{_HALF}Z?)?"
_SPLIT: Final = re.compile(rf"([0-9]{{1,4}}) ?([./-]) ?([0-9]{{1,2}}) ?\2 ?([0-9]{{1,2}}){_TIME}")
_WORDS: Final = re.compile(
    rf"(民國|西元|中華民國)? ?([0-9]{{1,4}}) ?年 ?([0-9]{{1,2}}) ?月 ?([0-9]{{1,2}}) ?日?{_TIME}"
)
_DIGITS: Final = re.compile(r"([0-9]{5,8})(?:\.0+)?")
_DAY_FIRST: Final = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}")


def judge_birth_date(text: str, scope: Scope) -> Judged:
    """Read a birth date; two readings refuse it, a lost leading zero is put back where only one date fits."""
    if _DAY_FIRST.fullmatch(text):
        return refused(
            "birth-date-order",
            "看不出是日/月/年或月/日/年，請改為民國 7 碼（例如 0990131）。",
            "Day and month order is unclear; write the ROC date in 7 digits (0990131).",
        )
    split, words = _SPLIT.fullmatch(text), _WORDS.fullmatch(text)
    if split:
        return _plausible(_date(split[1], split[3], split[4]), scope)
    if words:
        return _plausible(_date(words[2], words[3], words[4], era=words[1]), scope)
    digits = _DIGITS.fullmatch(text)
    return _from_digits(digits[1], scope) if digits else _unreadable()


def _from_digits(digits: str, scope: Scope) -> Judged:
    match len(digits):
        case 7:
            return _plausible(_date(digits[:3], digits[3:5], digits[5:]), scope)
        case 8:
            return _plausible(_date(digits[:4], digits[4:6], digits[6:]), scope)
        case 6:
            return _lost_zero(digits, scope)
        case _:
            return _serial(int(digits), scope)


def _lost_zero(digits: str, scope: Scope) -> Judged:
    """YYMMDD: an ROC date that lost its zero, unless the western reading 20YYMMDD fits a student too."""
    roc = _date(digits[:2], digits[2:4], digits[4:])
    western = _date("20" + digits[:2], digits[2:4], digits[4:])
    if roc is None or not _is_student(roc, scope) or _is_student(western, scope):
        return _ambiguous()
    return repaired(
        roc,
        "birth-date-zero",
        f"出生日期前面的 0 遺失，已補為 0{digits}。",
        f"The leading zero was lost; read as 0{digits}.",
    )


def _serial(number: int, scope: Scope) -> Judged:
    date = _SERIAL_START + dt.timedelta(days=number)
    if not _is_student(date, scope):
        return _ambiguous()
    return repaired(
        date,
        "birth-date-serial",
        f"出生日期是試算表的日期序號，已讀為 {date.isoformat()}。",
        f"A spreadsheet date number; read as {date.isoformat()}.",
    )


def _date(year: str, month: str, day: str, *, era: str | None = None) -> dt.date | None:
    number = int(year)
    is_western = era == "西元" or (era is None and len(year) == 4)  # noqa: PLR2004 -- four digits are a western year
    if is_western and number <= _ROC:
        return None
    if not is_western and number == 0:
        return None
    try:
        return dt.date(number if is_western else number + _ROC, int(month), int(day))
    except ValueError:
        return None


def _plausible(date: dt.date | None, scope: Scope) -> Judged:
    if date is None:
        return _unreadable()
    if not _has_age(date, _AGES, scope):
        return refused(
            "birth-date-implausible",
            f"出生日期讀為 {date.isoformat()}，不像學生的出生日期；請核對民國或西元。",
            f"Read as {date.isoformat()}, which is no student's birth date; check the era.",
        )
    return Judged(date)


def _is_student(date: dt.date | None, scope: Scope) -> bool:
    return date is not None and _has_age(date, _STUDENT_AGES, scope)


def _has_age(date: dt.date, ages: tuple[int, int], scope: Scope) -> bool:
    """Whether the age on 1 September of the (or of some possible) school year is within bounds."""
    first, last = (scope.school_year,) * 2 if scope.school_year is not None else _SCHOOL_YEARS
    oldest = _age(date, first + _ROC)
    youngest = _age(date, last + _ROC)
    return youngest >= ages[0] and oldest <= ages[1]


def _age(date: dt.date, year: int) -> int:
    return year - date.year - ((date.month, date.day) > (9, 1))


def _unreadable() -> Judged:
    return refused(
        "birth-date-invalid",
        "出生日期無法辨識或不存在，請用民國 7 碼（例如 0990131）。",
        "Not a date, or one that does not exist; write the ROC date in 7 digits (0990131).",
    )


def _ambiguous() -> Judged:
    return refused(
        "birth-date-ambiguous",
        "出生日期位數不足，無法確定是哪一天；請用民國 7 碼（例如 0990131）。",
        "Too few digits to know the day; write the ROC date in 7 digits (0990131).",
    )
