"""Writing a roster under notes, and reading the notes: what it did, in all and to each person."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg import sql

from licheng.foundations.bulk import planned_for_many
from licheng.school.rosters.models import RosterChange, RosterEffect, RosterImport
from licheng.school.rosters.noted import SUBJECTS, TABLES, NotedTable, named
from licheng.school.rosters.watched import keys_of

NOTES = "licheng.roster_import"
DETAILS = 6  # lines of a person's change that are kept for the preview; the counts stand beside them
EFFECTS_AT_ONCE = 2_000
# Parts of a new person or offering that are told too: they let somebody at other people's records.
GIVING = ["people_rolegrant", "records_offering_teachers", "records_offering_co_teachers"]
SECRET = {"id_number_sealed", "password", "subject_key", "epoch", "factors_version"}
MASKED = {"id_number_index"}
NAMES = " ".join(f"WHEN '{subject}' THEN {named(subject, 'e.subject_id')}" for subject in SUBJECTS)
# Tables of this transaction with figures of their own: the planner knows how many notes there are.
NOTED, READ = "roster_noted", "roster_items"
ITEMS = """
    SELECT item, item_id, subject, subject_id, min(label) AS label,
        CASE WHEN bool_or(is_head AND act = 'removed') THEN 'removed'
             WHEN bool_or(is_head AND act = 'added') THEN 'added'
             WHEN bool_or(has_left) THEN 'removed' ELSE 'changed' END AS act
    FROM roster_noted GROUP BY item, item_id, subject, subject_id
    HAVING NOT (bool_or(is_head AND act = 'added') AND bool_or(is_head AND act = 'removed'))
"""
COUNTED = """
    SELECT e.subject, e.subject_id, e.added, e.changed, e.removed, COALESCE(
        CASE e.subject {names} END, e.label, '') AS named
    FROM (
        SELECT i.subject, i.subject_id, min(i.label) AS label,
            count(*) FILTER (WHERE i.act = 'added') AS added,
            count(*) FILTER (WHERE i.act = 'changed') AS changed,
            count(*) FILTER (WHERE i.act = 'removed') AS removed
        FROM roster_items i GROUP BY i.subject, i.subject_id
    ) e ORDER BY e.subject <> 'person', named
"""
TELLING = """
    SELECT subject, subject_id, table_name, act, label, before, after FROM (
        SELECT n.*, row_number() OVER (PARTITION BY subject, subject_id ORDER BY n.act, n.id) AS nth
        FROM roster_noted n JOIN roster_items i USING (item, item_id, subject, subject_id)
        WHERE n.table_name <> 'accounts_user'
            AND (i.act <> 'added' OR n.is_head OR n.table_name = ANY(%s))
    ) told WHERE nth <= %s ORDER BY subject, subject_id, nth
"""


@contextmanager
def notes_for(roster: RosterImport) -> Iterator[None]:
    """Have every row that is written meanwhile noted; inside the transaction that writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [NOTES, f"{roster.school_id}:{roster.pk}"])
        yield
        cursor.execute("SELECT set_config(%s, '', true)", [NOTES])


@contextmanager
def notes_read(roster: RosterImport) -> Iterator[bool]:
    """Have the notes at hand with their meaning, for `summary_of` and `effects_of`; whether there are any."""
    tables = RosterChange.objects.filter(roster_import=roster).order_by("table_name")
    meanings = [
        _meaning(name, TABLES[name])
        for name in tables.values_list("table_name", flat=True).distinct("table_name")
    ]
    if not meanings:
        yield False
        return
    with connection.cursor() as cursor:
        with planned_for_many(cursor):
            # nosemgrep: sql-made-of-text -- names and statements are constants of this app
            cursor.execute(
                f"CREATE TEMP TABLE {NOTED} ON COMMIT DROP AS {' UNION ALL '.join(meanings)}",
                {"roster": roster.pk},
            )
        # nosemgrep: sql-made-of-text -- names and statements are constants of this app
        cursor.execute(f"CREATE TEMP TABLE {READ} ON COMMIT DROP AS {ITEMS}")
        # nosemgrep: sql-made-of-text -- names and statements are constants of this app
        cursor.execute(f"ANALYZE {NOTED}, {READ}")
        yield True
        # nosemgrep: sql-made-of-text -- names and statements are constants of this app
        cursor.execute(f"DROP TABLE {NOTED}, {READ}")


