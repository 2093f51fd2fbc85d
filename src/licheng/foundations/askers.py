"""Which of many people a rule lets at one row: one statement, as long for a thousand people as for one.

A rule is asked as always, for somebody whose key nobody has; where its query holds this key, the key of each
person in turn is put.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model
from django.utils.functional import Promise

from licheng.foundations.authz import Actor, Rule

WHOEVER: Final = 1 - 2**31  # a key that any table could have and none has
NOBODY: Final = "SELECT 1 WHERE FALSE"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is let in, and as what. Without a name the role or relation is told alone, with a note."""

    person_id: int | None
    name: str
    as_what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleReaders:
    """One rule about the row: its sentence, and who it lets in now."""

    name: str
    says: str | Promise
    needs_step_up: bool
    readers: tuple[Reader, ...]


def let_in(
    rules: Sequence[Rule], thing: Model, people: Collection[int], like: Actor
) -> dict[str, frozenset[int]]:
    """For each rule by name, those of these people whom it lets at the row.

    They are asked for as actors of the school and in the roles of `like`.
    """
    if not people:
        return {rule.name: frozenset() for rule in rules}
    asked = [_asked(rule, thing, replace(like, person_id=WHOEVER)) for rule in rules]
    columns = ", ".join(f"EXISTS ({sql})" for sql, _params in asked)
    statement = f"SELECT whoever.id, {columns} FROM unnest(%s::bigint[]) AS whoever (id)"  # noqa: S608 -- Django's own SQL
    with connection.cursor() as cursor:
        # nosemgrep: sql-made-of-text -- put together from what Django made of the rules; values stay apart
        cursor.execute(statement, [*chain.from_iterable(params for _sql, params in asked), list(people)])
        answers = cursor.fetchall()
    return {
        rule.name: frozenset(row[0] for row in answers if row[place])
        for place, rule in enumerate(rules, start=1)
    }


def _asked(rule: Rule, thing: Model, whoever: Actor) -> tuple[str, list[Any]]:
    """The query that finds the row when the rule reaches it for `whoever.id`, and its other values."""
    rows = type(thing)._default_manager.filter(rule.within(whoever), pk=thing.pk)  # noqa: SLF001 -- Django's documented name
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, []
    is_key = [isinstance(param, int) and param == WHOEVER for param in params]
    pieces = sql.split("%s")
    if len(pieces) != len(params) + 1:
        raise ValueError(f"{rule.name} has a place for a value that is none")
    places = ["whoever.id" if one else "%s" for one in is_key]
    text = "".join(chain.from_iterable(zip_longest(pieces, places, fillvalue="")))
    return text, [param for param, one in zip(params, is_key, strict=True) if not one]
