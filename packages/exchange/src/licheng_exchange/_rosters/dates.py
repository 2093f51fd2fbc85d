"""Birth dates and other dates: what was written, what it must mean, and when to refuse to guess."""

import datetime as dt
import re
from typing import Final

from licheng_exchange._rosters.date_styles import ROC, date_of, is_day_first, read_separated
from licheng_exchange._rosters.judging import Judged, Scope, refused, repaired

# Without a known school year: entry from 108 (first year of the curriculum), and a decade on.
_SCHOOL_YEARS: Final = (108, 120)
_STUDENT_AGES: Final = (15, 20)
_AGES: Final = (12, 90)
_SERIAL_START: Final = dt.date(1899, 12, 30)
_DIGITS: Final = re.compile("[0-9]{5,8}")
_ROC_LENGTH, _WESTERN_LENGTH, _SERIAL_LENGTH, _SHORT_LENGTH = 7, 8, 5, 6
# Own bounds for dates of a school's business: nobody in a senior high school needs another day.
_FIRST_DAY, _LAST_DAY = dt.date(2001, 1, 1), dt.date(2099, 12, 31)
_SERIAL_FIRST_DAY: Final = dt.date(2010, 1, 1)


def judge_birth_date(text: str, scope: Scope) -> Judged:
    """Read a birth date; two readings refuse it, a lost leading zero is put back where only one date fits."""
    if is_day_first(text):
        return _day_first("birth-date")
    is_separated, date = read_separated(text)
    if is_separated:
        return _plausible(date, scope)
    digits = _DIGITS.fullmatch(text)
    return _from_digits(digits[0], scope) if digits else _unreadable("birth-date", "出生日期")


def judge_date(text: str, _scope: Scope) -> Judged:
    """Read any other date; six digits are refused, since nothing says which zero was lost."""
    if is_day_first(text):
        return _day_first("date")
    is_separated, date = read_separated(text)
    digits = _DIGITS.fullmatch(text)
    if not is_separated and digits:
        if len(digits[0]) == _SHORT_LENGTH:
            return _ambiguous("date", "日期")
        if len(digits[0]) == _SERIAL_LENGTH:
            return _business_serial(int(digits[0]))
        date = _whole(digits[0])
    if date is None or not _FIRST_DAY <= date <= _LAST_DAY:
        return _unreadable("date", "日期")
    return Judged(date)


def _from_digits(digits: str, scope: Scope) -> Judged:
    if len(digits) == _SHORT_LENGTH:
        return _lost_zero(digits, scope)
    if len(digits) == _SERIAL_LENGTH:
        return _serial(int(digits), scope)
    return _plausible(_whole(digits), scope)


def _whole(digits: str) -> dt.date | None:
    """YYYMMDD of the ROC or YYYYMMDD."""
    year = len(digits) - 4
    return date_of(digits[:year], digits[year : year + 2], digits[year + 2 :])


def _lost_zero(digits: str, scope: Scope) -> Judged:
    """YYMMDD: an ROC date that lost its zero, unless the western reading 20YYMMDD fits a student too."""
    roc = date_of(digits[:2], digits[2:4], digits[4:])
    western = date_of("20" + digits[:2], digits[2:4], digits[4:])
    if roc is None or not _is_student(roc, scope) or _is_student(western, scope):
        return _ambiguous("birth-date", "出生日期")
    return repaired(
        roc,
        "birth-date-zero",
        f"出生日期前面的 0 遺失，已補為 0{digits}。",
        f"The leading zero was lost; read as 0{digits}.",
    )


def _serial(number: int, scope: Scope) -> Judged:
    date = _SERIAL_START + dt.timedelta(days=number)
    if not _is_student(date, scope):
        return _ambiguous("birth-date", "出生日期")
    return repaired(
        date,
        "birth-date-serial",
        f"出生日期是試算表的日期序號，已讀為 {date.isoformat()}。",
        f"A spreadsheet date number; read as {date.isoformat()}.",
    )


def _business_serial(number: int) -> Judged:
    date = _SERIAL_START + dt.timedelta(days=number)
    if not _SERIAL_FIRST_DAY <= date <= _LAST_DAY:
        return _ambiguous("date", "日期")
    return repaired(
        date,
        "date-serial",
        f"日期是試算表的日期序號，已讀為 {date.isoformat()}。",
        f"A spreadsheet date number; read as {date.isoformat()}.",
    )


def _plausible(date: dt.date | None, scope: Scope) -> Judged:
    if date is None:
        return _unreadable("birth-date", "出生日期")
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
    at_first, at_last = _age(date, first + ROC), _age(date, last + ROC)
    return at_last >= ages[0] and at_first <= ages[1]


def _age(date: dt.date, year: int) -> int:
    return year - date.year - ((date.month, date.day) > (9, 1))


def _day_first(rule: str) -> Judged:
    return refused(
        f"{rule}-order",
        "看不出是日/月/年或月/日/年，請改為民國 7 碼（例如 0990131）。",
        "Day and month order is unclear; write the ROC date in 7 digits (0990131).",
    )


def _unreadable(rule: str, what: str) -> Judged:
    return refused(
        f"{rule}-invalid",
        f"{what}無法辨識或不存在，請用民國 7 碼（例如 0990131）。",
        "Not a date, or one that does not exist; write the ROC date in 7 digits (0990131).",
    )


def _ambiguous(rule: str, what: str) -> Judged:
    return refused(
        f"{rule}-ambiguous",
        f"{what}位數不足，無法確定是哪一天；請用民國 7 碼（例如 0990131）。",
        "Too few digits to know the day; write the ROC date in 7 digits (0990131).",
    )
