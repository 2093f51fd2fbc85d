"""Whole tables of rows into the database by COPY: new ones inserted, different ones updated, in one step.

Called by operations inside their transaction, which holds whatever keeps others from writing the same rows.
Rows that are there already and equal are neither written nor locked, so that the same file again costs
reading alone. Triggers and fences of the tables work as for any other statement.
Source: PostgreSQL, "Populating a Database"; ADR 0026.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, LiteralString

import polars as pl
from django.db import connection
from django.db.models import CharField, Exists, ManyToOneRel, Model, OuterRef, QuerySet, TextField
from psycopg import sql

_CHUNK: Final = 2**20  # bytes handed to the driver at a time
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were new, and how many known ones were different.

    `kept` names rows that a whole roster does not name and that stay because something hangs on them.
    """

    added: int = 0
    changed: int = 0
    kept: tuple[str, ...] = ()

    def __add__(self, other: "Written") -> "Written":
        return Written(self.added + other.added, self.changed + other.changed, self.kept + other.kept)


_STAGE: Final = "CREATE TEMPORARY TABLE {staged} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"
_COPY: Final = "COPY {staged} ({columns}) FROM STDIN (FORMAT csv{texts})"
_CHANGE: Final = "UPDATE {table} t SET {changes} FROM {staged} s WHERE {same_key} AND {differs}"
_ADD: Final = "INSERT INTO {table} ({columns}) SELECT {incoming} FROM {staged} s"
_UNLESS_THERE: Final = " WHERE NOT EXISTS (SELECT FROM {table} t WHERE {same_key})"
_ANY: Final = "SELECT EXISTS (SELECT FROM {table} t WHERE {same})"


def put_rows(
    model: type[Model], rows: pl.DataFrame, *, key: Sequence[str], once: Collection[str] = ()
) -> Written:
    """Bring the rows of a frame into the model's table.

    The frame's columns are columns of the table; `key` are those of a unique constraint, without repeats
    among the rows; `once` are written with new rows and never changed afterwards. An empty cell of a text
    column is an empty text, of any other NULL. What the frame has no column for takes the model's default in
    new rows and stays in known ones.
    """
    if rows.is_empty():
        return Written()
    more = _defaults(model, rows)
    rows, once = rows.with_columns(more), {*once, *(column.name for column in more)}
    staged = sql.Identifier(f"staged_{next(_numbers)}")
    table, columns = _table(model), _listed(rows.columns)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_STAGE).format(staged=staged, columns=columns, table=table))
        texts = _texts(model, rows.columns)
        # In the order of the key, neighbours in the file are neighbours in the index.
        _copy(cursor, sql.SQL(_COPY).format(staged=staged, columns=columns, texts=texts), rows.sort(key))
        written = _merge(cursor, table, staged, rows, (key, once))
        cursor.execute(sql.SQL("DROP TABLE {}").format(staged))
    return written


def _merge(
    cursor: Any,
    table: sql.Identifier,
    staged: sql.Identifier,
    rows: pl.DataFrame,
    key_and_once: tuple[Sequence[str], Collection[str]],
) -> Written:
    """Change what stands there otherwise, then insert what is not there; all, where none can be."""
    key, once = key_and_once
    names = rows.columns
    # What is the same in all rows, told as a value, lets an index find the few rows of a large table.
    own = sorted({*key, "school_id"} & {*names} - {*once})
    told = [name for name in own if rows[name].n_unique() == 1]
    same = [sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.Literal(rows[name][0])) for name in told]
    words = {
        "table": table,
        "staged": staged,
        "columns": _listed(names),
        "incoming": _listed(names, "s"),
        "same": sql.SQL(" AND ").join(same) if same else sql.SQL("true"),
        "same_key": sql.SQL(" AND ").join([_each("t.{0} = s.{0}", key, " AND "), *same]),
    }
    add = sql.SQL(_ADD).format(**words)
    cursor.execute(sql.SQL(_ANY).format(**words))
    if not cursor.fetchone()[0]:
        cursor.execute(add)
        return Written(cursor.rowcount)
    cursor.execute(sql.SQL("ANALYZE {} ({})").format(staged, _listed(key)))
    later = [name for name in names if name not in {*key, *once}]
    with planned_for_many(cursor):
        changed = _change(cursor, words, later) if later else 0
        cursor.execute(sql.Composed([add, sql.SQL(_UNLESS_THERE).format(**words)]))
        return Written(cursor.rowcount, changed)


