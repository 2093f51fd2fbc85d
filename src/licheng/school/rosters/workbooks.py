"""Rosters as XLSX: empty ones to fill in, with examples and lists to choose from, and what the school has.

Every cell is text: spreadsheets take away no zero and compute nothing, and what goes out comes back the same.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _
from licheng_exchange import KINDS

from licheng.school.records.operations.applying import ROLE_OF_DUTY
from licheng.school.rosters.examples import sample
from licheng.school.rosters.models import RosterKind as K
from licheng.school.rosters.queries.exports import Exported

ROC_YEAR_0: Final = 1911
TEMPLATE_ROWS: Final = 3_000  # rows with lists to choose from; more rows may follow
WIDTH: Final = 16
# Fields that hold no value where the roster says -1. Source: domain reference 2.0
NO_VALUE: Final = frozenset(
    {"score", "passed", "exam_score", "exam_passed", "second_exam_score", "second_exam_passed"}
    | {"year_score", "year_passed"}
)
CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "gender": ("1", "2"),
    "grade": ("1", "2", "3"),
    "semester": ("1", "2"),
    "taken-semester": ("1", "2"),
    "flag": ("1", "0", "-1"),
    "counting": ("1", "2", "3"),
    "cadre-level": ("1", "2", "3"),
    "standing": ("1", "2", "3"),
    "repeat-mark": ("1", "2"),
    "retake-manner": ("1", "2", "3", "4", "5", "6"),
    "indigenous-status": ("山原", "平原"),
    "division": ("1", "2", "3", "4", "5", "6", "7"),
    "duties": tuple(ROLE_OF_DUTY),
}


def export_book(rosters: Iterable[Exported]) -> bytes:
    """What the school has, one sheet a roster, as the import takes it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        for roster in rosters:
            sheet = book.add_worksheet(KINDS[roster.kind.value].title_zh)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(roster.columns), WIDTH, text)
            for place, header in enumerate(roster.columns.values()):
                sheet.write_string(0, place, header, head)
            for number, row in enumerate(roster.rows, start=1):
                for place, field in enumerate(roster.columns):
                    sheet.write_string(number, place, cell_of(field, row.get(field)))
    return stream.getvalue()


def cell_of(field: str, value: Any) -> str:
    """A value as the rosters write it: dates as seven digits, flags as 1 and 0, no mark as -1."""
    if value is None:
        return "-1" if field in NO_VALUE else ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, date):
        return f"{value.year - ROC_YEAR_0:03d}{value.month:02d}{value.day:02d}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return "、".join(value)
    return str(value)


def template_book(kind: K) -> bytes:
    """An empty roster to fill in, and a sheet that explains each column with an example."""
    columns = KINDS[kind.value].columns
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet, guide = book.add_worksheet(KINDS[kind.value].title_zh), book.add_worksheet(_("填寫說明"))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns), WIDTH, text)
        guide.set_column(0, 3, WIDTH * 2, text)
        for place, title in enumerate((_("要填的資料"), _("要不要填"), _("填法舉例"), _("可以選的值"))):
            guide.write_string(0, place, title, head)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.header + ("*" if column.required else ""), head)
            choices = CHOICES.get(column.cell, ())
            if choices:
                # Duties may be several in one cell, so other values are warned of and not refused.
                rule = {"validate": "list", "source": list(choices), "error_type": "warning"}
                sheet.data_validation(1, place, TEMPLATE_ROWS, place, rule)
            needed = _("必填") if column.needs_value else _("沒有就空白")
            line = (f"「{column.header}」", needed, sample(column.header, column.cell), "、".join(choices))
            for across, words in enumerate(line):
                guide.write_string(place + 1, across, words)
    return stream.getvalue()
