"""Taking an import back: its notes are replayed from the last to the first, or nothing is touched."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.bulk import planned_for_many
from licheng.school.people.models import Role, RoleGrant
from licheng.school.people.operations import withdraw_code_of_administrator
from licheng.school.people.relations import lasting
from licheng.school.rosters import permissions, states
from licheng.school.rosters.errors import CannotUndo
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.noted import DIGEST, NEVER_BACK, TABLES, TRACES
from licheng.school.rosters.operations.working import alone_at
from licheng.school.rosters.queries.obstacles import in_the_way
from licheng.school.rosters.queries.undoers import MADE_BY, is_forgotten, wants_administrator

DUTIES = (
    "people_rolegrant",
    "people_classgroup",
    "records_offering_teachers",
    "records_offering_co_teachers",
)
# Notes that stand one after the other are undone by one statement; a row that is in them twice, in rounds.
RUNS = """
    SELECT table_name, act, min(id), max(id), max(times) FROM (
        SELECT *, row_number() OVER (PARTITION BY table_name, act, island, row_key) AS times FROM (
            SELECT id, table_name, act, row_key, row_number() OVER (ORDER BY id)
                - row_number() OVER (PARTITION BY table_name, act ORDER BY id) AS island
            FROM rosters_rosterchange WHERE roster_import_id = %s
        ) placed
    ) numbered GROUP BY table_name, act, island ORDER BY min(id) DESC
"""
# The notes of one run in a table with figures of its own: the planner knows how many there are.
PUT_OUT = """
    CREATE TEMP TABLE roster_run ON COMMIT DROP AS
    SELECT n.*, row_number() OVER (PARTITION BY n.row_key ORDER BY n.id DESC) AS round
    FROM rosters_rosterchange n WHERE n.roster_import_id = %s AND n.id BETWEEN %s AND %s
"""
NOTES = "(SELECT * FROM roster_run WHERE round = %s)"
AS_LEFT = f"""
    NOT EXISTS (SELECT 1 FROM jsonb_each(c.after) e
        WHERE to_jsonb(t) -> e.key IS DISTINCT FROM e.value AND e.key NOT IN {NEVER_BACK})
"""  # noqa: S608 -- constants of this app


@dataclass(frozen=True, slots=True)
class Run:
    """Notes of one table and act that stand one after the other."""

    table: str
    act: str
    first: int
    last: int
    rounds: int


@transaction.atomic
def undo_roster(*, actor: Actor, import_id: UUID) -> RosterImport:
    """Bring every row that the import wrote back to what it was before; its notes and preview go then.

    Raises NotFound, NotAllowed, StepUpNeeded, WrongState, or CannotUndo with what was built on it since.
    """
    found(RosterImport.objects.defer("content_sealed"), actor, permissions.SEE, import_id)
    roster = RosterImport.objects.defer("content_sealed").select_for_update().get(pk=import_id)
    require(actor, permissions.UNDO, roster)
    if wants_administrator(roster, actor.person_id):
        require(actor, permissions.UNDO_STAFF, roster)
    state = states.UNDO.apply(roster.state)
    alone_at(roster)
    _ask_what_is_in_the_way(roster)
    try:
        with transaction.atomic(), connection.cursor() as cursor, planned_for_many(cursor):
            traces = _remove_traces(roster)
            for run in _runs(roster):
                _take_back(roster, run)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as conflict:
        raise CannotUndo(why=_("之後的資料與它有關聯。")) from conflict
    _withdraw_codes(actor, roster)
    roster.state, roster.undone_at = state, timezone.now()
    roster.undone_by_id = actor.person_id
    roster.save(update_fields=["state", "undone_at", "undone_by"])
    counts = {"added": roster.added, "changed": roster.changed, "removed": roster.removed}
    facts = {"kind": roster.kind, "duties": _duties(roster), **traces}
    record(actor=actor, action="roster.undone", subject=roster, **facts, **counts)
    roster.changes.all().delete()  # cells of people, for nothing but undoing
    roster.effects.all().delete()
    return roster


def _withdraw_codes(actor: Actor, roster: RosterImport) -> None:
    """Whoever is an administrator again keeps no code that a registrar may have handed out meanwhile."""
    put_back = roster.changes.filter(table_name="people_rolegrant").values("row_key")
    grants = RoleGrant.objects.filter(lasting(), pk__in=put_back, role=Role.ADMINISTRATOR)
    for grant in grants.select_related("person__user"):
        withdraw_code_of_administrator(actor=actor, person=grant.person, roles={grant.role})


def _ask_what_is_in_the_way(roster: RosterImport) -> None:
    if is_forgotten(roster):
        raise CannotUndo(why=_("復原用的紀錄已經過了保留期限。"))
    obstacles = in_the_way(roster)
    if obstacles:
        raise CannotUndo(why=str(_("；")).join(obstacle.sentence for obstacle in obstacles))


def _duties(roster: RosterImport) -> int:
    """How many roles, homeroom teachers and teachers were put back."""
    return roster.changes.filter(table_name__in=DUTIES).count()


def _remove_traces(roster: RosterImport) -> dict[str, int]:
    """Remove what is written about the rows that the import made; how many rows by table."""
    gone: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table, key, target in TRACES:
            # nosemgrep: sql-made-of-text -- names are constants of this app
            cursor.execute(f"DELETE FROM {table} WHERE {key} IN ({MADE_BY})", [roster.pk, target])  # noqa: S608 -- as above
            gone[table] = cursor.rowcount
    return gone


def _runs(roster: RosterImport) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(RUNS, [roster.pk])
        return [Run(*line) for line in cursor.fetchall()]


def _take_back(roster: RosterImport, run: Run) -> None:
    """Undo one run of notes, the last note of a row first.

    Raises CannotUndo when a row is no longer as the import left it.
    """
    with connection.cursor() as cursor:
        cursor.execute(PUT_OUT, [roster.pk, run.first, run.last])
        cursor.execute("ANALYZE roster_run")
        for each in range(1, run.rounds + 1):
            # nosemgrep: sql-made-of-text -- names and statements are constants of this app
            cursor.execute(f"SELECT count(*) FROM {NOTES} c", [each])  # noqa: S608 -- constants of this file
            wanted = cursor.fetchone()[0]
            cursor.execute(_statement(run), [each])
            if cursor.rowcount != wanted:
                raise CannotUndo(why=_("有資料之後又改過。"))
        cursor.execute("DROP TABLE roster_run")


def _statement(run: Run) -> str:
    table, key = run.table, TABLES[run.table].key
    if run.act == "added":
        return (
            f"DELETE FROM {table} t USING {NOTES} c"  # noqa: S608 -- names of watched tables
            f" WHERE t.{key} = c.row_key AND {DIGEST} = c.after_digest"
        )
    if run.act == "removed":
        return f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, c.before)).* FROM {NOTES} c"  # noqa: S608 -- as above
    columns = [name for name in _columns() if name not in NEVER_BACK] or [key]
    names, values = ", ".join(columns), ", ".join(f"p.{column}" for column in columns)
    return (
        f"UPDATE {table} t SET ({names}) = (SELECT {values} FROM jsonb_populate_record(t, c.before) p)"  # noqa: S608 -- as above
        f" FROM {NOTES} c WHERE t.{key} = c.row_key AND {AS_LEFT}"
    )


def _columns() -> list[str]:
    """The columns that any note of the run changed; a row that kept one of them gets its own value back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT jsonb_object_keys(before) FROM roster_run ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]
