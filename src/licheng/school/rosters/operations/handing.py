"""Handing a file back to those who mend it: the same sheet, with a column of reasons."""

from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require_fresh
from licheng.school.rosters import permissions, sheets
from licheng.school.rosters.errors import NoTable
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.operations.working import read
from licheng.school.rosters.queries.checks import roster_check
from licheng.school.rosters.queries.findings import issue_line

FORMS = {"xlsx": sheets.as_xlsx, "csv": sheets.as_csv}


@transaction.atomic
def hand_back(*, actor: Actor, import_id: UUID, form: str) -> bytes:
    """The rows as they were sent with all reasons, as `xlsx` or `csv`; the download is written down.

    Raises NotFound, StepUpNeeded for a file that somebody else sent: it may hold ID numbers; FileGone once it
    was applied or given up, Unreadable, or NoTable.
    """
    roster = found(RosterImport.objects.select_related("school"), actor, permissions.SEE, import_id)
    if roster.imported_by_id != actor.person_id:  # what she sent herself she has
        require_fresh(actor)
    file = read(roster, with_hidden=True)
    if file.refused:
        raise NoTable
    lines = [issue_line(issue.as_json()) for issue in roster_check(roster, file).issues]
    record(actor=actor, action="roster.sheet_handed_back", subject=roster, form=form, rows=roster.rows)
    return FORMS[form](
        [sheet for _kind, table in file.tables for sheet in sheets.marked(table, lines, file.hidden)]
    )
