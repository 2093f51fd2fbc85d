"""Plans on file: of every school and entry year the newest version that the authority took note of."""

from dataclasses import dataclass

from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.publishing.errors import NotOnFile


@dataclass(frozen=True, slots=True)
class FiledPlan:
    """A plan that counts now, with what a list says of its school."""

    id: int
    entry_year: int
    version: int
    school_code: str
    school_name: str
    county: str


COLUMNS = ("pk", "entry_year", "version", "plan_school__code", "plan_school__name", "plan_school__county")


def filed_plans() -> list[FiledPlan]:
    """Every plan that counts now, by school and with the newest entry year first; one query."""
    filed = Plan.objects.filter(state=PlanState.FILED)
    newest = filed.order_by("plan_school__code", "-entry_year", "-version")
    rows = newest.distinct("plan_school__code", "entry_year").values_list(*COLUMNS)
    return [FiledPlan(*row) for row in rows]


def latest_plans(entry_year: int | None) -> list[FiledPlan]:
    """One plan of each school, by school: that of an entry year, or its newest for None; one query."""
    filed = Plan.objects.filter(state=PlanState.FILED)
    if entry_year is not None:
        filed = filed.filter(entry_year=entry_year)
    newest = filed.order_by("plan_school__code", "-entry_year", "-version")
    rows = newest.distinct("plan_school__code").values_list(*COLUMNS)
    return [FiledPlan(*row) for row in rows]


def years_on_file() -> list[int]:
    """The entry years for which any school has a plan on file, newest first."""
    years = Plan.objects.filter(state=PlanState.FILED).order_by("-entry_year")
    return list(years.values_list("entry_year", flat=True).distinct())


def filed_plan(school_code: str, entry_year: int) -> Plan:
    """The plan of a school and entry year that counts now, with its school and authority.

    Raises NotOnFile while none is on file.
    """
    filed = Plan.objects.filter(state=PlanState.FILED, plan_school__code=school_code, entry_year=entry_year)
    plan = filed.select_related("plan_school__authority").order_by("-version").first()
    if plan is None:
        raise NotOnFile
    return plan


def filed_years(school_code: str) -> list[int]:
    """The entry years of a school with a plan on file, newest first."""
    filed = Plan.objects.filter(state=PlanState.FILED, plan_school__code=school_code)
    return list(filed.order_by("-entry_year").values_list("entry_year", flat=True).distinct())
