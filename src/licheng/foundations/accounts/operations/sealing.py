"""Changing the keys of sealed columns and blind indexes while the site runs.

Readers know every key of the ring, so a row may stand under any of them at any moment; a run that was killed
is continued by the next one, which finds what still stands under an older key.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from licheng.foundations import keys
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.errors import DomainError
from licheng.foundations.privacy import (
    FieldUnreadable,
    SealedColumn,
    blind_index,
    key_of,
    seal_bytes,
    sealed_columns,
    unseal,
    unseal_bytes,
)

RETIRE_AFTER = timedelta(hours=1)  # own bound: longer than any transaction that began before the newest key


class KeyStillNeeded(DomainError):
    """A key cannot be retired yet; `why` says the reason."""

    code = "key-still-needed"
    says = _("還不能停用舊金鑰：{why}")


@dataclass(slots=True)
class ColumnState:
    """One column's values: how many there are, how many stand under an older key, which do not open."""

    name: str
    values: int = 0
    stale: int = 0
    unreadable: list[str] = field(default_factory=list)


def looked_over(*, actor: Actor, ring: str) -> list[ColumnState]:
    """Read every sealed value of the site and say under which keys it stands; nothing is written."""
    require_system(actor)
    found = []
    for column in _columns_of(ring):
        state = ColumnState(str(column))
        for batch in _batches(column):
            for row in batch:
                _look(column, ring, row, state)
        found.append(state)
    return found


def rotate_keys(*, actor: Actor, ring: str) -> list[ColumnState]:
    """Put every value under the newest key; a key is added first unless an earlier run was left half done.

    Gives what a last reading of everything found.
    """
    require_system(actor)
    if not any(state.stale for state in looked_over(actor=actor, ring=ring)):
        keys.add_key(ring)
    for column in _columns_of(ring):
        changed = sum(_reseal(column, ring, [row.pk for row in batch]) for batch in _batches(column))
        facts = {"ring": ring, "key": keys.ring(ring).newest, "rows": changed}
        record(actor=actor, action="keys.rotated", subject=column.table(pk=0), column=column.column, **facts)
    return looked_over(actor=actor, ring=ring)


def retire_keys(*, actor: Actor, ring: str) -> list[int]:
    """Forget the older keys of a ring; their ids.

    Raises KeyStillNeeded while a value stands under one of them, does not open, or the newest key is so new
    that a transaction may still be writing with the one before.
    """
    require_system(actor)
    here = keys.ring(ring)
    if here.added_at is not None and datetime.now(UTC) - here.added_at < RETIRE_AFTER:
        raise KeyStillNeeded(why=_("新金鑰啟用還不到一小時，可能還有資料正以舊金鑰寫入。請晚一點再做。"))
    for state in looked_over(actor=actor, ring=ring):
        if state.stale or state.unreadable:
            left = state.stale + len(state.unreadable)
            raise KeyStillNeeded(why=_("%(column)s 還有 %(n)d 筆。") % {"column": state.name, "n": left})
    retired = keys.retire_old_keys(ring)
    for column in _columns_of(ring):
        record(actor=actor, action="keys.retired", subject=column.table(pk=0), ring=ring, keys=retired)
    return retired


def _columns_of(ring: str) -> list[SealedColumn]:
    return [column for column in sealed_columns() if ring == "fields" or column.index]


def _batches(column: SealedColumn) -> Iterator[list[Model]]:
    """Every row in the order of its key, some at a time, so that a table of any size fits."""
    rows: QuerySet[Model] = column.table._default_manager.order_by("pk")  # noqa: SLF001 -- Django's documented name
    batch = list(rows[: column.rows_at_once])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[: column.rows_at_once])


def _reseal(column: SealedColumn, ring: str, ids: list[Any]) -> int:
    """Lock these rows and write anew what stands under an older key; how many."""
    manager = column.table._default_manager  # noqa: SLF001 -- as above
    with transaction.atomic():
        changed = [
            row
            for row in manager.select_for_update().filter(pk__in=ids).order_by("pk")
            if _write_anew(column, ring, row)
        ]
        try:
            manager.bulk_update(changed, [column.column if ring == "fields" else column.index])
        except IntegrityError as twice:
            named = ", ".join(str(row.pk) for row in changed)
            raise IntegrityError(f"{column}: two rows hold the same value; see {named}") from twice
    return len(changed)


def _write_anew(column: SealedColumn, ring: str, row: Model) -> bool:
    """Seal or index a row anew where it is stale; a value that does not open is left as it is."""
    with suppress(FieldUnreadable):
        if ring == "index":
            plain = [unseal(value, place=column.place(row)) for value in _values(column, row).values()]
            if not plain or getattr(row, column.index) == blind_index(plain[0]):
                return False
            setattr(row, column.index, blind_index(plain[0]))
            return True
        place, newest = column.place(row), keys.ring(ring).newest
        stale = {name: value for name, value in _values(column, row).items() if key_of(value) != newest}
        fresh = {
            name: seal_bytes(unseal_bytes(value, place=place), place=place) for name, value in stale.items()
        }
        _put(column, row, fresh)
        return bool(fresh)
    return False


def _look(column: SealedColumn, ring: str, row: Model, state: ColumnState) -> None:
    for value in _values(column, row).values():
        state.values += 1
        try:
            plain = unseal_bytes(value, place=column.place(row))
        except FieldUnreadable:
            state.unreadable.append(str(row.pk))
            continue
        if ring == "index":
            state.stale += getattr(row, column.index) != blind_index(plain.decode())
        else:
            state.stale += key_of(value) != keys.ring(ring).newest


def _values(column: SealedColumn, row: Model) -> dict[str, bytes]:
    """The sealed values of a row by name; an empty one was destroyed and holds nothing."""
    held = getattr(row, column.column)
    if not column.inside:
        return {"": bytes(held)} if held else {}
    return {name: base64.b64decode(held[name]) for name in column.inside if held.get(name)}


def _put(column: SealedColumn, row: Model, fresh: dict[str, bytes]) -> None:
    if not column.inside:
        for value in fresh.values():
            setattr(row, column.column, value)
        return
    held = dict(getattr(row, column.column))
    held |= {name: base64.b64encode(value).decode() for name, value in fresh.items()}
    setattr(row, column.column, held)
