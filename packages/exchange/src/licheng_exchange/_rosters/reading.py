"""A file to a table: which rows are titles, header, data and totals."""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from licheng_exchange._rosters.code_lines import read_code_lines
from licheng_exchange._rosters.delimited import Grid, columns_frame, read_delimited
from licheng_exchange._rosters.headers import find_header, header_key
from licheng_exchange._rosters.kinds import KNOWN_HEADERS
from licheng_exchange._rosters.model import ROW, SHEET, Note, RosterFileError, Table
from licheng_exchange._rosters.text import decode_text
from licheng_exchange._rosters.workbook import OLE_START, ZIP_START, Sheet, read_workbook

EXTRA: Final = "_extra"
_FOOTER: Final = re.compile(
    r"\s*(合\s*計|總\s*計|小\s*計|共\s*計|總\s*人\s*數|以下空白|製表|列印|承辦|填表|備註|說明|註[:：]|第\s*\d+\s*頁)"
)
_HTML: Final = re.compile(r"\s*(<\?xml|<!doctype|<html|<head|<meta|<table|<style|<!--)", re.IGNORECASE)


def read_table(data: bytes, name: str) -> Table:
    """Cut the table out of a CSV or XLSX file.

    Titles above the header, totals and signatures below it, and repeated headers are left out and noted;
    hidden rows and merged cells are read. Cells keep their characters.
    Raises RosterFileError for what cannot be read or has no known header.
    """
    if not data:
        raise RosterFileError("file-empty", "檔案是空的。", "The file is empty.")
    if data.startswith(OLE_START):
        raise RosterFileError(
            "file-old-excel",
            "這是舊版 .xls 或設有密碼的活頁簿；請用試算表開啟，另存為 .xlsx（不設密碼）。",
            "This is an old .xls or has a password; open it and save as .xlsx without a password.",
        )
    if data.startswith(ZIP_START):
        return _from_workbook(read_workbook(data), name)
    return _from_text(data, name)


def _from_text(data: bytes, name: str) -> Table:
    try:
        decoded = decode_text(data)
    except RosterFileError as refusal:
        simplified = _from_gb18030(data, name) if refusal.rule == "file-encoding" else None
        if simplified is None:
            raise
        return simplified
    if _HTML.match(decoded.text):
        raise RosterFileError(
            "file-html",
            "這是改了副檔名的網頁表格（HTML），不是試算表；請用 Excel 開啟後另存為 .xlsx。",
            "This is an HTML table with another extension; open it in Excel and save as .xlsx.",
        )
    grid = read_delimited(decoded.text) or read_code_lines(decoded.text)
    if grid is not None:
        return _table(name, [(_grid_frame(grid, ""), grid)], decoded.notes)
    simplified = _from_gb18030(data, name)
    if simplified is None:
        raise _no_header()
    return simplified


def _from_gb18030(data: bytes, name: str) -> Table | None:
    """The encoding of simplified Chinese systems, believed only when it brings a header to light."""
    grid = read_delimited(data.decode("gb18030", errors="replace"))
    if grid is None:
        return None
    note = Note(
        "encoding-gb18030",
        "檔案是簡體中文編碼（GB18030），請核對姓名。",
        "The file is in GB18030; check the names.",
    )
    return _table(name, [(_grid_frame(grid, ""), grid)], (note,))


def _from_workbook(sheets: list[Sheet], name: str) -> Table:
    found: list[tuple[pl.DataFrame, Grid]] = []
    notes: list[Note] = []
    for sheet in sheets:
        index, score = find_header(sheet.rows, KNOWN_HEADERS)
        if index < 0:
            continue
        if not sheet.visible:
            notes.append(
                _sheet_note(
                    "sheet-hidden", sheet.name, "是隱藏的工作表，未讀入", "is hidden and was not read"
                )
            )
            continue
        grid = _sheet_grid(sheet, index, score)
        if found and found[0][1].score > 2 * score:
            notes.append(
                _sheet_note("sheet-other", sheet.name, "不像同一份名冊，未讀入", "is another table, not read")
            )
            continue
        if found and score > 2 * found[0][1].score:
            notes += [
                _sheet_note("sheet-other", g.sheet, "不像同一份名冊，未讀入", "is another table, not read")
                for _, g in found
            ]
            found = []
        notes += _sheet_notes(sheet, index)
        found.append((_grid_frame(grid, sheet.name), grid))
    if not found:
        raise _no_header()
    return _table(name, found, tuple(notes))


