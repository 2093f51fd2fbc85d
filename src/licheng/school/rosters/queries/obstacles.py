"""What stands in the way of undoing an import: rows that changed since, and rows built on its rows."""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import User
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.noted import DIGEST, NEVER_BACK, TABLES, TRACES, named
from licheng.school.rosters.queries.words import table_text
from licheng.school.rosters.watched import model_of

EXAMPLES = 3
# The last note of every row in a table with figures of its own: the planner knows how many there are.
PUT_OUT = """
    CREATE TEMP TABLE roster_last ON COMMIT DROP AS
    SELECT DISTINCT ON (table_name, row_key) *,
        bool_or(act = 'added') OVER (PARTITION BY table_name, row_key) AS is_made
    FROM rosters_rosterchange
    WHERE roster_import_id = %s ORDER BY table_name, row_key, id DESC
"""
# A row is as the import left it: by its digest when the import made it, by the changed columns otherwise.
CHANGED_SINCE = f"""
    (c.act = 'removed') = (t.{{key}} IS NOT NULL)
    OR (c.act = 'added' AND {DIGEST} <> c.after_digest)
    OR (c.act = 'changed' AND EXISTS (
        SELECT 1 FROM jsonb_each(c.after) e
        WHERE to_jsonb(t) -> e.key IS DISTINCT FROM e.value AND e.key NOT IN {NEVER_BACK}))
"""  # noqa: S608 -- constants of this app
MADE = "SELECT row_key FROM roster_last WHERE table_name = %s AND is_made"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Rows of one table that stand in the way: how many, and whose the first of them are."""

    what: str
    count: int
    examples: tuple[str, ...]
    is_changed: bool
    is_account: bool = False

    @property
    def sentence(self) -> str:
        """What happened since, with the first names."""
        facts = {"what": self.what, "count": self.count, "names": _("、").join(self.examples)}
        if self.is_changed and self.is_account:
            said = _("有 %(count)d 個帳號在匯入之後登入過或改過") % facts
        elif self.is_changed:
            said = _("「%(what)s」有 %(count)d 筆在匯入之後又改過") % facts
        else:
            said = _("匯入之後，已經有 %(count)d 筆「%(what)s」用到這些資料") % facts
        return said + (_("（例如：%(names)s）") % facts if self.examples else "")


@transaction.atomic
def in_the_way(roster: RosterImport) -> list[Obstacle]:
    """Everything that was built on this import since; empty when it can be undone."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_OUT, [roster.pk])
        cursor.execute("ANALYZE roster_last")
        cursor.execute("SELECT DISTINCT table_name FROM roster_last")
        tables = sorted({name for (name,) in cursor.fetchall()}, key=[*TABLES].index)
        changed = [_changed_since(table) for table in tables]
        built = [
            _built_on(table, model, key) for table in tables for model, key in _pointing_at(model_of(table))
        ]
        cursor.execute("DROP TABLE roster_last")
    return [obstacle for obstacle in (*changed, *built) if obstacle is not None]


def _changed_since(table: str) -> Obstacle | None:
    meaning = TABLES[table]
    found = (
        f"SELECT {named(meaning.subject, meaning.subject_id)} FROM roster_last c"  # noqa: S608 -- names of watched tables
        f" LEFT JOIN {table} t ON t.{meaning.key} = c.row_key"
        f" WHERE c.table_name = %s AND ({CHANGED_SINCE.format(key=meaning.key)})"
    )
    return _obstacle(found, [table], model_of(table), is_changed=True)


def _built_on(table: str, model: type[Model], key: "ForeignKey[Model, Model]") -> Obstacle | None:
    """Rows that point at rows the import made and are not its own."""
    names = model._meta  # noqa: SLF001 -- Django's documented name
    found = f"SELECT NULL::text FROM {names.db_table} d WHERE d.{key.column} IN ({MADE})"  # noqa: S608 -- names of models
    values = [table]
    if names.db_table in TABLES:
        found += f" AND d.{names.pk.column} NOT IN ({MADE})"
        values.append(names.db_table)
    return _obstacle(found, values, model, is_changed=False)


def _obstacle(statement: str, values: list[str], model: type[Model], *, is_changed: bool) -> Obstacle | None:
    asked = f"SELECT count(*), (array_agg(name) FILTER (WHERE name <> ''))[1:%s] FROM ({statement}) f(name)"  # noqa: S608 -- as above
    with connection.cursor() as cursor:
        cursor.execute(asked, [EXAMPLES, *values])
        count, examples = cursor.fetchone()
    if not count:
        return None
    table = model._meta.db_table  # noqa: SLF001 -- as above
    return Obstacle(table_text(table), count, tuple(examples or ()), is_changed, model is User)


def _pointing_at(target: type[Model]) -> list[tuple[type[Model], "ForeignKey[Model, Model]"]]:
    """Every table and column whose rows are built on rows of this table."""
    return [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed  # noqa: SLF001 -- as above
        for field in model._meta.fields  # noqa: SLF001 -- as above
        if isinstance(field, ForeignKey)
        and field.related_model is target
        and (model._meta.db_table, field.column, target._meta.db_table) not in TRACES  # noqa: SLF001 -- as above
    ]
