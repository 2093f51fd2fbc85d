"""The first pass over a column: spaces, invisible characters, widths, damage that spreadsheets leave."""

from typing import Final

import polars as pl

from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.headers import INVISIBLE
from licheng_exchange._rosters.judging import CellRule, Problem
from licheng_exchange._rosters.kinds import Column

_WORTH_A_LOOK: Final = r"[^\x20-\x7E]|^#|_x000D_"
_INVISIBLE: Final = f"[{INVISIBLE}]|_x000D_"
_CONTROL: Final = r"[\x00-\x1F\x7F\u0085\u2028\u2029]"
_CELL_ERROR: Final = r"^#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|####+)$"

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


def clean_cells(raw: pl.Series, column: Column, rule: CellRule, findings: Findings) -> pl.Series:
    """The column's text with outer spaces, invisible characters and (in codes) full width taken away."""
    is_id = column.cell == "national-id"
    text = raw.str.strip_chars()
    if not text.str.contains(_WORTH_A_LOOK).any():
        return text
    findings.about_rows(text.str.contains(_CELL_ERROR), column.header, _ERROR_FOUND, text)
    return _clean_characters(text, column.header, is_code=rule.is_code, is_id=is_id, findings=findings)


def _clean_characters(
    text: pl.Series, header: str, *, is_code: bool, is_id: bool, findings: Findings
) -> pl.Series:
    visible = text.str.replace_all(_INVISIBLE, "").str.strip_chars()
    findings.about_rows(visible != text, header, _INVISIBLE_FOUND, text, is_id=is_id)
    control = visible.str.contains(_CONTROL)
    findings.about_rows(control, header, _CONTROL_FOUND, visible, is_id=is_id)
    if not is_code:
        return visible
    narrow = visible.str.normalize("NFKC").str.strip_chars()
    findings.about_rows(narrow != visible, header, _WIDTH_FOUND, visible, is_id=is_id)
    return narrow
