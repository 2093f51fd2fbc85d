"""The sheets of a workbook: which are rosters, of which kind, which one is the cover, and what is hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from licheng_exchange._rosters.delimited import Grid
from licheng_exchange._rosters.headers import HEADER_DEPTH, Header, find_header, header_key
from licheng_exchange._rosters.kinds import KINDS, KNOWN_HEADERS, guess_kind, kinds_named
from licheng_exchange._rosters.model import EXTRA, Note, Table
from licheng_exchange._rosters.sheet import Sheet, Value, cell_text
from licheng_exchange._rosters.tables import grid_columns, table_of
from licheng_exchange._rosters.workbook_guard import CELLS_MAX, too_large
from licheng_exchange._rosters.workbook_text import TEXT_MAX

_COVER: Final = {
    **dict.fromkeys(("學校代碼", "校代碼", "學校代號", "sch_cd"), "學校代碼"),
    **dict.fromkeys(("學年度", "學年", "sch_year"), "學年度"),
    **dict.fromkeys(("學期", "semester"), "學期"),
}
_COVER_OTHER: Final = frozenset({"學校名稱", "校名", "sch_nm", "名冊別", "名冊名稱", "book", "book_nm"})
_LISTED: Final = 10  # rows or columns named one by one


@dataclass(frozen=True, slots=True)
class Found:
    """A visible sheet with a known header, and the kind that its columns speak of."""

    grid: Grid
    kind: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The rosters of a workbook, what its cover says, and notes about sheets that were not read."""

    found: tuple[Found, ...]
    cover: dict[str, str]
    notes: tuple[Note, ...]

    def table(self, name: str, chosen: Sequence[Found], notes: Iterable[Note] = ()) -> Table:
        """Some of the sheets as one table."""
        own = tuple(note for found in chosen for note in found.notes)
        return table_of(name, [found.grid for found in chosen], (*notes, *own), self.cover)


def open_book(sheets: Sequence[Sheet]) -> Book:
    """Sort the sheets; hidden ones are noted and never read."""
    found: list[Found] = []
    cover: dict[str, str] = {}
    notes: list[Note] = []
    for sheet in sheets:
        head = _head(sheet)
        header = find_header(head, KNOWN_HEADERS)
        if header is None:
            continue
        if not sheet.visible:
            notes.append(
                _note("sheet-hidden", sheet.name, "是隱藏的工作表，未讀入", "is hidden and was not read")
            )
            continue
        if _is_cover(head):
            cover = _read_cover(head) | cover
            continue
        grid = _grid(sheet, head, header)
        found.append(Found(grid, guess_kind(grid_columns(grid)), tuple(_sheet_notes(sheet, header.index))))
    return Book(tuple(found), cover, tuple(notes))


def choose(book: Book, kind: str | None) -> tuple[Sequence[Found], list[Note]]:
    """The sheets of one roster: those of the asked kind, else the likeliest; the others are noted."""
    if not book.found:
        return [], []
    best = max(book.found, key=lambda found: _fit(found, kind))
    chosen = [found for found in book.found if _belongs(found, best, kind)]
    others = [
        _note("sheet-other", found.grid.sheet, "不像同一份名冊，未讀入", "is another table, not read")
        for found in book.found
        if found not in chosen
    ]
    return chosen, others


def _head(sheet: Sheet) -> list[list[str]]:
    return [[cell_text(cell) for cell in row] for row in sheet.rows[:HEADER_DEPTH]]


def _fit(found: Found, kind: str | None) -> tuple[bool, int]:
    if kind is None:
        return found.kind is not None, found.grid.score
    meant = kinds_named(kind)
    headers = {header for one in meant for column in one.columns for header in column.headers}
    return found.kind in {one.name for one in meant}, len(headers.intersection(grid_columns(found.grid)))


def _belongs(found: Found, best: Found, kind: str | None) -> bool:
    """Whether a sheet is the same roster as the best one: the same kind and not much less of it."""
    if found is best:
        return True
    return found.kind == best.kind and 2 * _fit(found, kind)[1] >= _fit(best, kind)[1]


def _grid(sheet: Sheet, head: list[list[str]], header: Header) -> Grid:
    rows = _filled(sheet, header.index) if sheet.merged else sheet.rows
    return Grid(
        sheet=sheet.name,
        header_row=header.index + 1,
        header=header.cells,
        score=header.score,
        titles=tuple(cell.strip() for row in head[: header.index] for cell in row if cell.strip()),
        cells=_columns(rows[header.index + 1 :], len(header.cells)),
    )


