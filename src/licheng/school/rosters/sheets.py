"""The sheet that was sent, with a column of reasons, for mending in a spreadsheet and sending again."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
import xlsxwriter
from django.utils.translation import gettext as _
from licheng_exchange import Table, export_cell

from licheng.school.rosters.queries.findings import IssueLine

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
# What a spreadsheet would take for a formula, as `export_cell` knows it; the rosters' -1 is none.
FORMULA = r"^\s*[=+\-@\t\r\n＝＋－＠]"
NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
SHEET_NAME_MAX = 31  # of XLSX
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
REASON_WIDTH = 60
ROWS_MOST = 20_000  # own bound: beyond it a workbook holds the rows with reasons alone


@dataclass(frozen=True, slots=True)
class MarkedSheet:
    """One sheet as it was sent, reasons in its first column; `wrong` are the columns to colour, by place."""

    name: str
    frame: pl.DataFrame
    wrong: Mapping[int, frozenset[str]]


def marked(
    table: Table, lines: Iterable[IssueLine], hidden: Mapping[str, frozenset[int]]
) -> list[MarkedSheet]:
    """The sheets of a table, every row with what was found in it; hidden rows say so."""
    found: dict[tuple[str, int], list[IssueLine]] = {}
    for line in lines:
        found.setdefault((line.sheet or table.sheet, line.row), []).append(line)
    parts = table.cells.partition_by("_sheet", maintain_order=True, as_dict=True)
    return [_marked(str(name), rows, table, found, hidden) for (name,), rows in parts.items()]


def _marked(
    name: str,
    rows: pl.DataFrame,
    table: Table,
    found: Mapping[tuple[str, int], list[IssueLine]],
    hidden: Mapping[str, frozenset[int]],
) -> MarkedSheet:
    reason = _("原因")
    lines = [found.get((name, row), []) for row in rows["_row"]]
    said = [
        _reason(each, is_hidden=row in hidden.get(name, ()))
        for each, row in zip(lines, rows["_row"], strict=True)
    ]
    columns = [column for column in table.columns if column != reason]  # a mended sheet that is sent again
    frame = rows.select(pl.Series(reason, said, dtype=pl.String), *columns)
    wrong = {
        place: frozenset(line.column for line in each if line.severity == "error")
        for place, each in enumerate(lines)
        if each
    }
    return MarkedSheet(name or str(_("名冊")), frame, wrong)


def _reason(lines: list[IssueLine], *, is_hidden: bool) -> str:
    said = [_("這一列在原檔是隱藏的")] if is_hidden else []
    said += [
        line.text if line.severity == "error" else f"{line.severity_label}{_('：')}{line.text}"
        for line in lines
    ]
    return _("；").join(said)


def as_csv(sheets: Iterable[MarkedSheet]) -> bytes:
    """All sheets below each other, opened rightly by spreadsheets; no cell can act as a formula."""
    tamed = [sheet.frame.select(map(_tame, sheet.frame.columns)).rename(export_cell) for sheet in sheets]
    text = "\r\n".join(frame.write_csv(line_terminator="\r\n") for frame in tamed)
    return b"\xef\xbb\xbf" + text.encode()


def _tame(column: str) -> pl.Expr:
    cell = pl.col(column)
    is_formula = cell.str.contains(FORMULA) & ~cell.str.contains(NUMBER)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell).alias(column)


def as_xlsx(sheets: Iterable[MarkedSheet]) -> bytes:
    """A workbook of text cells, so that zeros stay and nothing is run; wrong cells are coloured."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "num_format": "@", "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
            "wrong": book.add_format({"num_format": "@", "bg_color": "#FFE08A", "bold": True}),
            "reason": book.add_format({"num_format": "@", "font_color": "#9B1C1C", "text_wrap": True}),
        }
        names: set[str] = set()
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name, names)), sheet, formats)
    return out.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that XLSX takes, once in the workbook."""
    plain = NOT_IN_NAMES.sub(" ", name).strip("' ")[:SHEET_NAME_MAX] or "1"
    while plain.casefold() in taken:
        plain = f"{plain[: SHEET_NAME_MAX - 4]} {len(taken) + 1}"
    taken.add(plain.casefold())
    return plain


def _write_sheet(
    page: xlsxwriter.worksheet.Worksheet, sheet: MarkedSheet, formats: Mapping[str, object]
) -> None:
    page.freeze_panes(1, 1)
    page.set_column(0, 0, REASON_WIDTH)
    columns = sheet.frame.columns
    for place, name in enumerate(columns):
        page.write_string(0, place, name, formats["head"])
    is_whole = sheet.frame.height <= ROWS_MOST
    number = 0
    for at, (reason, *cells) in enumerate(sheet.frame.iter_rows()):
        if not (is_whole or reason):
            continue
        number += 1
        page.write_string(number, 0, reason, formats["reason"])
        wrong = sheet.wrong.get(at, frozenset())
        for place, value in enumerate(cells, start=1):
            page.write_string(number, place, value, formats["wrong" if columns[place] in wrong else "text"])
    page.autofilter(0, 0, max(number, 1), len(columns) - 1)
