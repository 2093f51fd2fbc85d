"""What a family sees of a school: its groups, what they require, and every course year by year."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.publishing import words
from licheng.courseplans.publishing.errors import NotOnFile
from licheng.courseplans.publishing.queries.filed import filed_plan, filed_years

SHOWN_CHOICES = 6


@dataclass(frozen=True, slots=True)
class GroupCard:
    """One group in short; `own` names required courses that only this school has, `chosen` some to choose."""

    code: str
    title: str
    kind: str
    courses: int
    required_credits: int
    electives: int
    own: tuple[str, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """A school's plan for one entry year."""

    plan: Plan
    years: list[tuple[int, str]]
    western_year: int
    groups: list[GroupCard]
    courses: int
    meanings: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of a group, year by year."""

    code: str
    name: str
    domain: str
    years: list[words.Taught]
    total: int


@dataclass(frozen=True, slots=True)
class Section:
    """The courses of one kind; `credits` is what they give together: electives are chosen among them."""

    name: str
    meaning: str
    is_required: bool
    is_in_periods: bool
    credits: int
    lines: list[CourseLine]


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what is required belongs to one domain."""

    domain: str
    credits: int


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One group of a school's plan: what it requires, by domain, and every course by kind."""

    plan: Plan
    group: PlanGroup
    title: str
    kind: str
    required_credits: int
    shares: list[Share]
    most: int
    sections: list[Section]
    cohort: str
    year_names: tuple[str, ...]


def school_page(school_code: str, entry_year: int | None) -> SchoolPage:
    """A school's plan for an entry year, the newest when none is said; four queries.

    Raises NotOnFile while none is on file.
    """
    years = filed_years(school_code)
    if not years:
        raise NotOnFile
    plan = filed_plan(school_code, years[0] if entry_year is None else entry_year)
    by_group: dict[int, list[PlanCourse]] = {}
    for course in PlanCourse.objects.filter(plan=plan):
        by_group.setdefault(course.group_id, []).append(course)
    groups = [_card(group, by_group.get(group.pk, [])) for group in PlanGroup.objects.filter(plan=plan)]
    kinds = sorted({course.category for courses in by_group.values() for course in courses})
    meanings = [
        (words.category_name(kind), str(words.MEANINGS[kind])) for kind in kinds if kind in words.MEANINGS
    ]
    return SchoolPage(
        plan=plan,
        years=[(year, words.cohort(year)) for year in years],
        western_year=words.western_year(plan.entry_year),
        groups=groups,
        courses=sum(map(len, by_group.values())),
        meanings=meanings,
    )


def group_page(school_code: str, entry_year: int, group_code: str) -> GroupPage:
    """One group of a school's plan, by characters 10 to 16 of its course codes; three queries.

    Raises NotOnFile while it is not on file.
    """
    plan = filed_plan(school_code, entry_year)
    group = next((one for one in PlanGroup.objects.filter(plan=plan) if str(one) == group_code), None)
    if group is None:
        raise NotOnFile
    courses = list(PlanCourse.objects.filter(group=group))
    shares = Counter[str]()
    for course in courses:
        if course.category in words.REQUIRED:
            shares[words.domain_name(course.domain)] += words.credits_total(course.credits)
    return GroupPage(
        plan=plan,
        group=group,
        title=words.group_title(group),
        kind=words.kind_of(group),
        required_credits=shares.total(),
        shares=[Share(domain, amount) for domain, amount in shares.most_common()],
        most=max(shares.values(), default=0),
        sections=_sections(courses),
        cohort=words.cohort(entry_year),
        year_names=words.year_names(),
    )


def _card(group: PlanGroup, courses: list[PlanCourse]) -> GroupCard:
    required = [course for course in courses if course.category in words.REQUIRED]
    own = dict.fromkeys(course.name for course in required if course.category == "2")
    electives = [course for course in courses if course.category not in words.REQUIRED | words.IN_PERIODS]
    return GroupCard(
        code=str(group),
        title=words.group_title(group),
        kind=words.kind_of(group),
        courses=len(courses),
        required_credits=sum(words.credits_total(course.credits) for course in required),
        electives=len(electives),
        own=tuple(own)[:SHOWN_CHOICES],
        chosen=tuple(dict.fromkeys(course.name for course in electives))[:SHOWN_CHOICES],
    )


def _sections(courses: Iterable[PlanCourse]) -> list[Section]:
    by_category: dict[str, list[PlanCourse]] = {}
    for course in courses:
        by_category.setdefault(course.category, []).append(course)
    return [_section(category, of) for category, of in sorted(by_category.items())]


def _section(category: str, courses: list[PlanCourse]) -> Section:
    lines = [
        CourseLine(
            code=course.code,
            name=course.name,
            domain=words.domain_name(course.domain),
            years=words.years(course.credits),
            total=words.credits_total(course.credits),
        )
        for course in courses
    ]
    return Section(
        name=words.category_name(category),
        meaning=str(words.MEANINGS.get(category, "")),
        is_required=category in words.REQUIRED,
        is_in_periods=all(words.is_in_periods(category, course.attribute) for course in courses),
        credits=sum(line.total for line in lines),
        lines=lines,
    )
