"""A file to a table: text or workbook, and which of its sheets are meant."""

import re
from dataclasses import replace
from typing import Final

from licheng_exchange._rosters.book import Book, choose, kinds_in, open_book
from licheng_exchange._rosters.code_lines import read_code_lines
from licheng_exchange._rosters.delimited import read_delimited
from licheng_exchange._rosters.kinds import guess_kind
from licheng_exchange._rosters.model import Note, RosterFileError, Table
from licheng_exchange._rosters.tables import table_of
from licheng_exchange._rosters.text import decode_text
from licheng_exchange._rosters.workbook import OLE_START, ZIP_START, read_workbook

_HTML: Final = re.compile(r"\s*(<\?xml|<!doctype|<html|<head|<meta|<table|<style|<!--)", re.IGNORECASE)


def read_table(data: bytes, name: str, kind: str | None = None) -> Table:
    """Cut the table out of a CSV, XLSX or ODS; of a workbook the sheets of `kind`, where one is asked for.

    Titles above the header, totals and signatures below it, and repeated headers are left out and noted;
    hidden rows and merged cells are read. Cells keep their characters.
    Raises RosterFileError for what cannot be read or has no known header.
    """
    _refuse_other(data)
    if not data.startswith(ZIP_START):
        return _from_text(data, name)
    book = open_book(read_workbook(data))
    chosen, others = choose(book, kind)
    if not chosen:
        raise _no_roster(book)
    return book.table(name, chosen, (*book.notes, *others))


def read_book(data: bytes, name: str) -> tuple[list[tuple[str, Table]], list[Note]]:
    """Every roster of a file as (kind, table), and notes about sheets that are none; text is one sheet.

    Raises RosterFileError for what cannot be read or holds no roster.
    """
    _refuse_other(data)
    if not data.startswith(ZIP_START):
        table = _from_text(data, name)
        kind = guess_kind(table.columns)
        if kind is None:
            raise _no_header()
        return [(kind, table)], []
    book = open_book(read_workbook(data))
    tables = [(kind, book.table(name, found)) for kind, found in kinds_in(book).items()]
    if not tables:
        raise _no_roster(book)
    return tables, list(book.notes)


def _refuse_other(data: bytes) -> None:
    if not data:
        raise RosterFileError("file-empty", "檔案是空的。", "The file is empty.")
    if data.startswith(OLE_START):
        raise RosterFileError(
            "file-old-excel",
            "這是舊版 .xls 或設有密碼的活頁簿；請用試算表開啟，另存為 .xlsx（不設密碼）。",
            "This is an old .xls or has a password; open it and save as .xlsx without a password.",
        )


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
        return replace(table_of(name, [grid], decoded.notes), doubtful=decoded.doubtful)
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
    return table_of(name, [grid], (note,))


def _no_roster(book: Book) -> RosterFileError:
    """The refusal of a workbook without a roster, or with one on hidden sheets only."""
    if not book.notes:
        return _no_header()
    names = "」「".join(note.sheet for note in book.notes)
    return RosterFileError(
        "sheet-hidden",
        f"名冊在隱藏的工作表「{names}」，隱藏的工作表不讀入；請取消隱藏再存檔。",
        f"The roster is on a hidden sheet ({names}), which is not read; show the sheet and save again.",
    )


def _no_header() -> RosterFileError:
    return RosterFileError(
        "header-missing",
        "找不到標題列：前 40 列沒有任何名冊欄位名稱（例如 身分證號、學號、課程代碼）。",
        "No header: none of the first 40 rows has a roster column such as 身分證號, 學號 or 課程代碼.",
    )