def _filled(sheet: Sheet, index: int) -> list[list[Value]]:
    """The rows with the value of every merged area in each of its cells, from the header on.

    Raises RosterFileError where areas lie over each other so often that filling them never ends.
    """
    rows = [list(row) for row in sheet.rows]
    width = max(map(len, rows))
    cells = text = 0
    for top, left, bottom, right in sheet.merged:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        area = (min(bottom, len(rows) - 1) - max(top, index) + 1) * (min(right, width - 1) - left + 1)
        cells, text = cells + max(area, 1), text + max(area, 1) * len(cell_text(value))
        if cells > CELLS_MAX or text > TEXT_MAX:
            raise too_large()
        for row in range(max(top, index), min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                rows[row][column] = value
    return rows


def _columns(rows: Sequence[Sequence[Value]], width: int) -> pl.DataFrame:
    """Text columns c0…; a column of nothing but text, the usual one, is taken as it is."""
    columns: list[Sequence[Value]] = list(zip(*rows, strict=True)) or [()] * width
    frame = {f"c{number}": _text_column(column) for number, column in enumerate(columns)}
    frame[EXTRA] = pl.repeat("", len(rows), dtype=pl.String, eager=True)
    return pl.DataFrame(frame)


def _text_column(column: Sequence[Value]) -> pl.Series:
    if any(kind is not str for kind in set(map(type, column))):
        column = [cell_text(cell) for cell in column]
    return pl.Series(column, dtype=pl.String)


def _is_cover(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a sheet says only which school, year and semester a workbook is about."""
    keys = {header_key(cell) for row in rows for cell in row}
    headers = keys & KNOWN_HEADERS
    return bool(headers) and headers <= _COVER.keys() | _COVER_OTHER


def _read_cover(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """The value under a label, or beside it where a label stands in a column of labels."""
    values: dict[str, str] = {}
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            label = _COVER.get(header_key(cell))
            if label is None or label in values:
                continue
            below = (
                rows[number + 1][place] if number + 1 < len(rows) and place < len(rows[number + 1]) else ""
            )
            beside = row[place + 1] if place + 1 < len(row) else ""
            said = next((text.strip() for text in (beside, below) if _is_value(text)), "")
            if said:
                values[label] = said
    return values


def _is_value(text: str) -> bool:
    key = header_key(text)
    return bool(key) and key not in _COVER and key not in _COVER_OTHER


def _sheet_notes(sheet: Sheet, index: int) -> Iterable[Note]:
    hidden = [row for row in sheet.facts.hidden_rows if row > index + 1]
    if hidden:
        yield Note(
            "rows-hidden",
            f"有 {len(hidden)} 列是隱藏或被篩選的（第 {_listed(hidden)} 列），已一併讀入；不要的列請刪除。",
            f"{len(hidden)} rows are hidden or filtered out and were read too; delete those not wanted.",
            sheet.name,
            hidden[0],
        )
    if sheet.facts.hidden_columns:
        yield Note(
            "columns-hidden",
            f"有隱藏的欄（{_listed(sheet.facts.hidden_columns)}），已一併讀入；不要的欄請刪除。",
            "Hidden columns were read too; delete those not wanted.",
            sheet.name,
            index + 1,
        )
    if sheet.facts.formulas:
        yield Note(
            "cells-formula",
            f"有 {sheet.facts.formulas} 個儲存格是公式，讀入的是試算表最後存下的結果；"
            "沒有存下結果的讀為空白。請核對，或改貼為值。",
            f"{sheet.facts.formulas} cells are formulas; the results stored last were read, "
            "or blanks where none was stored. Check them, or paste values instead.",
            sheet.name,
            index + 1,
        )
    merged = [area for area in sheet.merged if area[2] > index]
    if merged:
        yield Note(
            "cells-merged",
            f"有 {len(merged)} 處合併儲存格，其值已填入每一格；請核對。",
            f"{len(merged)} merged areas: their value was put into every cell; check it.",
            sheet.name,
            merged[0][0] + 1,
        )


def _listed(items: Sequence[object]) -> str:
    return "、".join(map(str, items[:_LISTED])) + ("…" if len(items) > _LISTED else "")


def _note(rule: str, sheet: str, zh: str, en: str) -> Note:
    return Note(rule, f"工作表「{sheet}」{zh}。", f"Sheet {sheet!r} {en}.", sheet)


def kinds_in(book: Book) -> dict[str, list[Found]]:
    """The rosters of a workbook by kind, in the order of their first sheets."""
    by_kind: dict[str, list[Found]] = {}
    for found in book.found:
        if found.kind in KINDS:
            by_kind.setdefault(str(found.kind), []).append(found)
    return by_kind