def _change(cursor: Any, words: dict[str, sql.Composable], later: Sequence[str]) -> int:
    differs = sql.SQL("({}) IS DISTINCT FROM ({})").format(_listed(later, "t"), _listed(later, "s"))
    cursor.execute(sql.SQL(_CHANGE).format(**words, changes=_each("{0} = s.{0}", later), differs=differs))
    return int(cursor.rowcount)


@contextmanager
def planned_for_many(cursor: Any) -> Iterator[None]:
    """Keep nested loops out of the plans of statements over whole rosters, inside a transaction.

    Right after a roster was tried out or written, the statistics still call its tables empty, and a loop over
    150,000 rows that was planned for none takes hours.
    """
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


def _copy(cursor: Any, statement: sql.Composed, rows: pl.DataFrame) -> None:
    text = rows.write_csv(include_header=False).encode()
    with cursor.copy(statement) as copy:
        for start in range(0, len(text), _CHUNK):
            copy.write(text[start : start + _CHUNK])


def _texts(model: type[Model], names: Sequence[str]) -> sql.Composed:
    """Columns whose empty cell is an empty text."""
    fields = {field.column: field for field in model._meta.concrete_fields}  # noqa: SLF001 -- as above
    texts = [name for name in names if isinstance(fields[name], CharField | TextField)]
    return sql.SQL(", FORCE_NOT_NULL ({})").format(_listed(texts)) if texts else sql.Composed([])


def _defaults(model: type[Model], rows: pl.DataFrame) -> list[pl.Series]:
    """What the model says of columns that the frame lacks and that must not be NULL."""
    return [
        pl.Series(str(field.column), [field.get_default() for _row in range(rows.height)])
        if callable(field.default)
        else pl.repeat(field.get_default(), rows.height, eager=True).alias(str(field.column))
        for field in model._meta.concrete_fields  # noqa: SLF001 -- as above
        if field.column not in rows.columns and not field.null and not field.primary_key
    ]


def _table(model: type[Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)  # noqa: SLF001 -- as above


def _listed(names: Iterable[str], of: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in names)


def _each(template: LiteralString, names: Iterable[str], between: LiteralString = ", ") -> sql.Composed:
    return sql.SQL(between).join(sql.SQL(template).format(sql.Identifier(name)) for name in names)


def rows_of(query: QuerySet[Any, Any], *columns: str, **named: str) -> pl.DataFrame:
    """A query's rows as a frame; `named` gives columns of the query other names in it."""
    wanted = {**{column: column for column in columns}, **named}
    lines = list(query.values_list(*wanted))
    return pl.DataFrame(lines, schema=list(wanted.values()), orient="row", infer_schema_length=None)


def unheld[M: Model](rows: QuerySet[M], *, own: Collection[type[Model]] = ()) -> QuerySet[M]:
    """The rows that no other row points at, apart from rows of the models in `own`, which go with them."""
    for relation in rows.model._meta.get_fields(include_hidden=True):  # noqa: SLF001 -- as above
        if isinstance(relation, ManyToOneRel) and relation.related_model not in own:
            pointing = relation.related_model._base_manager  # noqa: SLF001 -- as above
            rows = rows.filter(~Exists(pointing.filter(**{relation.field.name: OuterRef("pk")})))
    return rows


def remove_rows(model: type[Model], pks: Collection[int]) -> int:
    """Delete rows by key in one statement; how many. The database refuses rows that another one points at."""
    if not pks:
        return 0
    pk = sql.Identifier(str(model._meta.pk.column))  # noqa: SLF001 -- as above
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(_table(model), pk), [list(pks)])
        return int(cursor.rowcount)
