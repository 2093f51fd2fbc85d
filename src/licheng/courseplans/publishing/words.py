"""Codes and credits in the words of families: names of groups, what kinds of courses mean, when taught."""

from dataclasses import dataclass
from itertools import batched

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import SemesterCredit, parse_credits, worth_of

from licheng.courseplans.plans.queries.boards import ROC_OFFSET, school_year_now
from licheng.courseplans.plans.words import (
    choices,
    credit_words,
    group_title,
    kind_of,
    name_of,
    semester_names,
)

__all__ = [
    "IN_PERIODS",
    "MEANINGS",
    "REQUIRED",
    "WITH_CREDITS",
    "Taught",
    "category_name",
    "choices",
    "cohort",
    "credits_total",
    "domain_name",
    "group_title",
    "is_in_periods",
    "kind_of",
    "semester_names",
    "semesters",
    "western_year",
    "when_taught",
    "year_names",
    "years",
]

REQUIRED = frozenset("12")  # 部定必修、校訂必修
IN_PERIODS = frozenset("89")  # 團體活動時間、彈性學習時間: hours without credits
WITH_CREDITS = "D"  # 科目屬性 of lessons in 彈性學習時間 that give credits all the same

# What the kinds of courses mean to somebody who chooses a school. Source: docs/sources/course-codes.md.
MEANINGS: dict[str, Promise] = {
    "1": gettext_lazy("全國同一類型的高中都要修，內容依課綱。"),
    "2": gettext_lazy("這所學校自己訂的必修，最能看出學校特色。"),
    "3": gettext_lazy("想往大學相關科系再學深一點時選修。"),
    "4": gettext_lazy("基礎需要加強時選修。"),
    "5": gettext_lazy("依興趣選修，例如第二外國語或探索課程。"),
    "6": gettext_lazy("其他選修課程。"),
    "7": gettext_lazy("這所學校自己開的選修。"),
    "8": gettext_lazy("班級活動、社團、週會等，以節數計算，沒有學分。"),
    "9": gettext_lazy("自主學習、選手培訓、充實或補強課程等，大多以節數計算。"),
    "A": gettext_lazy("先修大學的課程。"),
}


@dataclass(frozen=True, slots=True)
class Taught:
    """One semester or year of a course: which, and how much; `text` is empty where it is not taught."""

    name: str
    text: str


def domain_name(code: str) -> str:
    """What a 領域 is called."""
    return name_of("domain", code)


def category_name(code: str) -> str:
    """What a 課程類別 is called."""
    return name_of("category", code)


def credits_total(text: str) -> int:
    """Credits, or periods, that one student has of a course in three years."""
    return worth_of(parse_credits(text))


def semesters(text: str) -> list[Taught]:
    """The six semesters of a course."""
    pairs = zip(semester_names(), parse_credits(text), strict=True)
    return [Taught(name, _said(credit)) for name, credit in pairs]


def _said(credit: SemesterCredit) -> str:
    return credit_words(credit) if credit.credits else ""


def year_names() -> tuple[str, ...]:
    """What the three years are called."""
    return (_("高一"), _("高二"), _("高三"))


def cohort(entry_year: int) -> str:
    """Who those who enter in a year are now, as families say it; empty for those before and after."""
    after = school_year_now() - entry_year
    if after == -1:
        return _("%(year)s 年 8 月入學") % {"year": western_year(entry_year)}
    names = year_names()
    return _("現在%(grade)s") % {"grade": names[after]} if 0 <= after < len(names) else ""


def western_year(entry_year: int) -> int:
    """The western year in whose August a school year begins."""
    return entry_year + ROC_OFFSET


def years(text: str) -> list[Taught]:
    """The three years of a course, first and second semester as 3+2; empty where it is not taught."""
    pairs = zip(year_names(), batched(parse_credits(text), 2), strict=True)
    return [
        Taught(name, "+".join(_said(one) or "0" for one in pair) if any(one.credits for one in pair) else "")
        for name, pair in pairs
    ]


def when_taught(text: str) -> str:
    """When a course is taught and how much: 高一 4+4、高二 2+0."""
    return "、".join(f"{one.name} {one.text}" for one in years(text) if one.text)


def is_in_periods(category: str, attribute: str) -> bool:
    """Whether the six characters count periods a week and no credits."""
    return category in IN_PERIODS and attribute != WITH_CREDITS
