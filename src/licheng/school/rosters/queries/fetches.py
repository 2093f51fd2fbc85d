"""What the page shows from which course codes are fetched."""

from dataclasses import dataclass

from django.conf import settings

from licheng.foundations.authz import Actor
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.models import RosterImport, RosterKind

LAST_FETCHES = 10


@dataclass(frozen=True, slots=True)
class FetchPage:
    """Whether there is a platform to ask, for which entry years, and what was fetched before.

    Units: `years` are ROC entry years: next year's plan, then those of the three grades.
    """

    is_connected: bool
    years: tuple[int, ...]
    fetched: list[RosterImport]


def fetch_page(actor: Actor) -> FetchPage:
    """The page for those who import.

    Raises NotFound or NotAllowed for everybody else.
    """
    school = school_for_imports(actor)
    year = school.active_year
    fetched = RosterImport.objects.filter(school=school, kind=RosterKind.COURSE_CODES).exclude(fetched_as="")
    return FetchPage(
        is_connected=bool(settings.COURSEPLANS_URL),
        years=(year + 1, year, year - 1, year - 2),
        fetched=list(fetched.select_related("imported_by")[:LAST_FETCHES]),
    )
