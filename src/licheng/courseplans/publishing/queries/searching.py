"""The public search: courses of all schools by subject, group and domain; schools by name and county."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, ClassVar, cast

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.db.models.lookups import In

from licheng.courseplans.plans.models import PlanCourse, PlanGroup
from licheng.courseplans.plans.queries.naming import name_holds
from licheng.courseplans.publishing.queries.filed import FiledPlan
from licheng.courseplans.publishing.words import domain_name, group_title, when_taught

PER_PAGE = 30
CODE = re.compile(r"[0-9]{3}[0-9A-Z]{20}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; empty parts do not matter."""

    subject: str = ""
    school: str = ""
    county: str = ""
    group: str = ""
    domain: str = ""
    page: str = "1"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked at all."""
        return not (self.has_course or self.school or self.county)

    @property
    def has_course(self) -> bool:
        """Whether courses are looked for, not only schools."""
        return bool(self.subject or self.group or self.domain)

    @property
    def code(self) -> str:
        """The course code that was typed instead of a subject, or nothing."""
        typed = unicodedata.normalize("NFKC", self.subject).replace(" ", "").upper()
        return typed if CODE.fullmatch(typed) else ""


@dataclass(frozen=True, slots=True)
class FoundCourse:
    """One course of the results."""

    code: str
    name: str
    when: str
    domain: str
    group: str
    group_code: str
    plan: FiledPlan


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: a page of courses, or of schools."""

    page: Page  # type: ignore[type-arg]  # of FoundCourse or FiledPlan
    schools: int
    courses: int = 0


@dataclass
class _Rows:
    """A list of courses that knows how many each plan has, so that only the plans of one page are read."""

    wanted: QuerySet[PlanCourse]
    plans: Sequence[FiledPlan]
    counts: dict[int, int]
    ends: list[int] = field(init=False)
    ordered: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self.plans = [plan for plan in self.plans if plan.id in self.counts]
        self.ends = list(accumulate(self.counts[plan.id] for plan in self.plans))

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def __getitem__(self, place: slice) -> list[FoundCourse]:
        """The rows from `start` to `stop`, read from the plans that they belong to."""
        start, stop = place.start, min(place.stop, len(self))
        here = [
            (plan, end)
            for plan, end in zip(self.plans, self.ends, strict=True)
            if end > start and end - self.counts[plan.id] < stop
        ]
        if not here:
            return []
        skipped = start - (here[0][1] - self.counts[here[0][0].id])
        rows: dict[int, list[PlanCourse]] = {plan.id: [] for plan, _end in here}
        shown = self.wanted.filter(plan_id__in=rows).select_related("group").defer("name_grams")
        for course in shown:
            rows[course.plan_id].append(course)
        found = [_found_course(course, plan) for plan, _end in here for course in rows[plan.id]]
        return found[skipped : skipped + stop - start]


def search(asked: Asked, known: Sequence[FiledPlan]) -> Found:
    """Courses where a subject, group or domain is asked for, schools otherwise; at most two queries.

    `known` are the plans to look in, one of each school, as `latest_plans` gives them.
    """
    plans = [plan for plan in known if _fits(plan, asked)]
    if not asked.has_course:
        return Found(Paginator(plans, PER_PAGE).get_page(asked.page), len(plans))
    wanted = _courses(asked)
    counts = _counts(wanted.filter(_of_plans(plans, asked)))
    rows = _Rows(wanted.order_by(*PlanCourse.IN_PLAN_ORDER), plans, counts)
    page = Paginator(cast("Any", rows), PER_PAGE).get_page(asked.page)  # it asks for a length and for slices
    return Found(page, len(rows.plans), len(rows))


def counties_of(plans: Sequence[FiledPlan]) -> list[tuple[str, int]]:
    """Counties with how many schools have a plan there, in the order of their schools' codes."""
    return list(Counter(plan.county for plan in plans if plan.county).items())


def _fits(plan: FiledPlan, asked: Asked) -> bool:
    if asked.county and plan.county != asked.county:
        return False
    term = _folded(asked.school)
    return not term or plan.school_code.startswith(term.upper()) or term in _folded(plan.school_name)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("台", "臺").strip().lower()


def _courses(asked: Asked) -> QuerySet[PlanCourse]:
    wanted = PlanCourse.objects.all()
    if asked.subject:
        wanted = wanted.filter(name_holds(asked.subject))
    if asked.domain:
        wanted = wanted.filter(domain=asked.domain)
    if asked.group:
        wanted = wanted.filter(group__in=PlanGroup.objects.filter(group_code=asked.group))
    return wanted


def _of_plans(plans: Sequence[FiledPlan], asked: Asked) -> Q | In:
    """Courses of these plans.

    Under a name, the sum keeps the index of plans out of it: the planner holds a look into the characters of
    a name for as cheap as comparing two numbers, and would look into every name of the country instead of the
    index of names.
    """
    ids = [plan.id for plan in plans]
    return In(F("plan_id") + 0, ids) if asked.subject and ids else Q(plan_id__in=ids)


def _counts(wanted: QuerySet[PlanCourse]) -> dict[int, int]:
    """How many courses each plan has of those that are wanted."""
    return dict(wanted.order_by().values_list("plan_id").annotate(n=Count("*")))


def _found_course(course: PlanCourse, plan: FiledPlan) -> FoundCourse:
    return FoundCourse(
        code=course.code,
        name=course.name,
        when=when_taught(course.credits),
        domain=domain_name(course.domain),
        group=group_title(course.group),
        group_code=str(course.group),
        plan=plan,
    )
