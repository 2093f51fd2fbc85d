"""Whose hand undoing an import takes, how long it can be undone, and what goes with its rows."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from licheng.school.people.models import Role, RoleGrant
from licheng.school.people.relations import valid_today
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.noted import TRACES
from licheng.school.rosters.queries.words import table_text

MADE_BY = """
    SELECT row_key FROM rosters_rosterchange
    WHERE roster_import_id = %s AND table_name = %s AND act = 'added'
"""


def wants_administrator(roster: RosterImport, person_id: int | None) -> bool:
    """Whether only an administrator may undo it: staff whom somebody else confirmed, or administrators."""
    if roster.kind != RosterKind.STAFF:
        return False
    return roster.applied_by_id != person_id or _moves_administrators(roster)


def _moves_administrators(roster: RosterImport) -> bool:
    """Whether undoing gives or takes the role of administrators, or has one leave or come back."""
    held = RoleGrant.objects.filter(school=roster.school_id, role=Role.ADMINISTRATOR)
    roles = Q(before__role=Role.ADMINISTRATOR) | Q(row_key__in=held.values("pk"))
    people = held.filter(valid_today()).values("person")
    moved = Q(table_name="people_rolegrant") & roles
    left = Q(table_name="people_person", before__has_key="left_on", row_key__in=people)
    return roster.changes.filter(moved | left).exists()


def undo_ends_at(roster: RosterImport) -> datetime | None:
    """Until when the notes of an applied import are kept; None before it was applied."""
    return roster.applied_at and roster.applied_at + timedelta(days=settings.ROSTER_UNDO_DAYS)


def is_forgotten(roster: RosterImport) -> bool:
    """Whether the notes of what it changed are over their time, or gone already."""
    ends_at = undo_ends_at(roster)
    is_over = ends_at is not None and ends_at < timezone.now()
    return bool(roster.total) and (is_over or not roster.changes.exists())


def traces_of(roster: RosterImport) -> dict[str, int]:
    """How many rows were written about the rows it made and go with them, by what people call them."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table, key, target in TRACES:
            # nosemgrep: sql-made-of-text -- names are constants of this app
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {key} IN ({MADE_BY})", [roster.pk, target])  # noqa: S608 -- as above
            counts[table_text(table)] = cursor.fetchone()[0]
    return {what: count for what, count in counts.items() if count}
