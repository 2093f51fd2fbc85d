"""The styles in which school systems and spreadsheets write a date; lost zeros and serial numbers apart."""

import datetime as dt
import re
from typing import Final

ROC: Final = 1911
_HALF: Final = r"[T ]?(?:上午|下午|AM|PM)?"
_TIME: Final = rf"(?:{_HALF}[T ]?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{_HALF}Z?)?"
_ERA: Final = r"(?:(民國|西元|中華民國|公元) ?)?"
_SPLIT: Final = re.compile(rf"{_ERA}([0-9]{{1,4}}) ?([./-]) ?([0-9]{{1,2}}) ?\3 ?([0-9]{{1,2}}){_TIME}")
_WORDS: Final = re.compile(rf"{_ERA}([0-9]{{1,4}}) ?年 ?([0-9]{{1,2}}) ?月 ?([0-9]{{1,2}}) ?[日號]?{_TIME}")
_MONTH_NAME: Final = re.compile(
    r"([0-9]{1,2})[ -]([A-Za-z]{3,9})[ ,-]{1,2}([0-9]{4})|([A-Za-z]{3,9})[ -]([0-9]{1,2})[ ,-]{1,2}([0-9]{4})"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_HAN_RUN: Final = re.compile("[〇零一二三四五六七八九十百]+")
_HAN_DIGITS: Final = {character: number for number, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0
}
_DAY_FIRST: Final = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}")
_WESTERN_DIGITS: Final = 4


def is_day_first(text: str) -> bool:
    """Whether day and month come before the year, so that their order is a guess."""
    return _DAY_FIRST.fullmatch(text) is not None


def read_separated(text: str) -> tuple[bool, dt.date | None]:
    """(whether the text is a date by its marks, the date or None where that day does not exist)."""
    split = _SPLIT.fullmatch(text)
    if split:
        return True, date_of(split[2], split[4], split[5], era=split[1])
    words = _WORDS.fullmatch(_HAN_RUN.sub(_arabic, text))
    if words:
        return True, date_of(words[2], words[3], words[4], era=words[1])
    named = _MONTH_NAME.fullmatch(text)
    if named:
        day, month, year = (named[1], named[2], named[3]) if named[1] else (named[5], named[4], named[6])
        return True, date_of(year, str(_month(month)), day)
    return False, None


def date_of(year: str, month: str, day: str, *, era: str | None = None) -> dt.date | None:
    """The day, ROC unless the year has four digits or the era says so; None where there is no such day."""
    number = int(year)
    is_western = era in {"西元", "公元"} or (era is None and len(year) == _WESTERN_DIGITS)
    if (is_western and number <= ROC) or number == 0:
        return None
    try:
        return dt.date(number if is_western else number + ROC, int(month), int(day))
    except ValueError:
        return None


def _month(name: str) -> int:
    lower = name.lower()
    names = _MONTHS if lower in _MONTHS else _FULL_MONTHS
    return names.index(lower) + 1 if lower in names else 0


def _arabic(run: re.Match[str]) -> str:
    """九十九 and 二〇一〇 in digits."""
    text = run[0]
    if not {"十", "百"} & set(text):
        return "".join(str(_HAN_DIGITS[character]) for character in text)
    total = digit = 0
    for character in text:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
        else:
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
    return str(total + digit)
