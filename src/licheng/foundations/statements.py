"""Questions that Django puts together once and that are asked again and again with other values.

Putting a query together costs the web server several times what asking it does. A function marked `prepared`
is called once, with a `Later` in the place of each value, so nothing of whoever asks first can stay in the
statement. It takes no actor: a rule is asked each time, and may have such statements among its parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from inspect import signature
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField, Expression, Func, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Later(Expression):
    """A value that is known only when the question is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Its place in the statement."""
        return "%s", (self,)


class AnyOf(Func):
    """Whether a column holds one of the values of a list that is known later.

    `of` is their type, which no value would tell. An index finds rows so, and seldom by a query for `__in`.
    """

    output_field = BooleanField()
    arg_joiner = " = ANY("

    def __init__(self, column: str, values: Later, of: str) -> None:
        super().__init__(column, values, template=f"(%(expressions)s::{of}[]))")


class Asked(Expression):
    """A query that stands inside another one, for `__in`, already in SQL."""

    def __init__(self, sql: str, params: tuple[Any, ...]) -> None:
        super().__init__()
        self.sql, self.params = sql, params

    def as_sql(self, _compiler: SQLCompiler, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The statement in brackets."""
        return f"({self.sql})", self.params


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its values, some of which come later; `made` turns a row into what is given back."""

    sql: str
    params: tuple[Any, ...]
    made: Callable[[Any], Any]

    def with_values(self, values: Mapping[str, object]) -> tuple[Any, ...]:
        """The values in their order."""
        return tuple(values[param.name] if isinstance(param, Later) else param for param in self.params)


def prepared(build: Callable[..., QuerySet[Any, Any]]) -> Callable[..., list[Any]]:
    """The rows of this query, for values by name; tuples where it names columns, else models of its table."""
    statement = _once(build)

    def ask(**values: object) -> list[Any]:
        known = statement()
        with connection.cursor() as cursor:
            cursor.execute(known.sql, known.with_values(values))
            return [known.made(row) for row in cursor.fetchall()]

    return ask


def prepared_keys(build: Callable[..., QuerySet[Any, Any]]) -> Callable[..., Asked]:
    """The keys that this query finds, for `__in` of another one."""
    statement = _once(build)

    def keys(**values: object) -> Asked:
        known = statement()
        return Asked(known.sql, known.with_values(values))

    return keys


def _once(build: Callable[..., QuerySet[Any, Any]]) -> Callable[[], Statement]:
    """The statement, put together when it is first asked.

    Raises ValueError for one that holds a date of that moment.
    """

    @cache
    def statement() -> Statement:
        rows = build(**{name: Later(name) for name in signature(build).parameters})
        sql, params = rows.query.sql_with_params()
        if any(isinstance(param, date) for param in params):
            raise ValueError(f"{build.__name__} takes its moment as a value, or it would stand still")
        made = _row if rows._fields is not None else _made(rows.model)  # type: ignore[attr-defined]
        return Statement(sql, params, made)

    return statement


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row


def _made(model: type[Model]) -> Callable[[tuple[Any, ...]], Model]:
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 -- Django's documented name
    return lambda row: model.from_db(DEFAULT_DB_ALIAS, names, row)
