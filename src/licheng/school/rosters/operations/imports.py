"""A roster file into the school: all of it, or nothing and the reasons."""

import hashlib

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.school.people.models import School
from licheng.school.people.operations import Counts
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.operations.applying import APPLY
from licheng.school.rosters.queries import roster_check
from licheng.school.rosters.states import ImportState

ISSUES_KEPT = 2_000
NAME_MAX = 255


@transaction.atomic
def import_roster(*, actor: Actor, kind: RosterKind | None, data: bytes, file_name: str) -> RosterImport:
    """Check a file and bring every row in, or keep why not; the same file again changes nothing.

    Without a kind the columns decide. Raises NotFound or NotAllowed for those who do not import,
    Invalid when no kind is given and the file does not tell.
    """
    school = school_for_imports(actor)
    School.objects.select_for_update().get(pk=school.pk)
    check = roster_check(school, kind=kind, data=data, file_name=file_name)
    counts = Counts(0, 0)
    if not check.is_refused:
        counts = APPLY[check.kind](actor, school, check.records)
    state = ImportState.REFUSED if check.is_refused else ImportState.APPLIED
    attempt = RosterImport.objects.create(
        school=school,
        kind=check.kind,
        file_name=file_name[-NAME_MAX:],
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        school_year=school.active_year,
        semester=school.active_semester,
        keeps_until=timezone.now(),
        applied_at=None if check.is_refused else timezone.now(),
        state=state,
        rows=check.rows,
        accepted=check.accepted,
        added=counts.added,
        changed=counts.changed,
        issues=check.findings(ISSUES_KEPT),
        imported_by_id=actor.person_id,
    )
    record(
        actor=actor,
        action="roster.refused" if check.is_refused else "roster.imported",
        subject=attempt,
        kind=check.kind,
        rows=check.rows,
        added=counts.added,
        changed=counts.changed,
    )
    return attempt
