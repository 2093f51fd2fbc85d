"""Credits of a plan added up, and the totals a plan is expected to keep, which are data by entry year.

Source: docs/sources/plan-totals.md. Every total there is provisional until it is compared with the curriculum
guidelines themselves.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from licheng_exchange._codes import SEMESTERS, CourseCode, SemesterCredit
from licheng_exchange._tables import read_rows

CURRICULUM: Final = slice(0, 16)  # entry year to class group: the courses that one kind of class takes
_COMMON_YEAR: Final = "196"  # 1年級不分群 of comprehensive schools, taken before every programme of theirs

NATIONAL_DOMAINS: Final = ("01", "02", "03", "04", "05", "06", "07", "08", "09")

type Priced = tuple[CourseCode, tuple[SemesterCredit, ...]]


def _national_in(domain: str) -> Callable[[CourseCode], bool]:
    return lambda code: code.category == "1" and code.domain == domain


# Which courses each measure counts, by 課程類別 and 科目屬性. Flexible learning counts the time itself
# (不分屬性), not the courses offered in it, of which a student takes one.
MEASURES: Final[Mapping[str, Callable[[CourseCode], bool]]] = {
    "offered": lambda code: code.category not in "89",
    "required": lambda code: code.category in "12",
    "national": lambda code: code.category == "1",
    "national_general": lambda code: code.category == "1" and code.attribute == "1",
    "national_vocational": lambda code: code.category == "1" and code.attribute in "23",
    "vocational": lambda code: code.category not in "89" and code.attribute in "23",
    "practical": lambda code: code.category not in "89" and code.attribute == "3",
    "elective": lambda code: code.category in "34567",
    "diverse": lambda code: code.category == "5",
    "group_activity": lambda code: code.category == "8",
    "flexible": lambda code: code.category == "9" and code.attribute == "0",
    **{f"domain-{domain}": _national_in(domain) for domain in NATIONAL_DOMAINS},
}
_WEEK: Final = ("required", "group_activity", "flexible")


@dataclass(frozen=True, slots=True)
class CreditRule:
    """A total that plans of some kind keep. Units: credits or weekly periods summed over six semesters."""

    rule: str
    course_types: frozenset[str]
    groups: frozenset[str]
    departments: frozenset[str]
    from_year: int
    until_year: int | None
    measure: str
    least: int | None
    most: int | None
    provisional: bool
    name_zh: str
    name_en: str

    def covers(self, code: CourseCode) -> bool:
        """Whether the rule is about the curriculum that this course belongs to."""
        return (
            code.course_type in self.course_types
            and code.group in self.groups
            and (not self.departments or code.department in self.departments)
            and self.from_year <= code.entry_year <= (self.until_year or code.entry_year)
        )

    def is_kept_by(self, amount: int) -> bool:
        """Whether the amount lies in the bounds, which are inclusive."""
        return (self.least is None or amount >= self.least) and (self.most is None or amount <= self.most)


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """What the courses of one curriculum add up to.

    `curriculum` is the first 16 characters of its codes. `weeks` are the weekly periods of required courses,
    group activity and flexible learning in each of the six semesters. `measures` holds every amount that a
    CreditRule can ask for: those of MEASURES, and `week`, the fullest of `weeks`.
    """

    curriculum: str
    weeks: tuple[int, ...]
    measures: Mapping[str, int]


@cache
def credit_rules() -> tuple[CreditRule, ...]:
    """Every rule on totals, in file order."""
    return tuple(
        CreditRule(
            rule=row["rule"],
            course_types=frozenset(row["course_types"].split("|")),
            groups=frozenset(row["groups"].split("|")),
            departments=frozenset(filter(None, row["departments"].split("|"))),
            from_year=int(row["from_year"]),
            until_year=_number(row["until_year"]),
            measure=row["measure"],
            least=_number(row["least"]),
            most=_number(row["most"]),
            provisional=row["provisional"] == "yes",
            name_zh=row["name_zh"],
            name_en=row["name_en"],
        )
        for row in read_rows("credit_rules")
    )


def totals_of(courses: Iterable[Priced]) -> list[PlanTotals]:
    """The totals of every curriculum among the courses, in the order in which they first appear.

    The common first year of a comprehensive school counts in each of its programmes.
    """
    return [_total(members) for members in _by_curriculum(courses)]


def broken_rules(courses: Iterable[Priced]) -> Iterator[tuple[CreditRule, PlanTotals]]:
    """Every rule that a curriculum among the courses does not keep."""
    for members in _by_curriculum(courses):
        totals = _total(members)
        for rule in credit_rules():
            if rule.covers(members[0][0]) and not rule.is_kept_by(totals.measures[rule.measure]):
                yield rule, totals


def worth_of(semesters: Iterable[SemesterCredit]) -> int:
    """What a course gives a student over the six semesters.

    A paired course 對開 is written in both semesters of a pair and taken in one of them: its paired credits
    count only when it has no others. Source: docs/sources/plan-totals.md (an interpretation).
    """
    plain = sum(one.credits for one in semesters if not one.paired)
    return plain or max((one.credits for one in semesters), default=0)


def _by_curriculum(courses: Iterable[Priced]) -> list[list[Priced]]:
    found: dict[str, list[Priced]] = defaultdict(list)
    for course in courses:
        found[course[0].text[CURRICULUM]].append(course)
    common = [members for members in found.values() if members[0][0].department == _COMMON_YEAR]
    programmes = [members for members in found.values() if members[0][0].department != _COMMON_YEAR]
    served = {_place(members) for members in programmes}
    alone = [members for members in common if _place(members) not in served]
    whole = [
        [*members, *(course for shared in common if _place(shared) == _place(members) for course in shared)]
        for members in programmes
    ]
    return whole + alone


def _place(members: Sequence[Priced]) -> tuple[int, str, str]:
    code = members[0][0]
    return code.entry_year, code.school_code, code.course_type


def _total(members: Sequence[Priced]) -> PlanTotals:
    measures = {
        name: sum(worth_of(semesters) for code, semesters in members if counts(code))
        for name, counts in MEASURES.items()
    }
    weekly = [worth for code, worth in members if any(MEASURES[name](code) for name in _WEEK)]
    weeks = tuple(
        sum(worth[place].credits for worth in weekly if not worth[place].paired) for place in range(SEMESTERS)
    )
    return PlanTotals(members[0][0].text[CURRICULUM], weeks, {**measures, "week": max(weeks)})


def _number(text: str) -> int | None:
    return int(text) if text else None
