"""Cells on their way out to a spreadsheet."""

from typing import Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export_cell(value: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would take it for a formula.

    Leading spaces do not hide a formula from every spreadsheet, so they do not hide it here.
    """
    return (
        "'" + value
        if value.startswith(_FORMULA_STARTS) or value.lstrip().startswith(_FORMULA_STARTS)
        else value
    )
