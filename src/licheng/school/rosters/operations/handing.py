"""Handing a file back to those who mend it: the same sheet, with a column of reasons."""

from uuid import UUID

from django.db import transaction
from licheng_exchange import RosterFileError, Table, read_book, read_table, read_workbook

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found
from licheng.school.rosters import permissions, sheets
from licheng.school.rosters.errors import FileGone, NoTable
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.queries.checks import roster_check
from licheng.school.rosters.queries.findings import issue_line
from licheng.school.rosters.sealed import file_of

ZIP_START = b"PK\x03\x04"
FORMS = {"xlsx": sheets.as_xlsx, "csv": sheets.as_csv}


@transaction.atomic
def hand_back(*, actor: Actor, import_id: UUID, form: str) -> bytes:
    """The rows as they were sent with all reasons, as `xlsx` or `csv`; the download is written down.

    Raises NotFound, FileGone once the file was applied or given up, NoTable when it holds no table.
    """
    roster = found(RosterImport.objects.select_related("school"), actor, permissions.SEE, import_id)
    data = file_of(roster)
    if data is None:
        raise FileGone
    try:
        tables = _tables(roster, data)
    except RosterFileError as refusal:
        raise NoTable from refusal
    lines = [issue_line(issue.as_json()) for issue in roster_check(roster, data).issues]
    hidden = _hidden_rows(data)
    record(actor=actor, action="roster.sheet_handed_back", subject=roster, form=form, rows=roster.rows)
    return FORMS[form]([sheet for table in tables for sheet in sheets.marked(table, lines, hidden)])


def _tables(roster: RosterImport, data: bytes) -> list[Table]:
    """What was checked of the file. Raises RosterFileError."""
    if roster.kind == RosterKind.WORKBOOK:
        return [table for _kind, table in read_book(data, roster.file_name)[0]]
    return [read_table(data, roster.file_name, roster.kind)]


def _hidden_rows(data: bytes) -> dict[str, frozenset[int]]:
    """Rows that the sender does not see, by sheet; a text file hides nothing."""
    if not data.startswith(ZIP_START):
        return {}
    return {sheet.name: frozenset(sheet.facts.hidden_rows) for sheet in read_workbook(data)}
