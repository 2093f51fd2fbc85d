"""What is to be said about the courses of a plan, as the library finds it, beside what it is about."""

from collections import defaultdict
from dataclasses import dataclass

from licheng_exchange import CodeLine, PlanFinding, check_plan

from licheng.courseplans.plans.models import Plan, PlanCourse
from licheng.courseplans.plans.typed import PREFIX, said


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in the reader's language; `provisional` ones rest on a table that is not official yet."""

    is_error: bool
    words: str
    field: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings by course code, and those of totals by the first 16 characters of a group's codes."""

    by_code: dict[str, tuple[Finding, ...]]

    def about(self, code: str) -> tuple[Finding, ...]:
        """What is to be said about a course, or about the totals of a group."""
        return self.by_code.get(code, ())

    @property
    def errors(self) -> int:
        """How many there are that must be mended before the plan is handed in."""
        return sum(one.is_error for found in self.by_code.values() for one in found)

    @property
    def warnings(self) -> int:
        """How many there are that are worth a second look."""
        return sum(not one.is_error for found in self.by_code.values() for one in found)

    def in_group(self, prefix: str) -> tuple[int, int]:
        """Errors and warnings of one group, its totals included."""
        found = [one for code, some in self.by_code.items() if code[:PREFIX] == prefix for one in some]
        errors = sum(one.is_error for one in found)
        return errors, len(found) - errors


def line_of(course: PlanCourse) -> CodeLine:
    """A course as the code file carries it."""
    return CodeLine(course.code, course.name, course.credits)


def findings_of(plan: Plan, courses: list[PlanCourse]) -> Findings:
    """The findings about a plan's courses, which are given so that nothing is asked twice."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for one in check_plan([line_of(course) for course in courses], plan.entry_year):
        found[one.code].append(told(one))
    return Findings({code: tuple(some) for code, some in found.items()})


def told(finding: PlanFinding) -> Finding:
    """The library's finding in the reader's language."""
    return Finding(finding.severity == "error", said(finding), finding.field, finding.provisional)
