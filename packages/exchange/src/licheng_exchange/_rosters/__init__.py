"""Rosters: reading a table out of CSV or XLSX and checking it row by row.

Reading (`read_table`) knows encodings, workbooks and headers; checking (`check_roster`) knows the kinds.
Nothing here reads a clock, a database or a network.
"""

from licheng_exchange._rosters.checking import check_book, check_roster, check_table
from licheng_exchange._rosters.exporting import export_cell
from licheng_exchange._rosters.kinds import KINDS, guess_kind, kind_of, kinds_named
from licheng_exchange._rosters.model import (
    BOOK,
    BOOK_NAMES,
    Note,
    RosterBook,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Severity,
    Table,
)
from licheng_exchange._rosters.names import same_name
from licheng_exchange._rosters.reading import read_book, read_table
from licheng_exchange._rosters.text import decode_text
from licheng_exchange._rosters.workbook import read_workbook

__all__ = [
    "BOOK",
    "BOOK_NAMES",
    "KINDS",
    "Note",
    "RosterBook",
    "RosterContext",
    "RosterFileError",
    "RosterReport",
    "RowIssue",
    "Severity",
    "Table",
    "check_book",
    "check_roster",
    "check_table",
    "decode_text",
    "export_cell",
    "guess_kind",
    "kind_of",
    "kinds_named",
    "read_book",
    "read_table",
    "read_workbook",
    "same_name",
]
