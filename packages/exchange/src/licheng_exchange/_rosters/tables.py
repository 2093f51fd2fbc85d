"""Grids to a table: columns named by their header, rows that are not data left out and noted."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from licheng_exchange._rosters.delimited import Grid
from licheng_exchange._rosters.headers import header_key
from licheng_exchange._rosters.model import EXTRA, ROW, SHEET, Note, RosterFileError, Table

_OWN: Final = frozenset({SHEET, ROW, EXTRA})
_COLUMNS_MAX: Final = 1_000  # with a name; own bound
_FOOTER: Final = re.compile(
    r"\s*(合\s*計|總\s*計|小\s*計|共\s*計|總\s*人\s*數|以下空白|製表|列印|承辦|填表|備註|說明|註[:：]|第\s*\d+\s*頁)"
)


def table_of(
    name: str,
    grids: Sequence[Grid],
    notes: Sequence[Note],
    cover: Mapping[str, str] | None = None,
) -> Table:
    """One table of all grids, in order; a column that one of them lacks is blank there.

    Raises RosterFileError for a header with the same column twice, or with too many.
    """
    frame = pl.concat([_grid_frame(grid) for grid in grids], how="diagonal").with_columns(
        pl.col(pl.String).fill_null("")
    )
    columns = tuple(column for column in frame.columns if column not in _OWN)
    frame, left_out = _without_other_rows(frame, columns)
    return Table(
        name=name,
        sheet=grids[0].sheet,
        header_row=grids[0].header_row,
        columns=columns,
        cells=frame,
        notes=(*notes, *left_out),
        titles=tuple(title for grid in grids for title in grid.titles),
        cover=cover or {},
    )


def grid_columns(grid: Grid) -> tuple[str, ...]:
    """The normalised headers of a grid, as often as they occur."""
    return tuple(key for cell in grid.header if (key := header_key(cell)))


def _grid_frame(grid: Grid) -> pl.DataFrame:
    keys = _header_keys(grid.header)
    numbered = grid.cells.with_columns(
        pl.lit(grid.sheet).alias(SHEET),
        pl.int_range(pl.len(), dtype=pl.UInt32).add(grid.header_row + 1).alias(ROW),
    )
    named = [pl.col(f"c{index}").alias(key) for index, key in enumerate(keys) if key]
    return numbered.select(SHEET, ROW, *named, EXTRA)


def _header_keys(header: Sequence[str]) -> list[str]:
    keys: list[str] = []
    if sum(map(bool, header)) > _COLUMNS_MAX:
        raise RosterFileError(
            "columns-too-many",
            f"標題列超過 {_COLUMNS_MAX} 欄，這不像名冊；請刪去不要的欄。",
            f"The header has more than {_COLUMNS_MAX} columns; remove those not wanted.",
        )
    for cell in header:
        key = header_key(cell)
        if key and key in keys:
            raise RosterFileError(
                "column-twice",
                f"標題列有兩個「{key}」欄，請刪除其中一欄。",
                f"The header has two columns {key!r}; remove one.",
            )
        keys.append(key)
    return [key if key not in _OWN else "" for key in keys]


def _without_other_rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.DataFrame, list[Note]]:
    """Leave out blank rows silently, and totals, signatures and repeated headers with a note."""
    blanks = pl.sum_horizontal(_is_blank(frame[column]) for column in (*columns, EXTRA))
    counted = frame.with_columns(blanks.alias("_blanks"))
    rows = counted.filter(pl.col("_blanks") <= len(columns)).drop("_blanks")
    sparse = counted.filter((pl.col("_blanks") <= len(columns)) & (pl.col("_blanks") * 2 >= len(columns)))
    repeated = rows.filter(pl.col(columns[0]).str.contains(columns[0], literal=True))
    unwanted: list[tuple[str, int, str]] = []
    for row in sparse.iter_rows(named=True):
        first = next(row[column] for column in (*columns, EXTRA) if row[column].strip())
        if _FOOTER.match(first):
            unwanted.append((row[SHEET], row[ROW], first.strip()))
    unwanted += [
        (row[SHEET], row[ROW], columns[0])
        for row in repeated.iter_rows(named=True)
        if all(header_key(row[column]) in {column, ""} for column in columns)
    ]
    return _left_out(rows, unwanted)


def _is_blank(cells: pl.Series) -> pl.Series:
    """True for every cell of nothing but spaces."""
    whole = cells.str.join("")[0] or ""
    return (cells if whole.isprintable() and " " not in whole else cells.str.strip_chars()) == ""


def _left_out(
    rows: pl.DataFrame, unwanted: Sequence[tuple[str, int, str]]
) -> tuple[pl.DataFrame, list[Note]]:
    if not unwanted:
        return rows, []
    skip = pl.DataFrame(
        {SHEET: [u[0] for u in unwanted], ROW: [u[1] for u in unwanted]}, schema_overrides={ROW: pl.UInt32}
    )
    notes = [
        Note(
            "row-left-out",
            f"「{value}」列不是資料，未讀入。",
            f"Row {value!r} is not data and was left out.",
            sheet,
            row,
            value,
        )
        for sheet, row, value in unwanted
    ]
    return rows.join(skip, on=[SHEET, ROW], how="anti", maintain_order="left"), notes
