"""The first pass over a column: spaces, invisible characters, widths, damage that spreadsheets leave."""

import re
import unicodedata
from typing import Final

import polars as pl

from licheng_exchange._rosters.columns import Column
from licheng_exchange._rosters.distinct import Distinct
from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.headers import INVISIBLE
from licheng_exchange._rosters.judging import CellRule, Problem

_MARKS: Final = (" ", "#", "'", '="', "_x000D_", "E+", "e+")  # worth a closer look in any cell
_NAMED_ONE_BY_ONE: Final = 50  # own bound
_INVISIBLE: Final = f"[{INVISIBLE}]|_x000D_"
_CONTROL: Final = r"[\x00-\x1F\x7F\u0085\u2028\u2029]"
_CONTROL_BUT_LINES: Final = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_CELL_ERROR: Final = r"^#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|ERROR!|####+)$"
_TEXT_FORMULA: Final = r'^="([^"]*)"$'  # how school systems keep a spreadsheet from eating leading zeros
_TEXT_MARK: Final = r"^'([0-9=+@＝＋＠－-].*)$"  # names may begin with an apostrophe of their own
_TEXT_MARK_OF_CODE: Final = r"^'(.*)$"
_DASH: Final = "[\u2010-\u2015\u2212]"
_WHOLE_WITH_POINT: Final = r"^(-?[0-9]+)\.0+$"
_SCIENTIFIC: Final = r"^-?[0-9](\.[0-9]+)?[Ee]\+[0-9]{1,3}$"

_INVISIBLE_FOUND: Final = Problem(
    "invisible-character",
    "已移除看不見的字元（零寬空白、BOM 等）。",
    "Invisible characters (zero-width, BOM) were removed.",
    "repaired",
)
_WIDTH_FOUND: Final = Problem(
    "width-normalised", "全形字元已改為半形。", "Full-width characters were made half-width.", "repaired"
)
_POINT_FOUND: Final = Problem(
    "number-decimal",
    "已去掉整數後面多餘的小數點（例如 1.0 改為 1）。",
    "A needless decimal point after a whole number was removed (1.0 became 1).",
    "repaired",
)
_SCIENTIFIC_FOUND: Final = Problem(
    "number-scientific",
    "試算表把這格改成了科學記號，原來的號碼已經不完整；請把該欄設為「文字」格式，再填入原來的號碼。",
    "The spreadsheet turned this into scientific notation; set the column to text and enter it again.",
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
    """The column's text without outer spaces, invisible characters, marks for text; codes in half width.

    A cell that is refused here comes back blank and `refused`: its column's own rule has no more to say.
    """
    if _is_ordinary(raw.texts, rule):
        return raw
    cells = raw.with_texts(raw.texts.str.strip_chars())
    visible = cells.texts.str.replace_all(_INVISIBLE, "").str.strip_chars()
    cells = _changed(cells, visible, column, _INVISIBLE_FOUND, findings)
    mark = _TEXT_MARK_OF_CODE if rule.is_code else _TEXT_MARK
    bare = cells.texts.str.replace(_TEXT_FORMULA, "$1").str.replace(mark, "$1").str.strip_chars()
    cells = _changed(cells, bare, column, _TEXT_FOUND, findings)
    if rule.is_code:
        narrow = cells.texts.str.normalize("NFKC").str.replace_all(_DASH, "-").str.strip_chars()
        cells = _changed(cells, narrow, column, _WIDTH_FOUND, findings)
        whole = cells.texts.str.replace(_WHOLE_WITH_POINT, "$1") if not rule.has_point else cells.texts
        cells = _changed(cells, whole, column, _POINT_FOUND, findings)
    elif rule.has_lines:
        cells = cells.with_texts(cells.texts.str.replace_all("\r\n?", "\n"))
    return _without_damage(cells, column, rule, findings)


def _without_damage(cells: Distinct, column: Column, rule: CellRule, findings: Findings) -> Distinct:
    """Refuse errors of formulas, numbers cut short and control characters, whatever the column."""
    damages = [
        (_CELL_ERROR, _ERROR_FOUND),
        (_CONTROL_BUT_LINES if rule.has_lines else _CONTROL, _CONTROL_FOUND),
        *([(_SCIENTIFIC, _SCIENTIFIC_FOUND)] if rule.is_code else []),
    ]
    refused = pl.repeat(value=False, n=len(cells.texts), eager=True)
    for pattern, problem in damages:
        hits = cells.texts.str.contains(pattern)
        cells.tell(hits, column.header, problem, findings, is_id=column.cell == "national-id")
        refused = refused | hits
    return cells.refusing(refused) if refused.any() else cells


def _changed(
    cells: Distinct, texts: pl.Series, column: Column, problem: Problem, findings: Findings
) -> Distinct:
    """Tell what changed: cell by cell where it is rare, once for a column that is all written so."""
    mask = texts != cells.texts
    if mask.any():
        rows = cells.spread(mask)
        if rows.sum() > _NAMED_ONE_BY_ONE:
            findings.about_many(rows, column.header, problem)
        else:
            is_id = column.cell == "national-id"
            findings.about_rows(rows, column.header, problem, cells.spread(cells.texts), is_id=is_id)
    return cells.with_texts(texts)


def _is_ordinary(texts: pl.Series, rule: CellRule) -> bool:
    """Whether no cell of a column has anything to clean: one look at all of them at once."""
    whole = texts.str.join("")[0] or ""
    if not whole.isprintable() or any(mark in whole for mark in _MARKS):
        return False
    if rule.is_code and not rule.has_point and ".0" in whole:
        return False
    return whole.isascii() or not rule.is_code or _is_narrow(whole)


def _is_narrow(text: str) -> bool:
    return unicodedata.is_normalized("NFKC", text) and not re.search(_DASH, text)
