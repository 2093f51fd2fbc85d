"""Delimited text to cells: the fast way for plain lines, the csv module where quotes make it necessary."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import polars as pl

from licheng_exchange._rosters.headers import HEADER_DEPTH, Header, find_header
from licheng_exchange._rosters.kinds import KNOWN_HEADERS
from licheng_exchange._rosters.model import EXTRA, RosterFileError

_DELIMITERS: Final = (",", "\t", ";", "|")
_CELL_MAX: Final = 1_000_000  # characters
_HEAD_MAX: Final = 200_000  # characters searched for the header
# A short line costs as many cells as the header has, so that lines and columns are bounded together.
_ROWS_MAX: Final = 2**20  # as many as a sheet of a workbook has
_COLUMNS_MAX: Final = 2**14  # likewise
_CELLS_MAX: Final = 12_000_000  # own bound, as for workbooks


@dataclass(frozen=True, slots=True)
class Grid:
    """One header and the cells under it; `header_row` is 1-based, `cells` has columns c0… and `_extra`."""

    sheet: str
    header_row: int
    header: tuple[str, ...]
    score: int
    titles: tuple[str, ...]
    cells: pl.DataFrame


def read_delimited(text: str) -> Grid | None:
    """Find delimiter and header, then read the rest; None when no row has a known column.

    Raises RosterFileError where quoting is broken, or for more lines and columns than a roster has.
    """
    start = text[:_HEAD_MAX]
    best: tuple[Header, str, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        if delimiter != "," and delimiter not in start:
            continue
        head = _head(start, delimiter)
        found = find_header(head, KNOWN_HEADERS)
        if found is not None and (best is None or found.score > best[0].score):
            best = (found, delimiter, head)
    if best is None:
        return None
    found, delimiter, head = best
    index, header = found.index, found.cells
    lone_returns = text.count("\r") - text.count("\r\n") if "\r" in text else 0
    guard_extent(text.count("\n") + lone_returns + 1, len(header))
    is_plain = '"' not in text and lone_returns == 0
    cells = _plain(text, delimiter, index, len(header)) if is_plain else None
    if cells is None:
        cells = _quoted(text, delimiter, index, len(header))
    titles = tuple(cell.strip() for row in head[:index] for cell in row if cell.strip())
    return Grid("", index + 1, header, found.score, titles, cells)


def guard_extent(rows: int, columns: int) -> None:
    """Raise RosterFileError for a text that unfolds to more cells than a roster can have."""
    if rows > _ROWS_MAX or columns > _COLUMNS_MAX or rows * columns > _CELLS_MAX:
        raise RosterFileError(
            "file-too-large",
            f"檔案有 {rows} 列、{columns} 欄，超過一份名冊的上限；請刪去空白的列與欄，或分成幾個檔案。",
            f"The file has {rows} rows and {columns} columns; remove empty ones, or split the file.",
        )


def _head(text: str, delimiter: str) -> list[list[str]]:
    """The first records, read leniently: a broken quote further down is found when everything is read."""
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_DEPTH))
    except csv.Error:
        return [line.split(delimiter) for line in text.splitlines()[:HEADER_DEPTH]]


def _plain(text: str, delimiter: str, index: int, width: int) -> pl.DataFrame | None:
    """The cells of lines without quotes, or None where a line has more cells than the header."""
    start = 0
    for _ in range(index + 1):
        end = text.find("\n", start)
        start = len(text) if end < 0 else end + 1
    names = delimiter.join(f"c{number}" for number in range(width))
    body = f"{names}\n{text[start:]}".encode("utf-8", errors="replace")
    try:
        frame = pl.read_csv(io.BytesIO(body), separator=delimiter, quote_char=None, infer_schema=False)
    except pl.exceptions.ComputeError:
        return None
    return frame.with_columns(pl.all().fill_null(""), pl.lit("").alias(EXTRA))


def _quoted(text: str, delimiter: str, index: int, width: int) -> pl.DataFrame:
    csv.field_size_limit(_CELL_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(reader)[index + 1 :]
    except csv.Error as error:
        raise RosterFileError(
            "file-quotes",
            f"第 {reader.line_num} 行附近的引號沒有成對，無法分欄；請用試算表另存為 .xlsx。",
            f"A quotation mark near line {reader.line_num} is not closed; save the file as .xlsx.",
        ) from error
    return columns_frame(rows, width)


def columns_frame(rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    """Rows of unequal length as text columns c0…, with what is beyond `width` joined in `_extra`."""
    padded = [row if len(row) == width else [*row[:width], *[""] * (width - len(row))] for row in rows]
    columns = list(zip(*padded, strict=True)) or [()] * width
    frame = {f"c{number}": list(column) for number, column in enumerate(columns)}
    frame[EXTRA] = ["".join(row[width:]) for row in rows]
    return pl.DataFrame(frame, schema=dict.fromkeys(frame, pl.String))
