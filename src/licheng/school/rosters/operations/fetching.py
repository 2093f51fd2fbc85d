"""Course codes fetched from the course-plan platform, then treated like a code file somebody uploaded."""

from django.db import transaction

from licheng.foundations.authz import Actor
from licheng.school.people.models import School
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.operations.receiving import receive_roster
from licheng.school.rosters.plans_client import filed_courses
from licheng.school.rosters.states import ImportState


def fetch_codes(*, actor: Actor, entry_year: int) -> RosterImport | None:
    """Fetch the codes of the school's plan on file for an entry year and have them previewed like any roster.

    None: they are the ones that were imported last; nothing is made. The question to the platform stands
    outside every transaction, so a slow answer holds nothing here.
    Raises NotFound or NotAllowed for those who do not import, PlansNotConnected, PlansUnreachable,
    NoPlanOnFile or PlansStrange.
    """
    school = school_for_imports(actor)
    answer = filed_courses(school.code, entry_year, _known_etag(school, entry_year))
    if answer is None:
        return None
    with transaction.atomic():
        roster = receive_roster(
            actor=actor,
            kind=RosterKind.COURSE_CODES,
            data=answer.data,
            file_name=f"course-plan-{school.code}-{entry_year}-v{answer.version}.txt",
        )
        roster.fetched_as = f"{entry_year} {answer.etag}" if answer.etag else ""
        roster.save(update_fields=["fetched_as"])
    return roster


def _known_etag(school: School, entry_year: int) -> str:
    """What the platform called the codes that are in force here; empty when others were imported since."""
    applied = RosterImport.objects.filter(
        school=school, kind=RosterKind.COURSE_CODES, state=ImportState.APPLIED
    )
    last = applied.filter(fetched_as__startswith=f"{entry_year} ").order_by("-applied_at").first()
    if last is None or applied.filter(fetched_as="", applied_at__gt=last.applied_at).exists():
        return ""
    return last.fetched_as.partition(" ")[2]
