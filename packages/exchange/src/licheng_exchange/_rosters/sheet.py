"""A sheet of a workbook as its reader hands it over, and its cells as people read them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from licheng_exchange._rosters.workbook_guard import SheetFacts

_EXACT_MAX: Final = 1e15  # whole numbers below it are exact in a float
type Value = str | float | bool | dt.date | dt.time | dt.datetime | dt.timedelta


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet from its first row on, typed as in the workbook; `facts` number rows from 1."""

    name: str
    visible: bool
    rows: Sequence[list[Value]]
    merged: tuple[tuple[int, int, int, int], ...]
    facts: SheetFacts


def cell_text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, days without midnight."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_MAX else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)