def summary_of() -> dict[str, dict[str, int]]:
    """How many things were added, changed and removed, by what they are."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        # nosemgrep: sql-made-of-text -- names and statements are constants of this app
        cursor.execute(f"SELECT item, act, count(*) FROM {READ} GROUP BY 1, 2 ORDER BY 1, 2")  # noqa: S608 -- constants of this file
        for item, act, count in cursor.fetchall():
            found.setdefault(item, {})[act] = count
    return found


def effects_of(roster: RosterImport) -> list[RosterEffect]:
    """What the notes say of each person, class, course and offering; nothing is saved."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(COUNTED).format(names=sql.SQL(NAMES)))
        subjects = cursor.fetchall()
        cursor.execute(TELLING, [GIVING, DETAILS])
        told = [(*line, _columns(before), _columns(after)) for *line, before, after in cursor.fetchall()]
    names = _names(told)
    details: dict[tuple[str, int], list[dict[str, object]]] = {}
    for subject, subject_id, table, act, label, before, after in told:
        lines = details.setdefault((subject, subject_id), [])
        lines += _lines(table, act, label, (before, after), names)
    return [
        RosterEffect(
            school_id=roster.school_id,
            roster_import=roster,
            subject=named[:240],
            added=added,
            changed=changed,
            removed=removed,
            details=details.get((subject, subject_id), [])[:DETAILS],
        )
        for subject, subject_id, added, changed, removed, named in subjects
    ]


def _columns(held: str | None) -> dict[str, Any]:
    """Columns as a note holds them; Django hands JSON of its own cursors over as text."""
    found: dict[str, Any] = json.loads(held or "{}")
    return found


def _meaning(name: str, table: NotedTable) -> str:
    return f"""
        SELECT c.id, c.act, c.table_name, c.before, c.after, '{table.item}' AS item,
            {table.item_id or "c.row_key"} AS item_id, {table.is_head} AS is_head,
            '{table.subject}' AS subject, {table.subject_id} AS subject_id, {table.label} AS label,
            {table.has_left} AS has_left
        FROM rosters_rosterchange c LEFT JOIN {name} t ON t.{table.key} = c.row_key
        WHERE c.roster_import_id = %(roster)s AND c.table_name = '{name}'
    """  # noqa: S608 -- constants of this app


def _lines(
    table: str, act: str, label: str, sides: tuple[dict[str, Any], dict[str, Any]], names: dict[Any, str]
) -> list[dict[str, object]]:
    """A note as lines of the preview: one for a new or removed row, one for each column that changed."""
    if act != "changed":
        return [{"what": table, "act": act, "label": label or ""}]
    before, after = sides
    return [
        {
            "what": table,
            "act": act,
            "label": label or "",
            "field": column,
            "before": "" if column in MASKED else names.get((table, column, before[column]), before[column]),
            "after": "" if column in MASKED else names.get((table, column, after[column]), after[column]),
        }
        for column in after
        if column not in SECRET
    ]


def _names(told: Sequence[Sequence[Any]]) -> dict[Any, str]:
    """What the ids in changed columns are called, by table, column and id."""
    wanted: dict[type[Model], set[int]] = {}
    places: list[tuple[str, str, int, type[Model]]] = []
    for _subject, _id, table, act, _label, before, after in told:
        if act != "changed":
            continue
        for column, target in keys_of(table).items():
            for value in {before.get(column), after.get(column)} - {None}:
                wanted.setdefault(target, set()).add(value)
                places.append((table, column, value, target))
    known = {model: model._default_manager.in_bulk(ids) for model, ids in wanted.items()}  # noqa: SLF001 -- Django's documented name
    return {
        (table, column, value): _called(known[target][value])
        for table, column, value, target in places
        if value in known[target]
    }


def _called(row: Model) -> str:
    return str(getattr(row, "name", row))