def _sheet_grid(sheet: Sheet, index: int, score: int) -> Grid:
    rows = [list(row) for row in sheet.rows]
    width = max(map(len, rows))
    for top, left, bottom, right in sheet.merged:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        for row in range(max(top, index), min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                rows[row][column] = value
    return Grid(
        sheet=sheet.name,
        header_row=index + 1,
        header=tuple(rows[index]),
        score=score,
        titles=_titles(rows[:index]),
        cells=columns_frame(rows[index + 1 :], len(rows[index])),
    )


def _sheet_notes(sheet: Sheet, index: int) -> list[Note]:
    notes: list[Note] = []
    hidden = [row for row in sheet.hidden_rows if row > index + 1]
    if hidden:
        listed = "、".join(map(str, hidden[:10]))
        notes.append(
            Note(
                "rows-hidden",
                f"有 {len(hidden)} 列是隱藏或被篩選的（第 {listed} 列…），已一併讀入；不要的列請刪除。",
                f"{len(hidden)} rows are hidden or filtered out and were read too; delete those not wanted.",
                sheet.name,
                hidden[0],
            )
        )
    merged = [area for area in sheet.merged if area[2] > index]
    if merged:
        notes.append(
            Note(
                "cells-merged",
                f"有 {len(merged)} 處合併儲存格，其值已填入每一格；請核對。",
                f"{len(merged)} merged areas: their value was put into every cell; check it.",
                sheet.name,
                merged[0][0] + 1,
            )
        )
    return notes


def _grid_frame(grid: Grid, sheet: str) -> pl.DataFrame:
    keys = _header_keys(grid.header)
    numbered = grid.cells.with_columns(
        pl.lit(sheet).alias(SHEET),
        pl.int_range(pl.len(), dtype=pl.UInt32).add(grid.header_row + 1).alias(ROW),
    )
    named = [pl.col(f"c{index}").alias(key) for index, key in enumerate(keys) if key]
    return numbered.select(SHEET, ROW, *named, EXTRA)


def _header_keys(header: Sequence[str]) -> list[str]:
    keys: list[str] = []
    for cell in header:
        key = header_key(cell)
        if key and key in keys:
            raise RosterFileError(
                "column-twice",
                f"標題列有兩個「{key}」欄，請刪除其中一欄。",
                f"The header has two columns {key!r}; remove one.",
            )
        keys.append(key)
    return [key if key not in {SHEET, ROW, EXTRA} else "" for key in keys]


def _table(name: str, found: list[tuple[pl.DataFrame, Grid]], notes: tuple[Note, ...]) -> Table:
    frame = pl.concat([cells for cells, _ in found], how="diagonal").with_columns(
        pl.col(pl.String).fill_null("")
    )
    first = found[0][1]
    columns = tuple(column for column in frame.columns if column not in {SHEET, ROW, EXTRA})
    frame, left_out = _without_other_rows(frame, columns)
    return Table(
        name=name,
        sheet=first.sheet,
        header_row=first.header_row,
        columns=columns,
        cells=frame,
        notes=(*notes, *left_out),
        titles=tuple(title for _, grid in found for title in grid.titles),
    )


def _without_other_rows(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.DataFrame, list[Note]]:
    """Leave out blank rows silently, and totals, signatures and repeated headers with a note."""
    blanks = pl.sum_horizontal(pl.col(column).str.strip_chars() == "" for column in (*columns, EXTRA))
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


def _titles(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(cell.strip() for row in rows for cell in row if cell.strip())


def _sheet_note(rule: str, sheet: str, zh: str, en: str) -> Note:
    return Note(rule, f"工作表「{sheet}」{zh}。", f"Sheet {sheet!r} {en}.", sheet)


def _no_header() -> RosterFileError:
    return RosterFileError(
        "header-missing",
        "找不到標題列：前 40 列沒有任何名冊欄位名稱（例如 身分證號、學號、課程代碼）。",
        "No header: none of the first 40 rows has a roster column such as 身分證號, 學號 or 課程代碼.",
    )
