"""Grids to a table: columns named by their header, rows that are not data left out and noted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from licheng_exchange._rosters.delimited import Grid
from licheng_exchange._rosters.headers import header_key
from licheng_exchange._rosters.kinds import KINDS
from licheng_exchange._rosters.model import EXTRA, ROW, SHEET, Note, RosterFileError, Table

# As Python has it, which counts four separators of old tapes (U+001C to U+001F) that polars does not.
_SPACES: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace())
_OWN: Final = frozenset({SHEET, ROW, EXTRA})
_COLUMNS_MAX: Final = 1_000  # with a name; own bound
# How rows that are no data begin: totals, signatures, remarks.
_FOOTER: Final = re.compile(
    r"\s*(合\s*計|總\s*計|小\s*計|共\s*計|平均|總\s*人\s*數|人數|總?筆數|資料筆數|共\s*\d+\s*[筆人名列]|"
    r"以下空白|[（(]?[續接]下?頁|製表|列印|印表|承辦|填表|核章|備註|說明|註\d*[:：]|第\s*\d+\s*頁|"
    r"[※*＊●◎]|(sub)?total\b|page\b|\d+[.、]\s*[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"[\W_]+|.*[\u4e00-\u9fff].*[:：].*|.*[:：].*[\u4e00-\u9fff].*")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
# Cells that never hold words: in a row with nothing else, words there are the title of a section.
_WORDLESS: Final = frozenset(
    {
        "national-id", "student-no", "account", "course-code", "any-course-code", "school-year", "past-year",
        "score", "flag", "date", "birth-date", "any-school", "school-code", "credits",
    }
)  # fmt: skip
_WORDLESS_HEADERS: Final = frozenset(
    header
    for kind in KINDS.values()
    for column in kind.columns
    if column.cell in _WORDLESS
    for header in column.headers
)


def table_of(
    name: str,
    grids: Sequence[Grid],
    notes: Sequence[Note],
    cover: Mapping[str, str] | None = None,
) -> Table:
    """One table of all grids, in order; a column that one of them lacks is blank there.

    Raises RosterFileError for a header with too many columns.
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
        twice=frozenset(key for grid in grids for key, count in _counted(grid) if count > 1),
        titles=tuple(title for grid in grids for title in grid.titles),
        cover=cover or {},
    )


def grid_columns(grid: Grid) -> tuple[str, ...]:
    """The normalised headers of a grid, as often as they occur."""
    return tuple(key for cell in grid.header if (key := header_key(cell)))


def _counted(grid: Grid) -> Iterable[tuple[str, int]]:
    return Counter(grid_columns(grid)).items()


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
    seen: set[str] = set()
    if sum(map(bool, header)) > _COLUMNS_MAX:
        raise RosterFileError(
            "columns-too-many",
            f"標題列超過 {_COLUMNS_MAX} 欄，這不像名冊；請刪去不要的欄。",
            f"The header has more than {_COLUMNS_MAX} columns; remove those not wanted.",
        )
    for cell in header:
        key = header_key(cell)
        keys.append("" if key in seen or key in _OWN else key)
        seen.add(key)
    return keys


def _without_other_rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.DataFrame, list[Note]]:
    """Leave out blank rows silently, and totals, signatures and repeated headers with a note."""
    blanks = pl.sum_horizontal(_is_blank(frame[column]) for column in (*columns, EXTRA))
    counted = frame.with_columns(blanks.alias("_blanks"))
    rows = counted.filter(pl.col("_blanks") <= len(columns)).drop("_blanks")
    sparse = counted.filter((pl.col("_blanks") <= len(columns)) & (pl.col("_blanks") * 2 >= len(columns)))
    repeated = rows.filter(pl.col(columns[0]).str.contains(columns[0], literal=True))
    unwanted: list[tuple[str, int, str]] = []
    for row in sparse.iter_rows(named=True):
        filled = [column for column in (*columns, EXTRA) if row[column].strip()]
        first = row[filled[0]].strip()
        is_title = len(filled) == 1 and filled[0] in _WORDLESS_HEADERS and _HAN.search(first)
        if _FOOTER.match(first) or _REMARK.fullmatch(first) or is_title:
            unwanted.append((row[SHEET], row[ROW], first))
    unwanted += [
        (row[SHEET], row[ROW], columns[0])
        for row in repeated.iter_rows(named=True)
        if all(header_key(row[column]) in {column, ""} for column in columns)
    ]
    return _left_out(rows, unwanted)


def _is_blank(cells: pl.Series) -> pl.Series:
    """True for every cell of nothing but spaces."""
    whole = cells.str.join("")[0] or ""
    return (cells if whole.isprintable() and " " not in whole else cells.str.strip_chars(_SPACES)) == ""


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
