"""The first pass over a column: spaces, invisible characters, widths, damage that spreadsheets leave."""

import unicodedata
from typing import Final

import polars as pl

from licheng_exchange._rosters.columns import Column
from licheng_exchange._rosters.distinct import Distinct
from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.headers import INVISIBLE
from licheng_exchange._rosters.judging import CellRule, Problem

_MARKS: Final = (" ", "#", "'", '="', "_x000D_")  # what a closer look is worth, were it in any cell
_INVISIBLE: Final = f"[{INVISIBLE}]|_x000D_"
_CONTROL: Final = r"[\x00-\x1F\x7F\u0085\u2028\u2029]"
_CONTROL_BUT_LINES: Final = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_CELL_ERROR: Final = r"^#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|####+)$"
_TEXT_FORMULA: Final = r'^="([^"]*)"$'  # how school systems keep a spreadsheet from eating leading zeros
_TEXT_MARK: Final = r"^'([0-9A-Za-z].*)$"

_INVISIBLE_FOUND: Final = Problem(
    "invisible-character",
    "已移除看不見的字元（零寬空白、BOM 等）。",
    "Invisible characters (zero-width, BOM) were removed.",
    "repaired",
)
_WIDTH_FOUND: Final = Problem(
    "width-normalised", "全形字元已改為半形。", "Full-width characters were made half-width.", "repaired"
)
_CONTROL_FOUND: Final = Problem(
    "control-character",
    "儲存格內有換行或控制字元，請刪除。",
    "The cell holds a line break or control character.",
)
_ERROR_FOUND: Final = Problem(
    "cell-error", "儲存格是公式錯誤值，請改為實際的值。", "The cell is a formula error; put the value there."
)
_TEXT_FOUND: Final = Problem(
    "text-mark-removed",
    '已去掉試算表的文字記號（開頭的 \' 或 ="…"）。',
    "The spreadsheet's mark for text (' or =\"…\") was taken off.",
    "repaired",
)


def clean_cells(raw: Distinct, column: Column, rule: CellRule, findings: Findings) -> Distinct:
    """The column's text without outer spaces, invisible characters, marks for text; codes in half width."""
    if _is_ordinary(raw.texts, is_code=rule.is_code):
        return raw
    is_id = column.cell == "national-id"
    cells = raw.with_texts(raw.texts.str.strip_chars())
    errors = cells.texts.str.contains(_CELL_ERROR)
    cells.tell(errors, column.header, _ERROR_FOUND, findings)
    visible = cells.texts.str.replace_all(_INVISIBLE, "").str.strip_chars()
    cells = _changed(cells, visible, column, _INVISIBLE_FOUND, findings)
    bare = cells.texts.str.replace(_TEXT_FORMULA, "$1").str.replace(_TEXT_MARK, "$1")
    cells = _changed(cells, bare, column, _TEXT_FOUND, findings)
    control = cells.texts.str.contains(_CONTROL_BUT_LINES if rule.has_lines else _CONTROL)
    cells.tell(control, column.header, _CONTROL_FOUND, findings, is_id=is_id)
    if rule.is_code:
        narrow = cells.texts.str.normalize("NFKC").str.strip_chars()
        return _changed(cells, narrow, column, _WIDTH_FOUND, findings)
    return cells.with_texts(cells.texts.str.replace_all("\r\n?", "\n")) if rule.has_lines else cells


def _changed(
    cells: Distinct, texts: pl.Series, column: Column, problem: Problem, findings: Findings
) -> Distinct:
    cells.tell(texts != cells.texts, column.header, problem, findings, is_id=column.cell == "national-id")
    return cells.with_texts(texts)


def _is_ordinary(texts: pl.Series, *, is_code: bool) -> bool:
    """Whether no cell of a column has anything to clean: one look at all of them at once."""
    whole = texts.str.join("")[0] or ""
    if not whole.isprintable() or any(mark in whole for mark in _MARKS):
        return False
    return whole.isascii() or not is_code or unicodedata.is_normalized("NFKC", whole)
