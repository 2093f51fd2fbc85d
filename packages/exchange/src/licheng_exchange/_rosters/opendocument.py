"""ODS to cells, with what repeats, spans, hides and computes in it.

Source: OASIS OpenDocument 1.3 part 3, chapter 9 (tables) and chapter 19 (attributes).
"""

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from licheng_exchange._rosters.sheet import Sheet, Value, cell_text
from licheng_exchange._rosters.workbook_guard import (
    CELLS_MAX,
    UNPACKED_MAX,
    SheetFacts,
    broken,
    column_names,
    entity,
    guard_size,
    opened,
    too_large,
)
from licheng_exchange._rosters.workbook_text import TEXT_MAX

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The first member of the archive, stored as it is, right behind its name.
_START: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_NAMES: Final = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE, _TEXT, _STYLE = (_NAMES % name for name in ("table", "office", "text", "style"))
_CELLS: Final = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_ROW, _COLUMN, _SHEET, _LOOK = (
    f"{_TABLE}table-row",
    f"{_TABLE}table-column",
    f"{_TABLE}table",
    f"{_STYLE}style",
)
_SEEN: Final = frozenset({_ROW, _COLUMN, _SHEET, _LOOK})
_ROWS_AGAIN, _COLUMNS_AGAIN = (f"{_TABLE}number-{what}-repeated" for what in ("rows", "columns"))
_HIGH, _WIDE = (f"{_TABLE}number-{what}-spanned" for what in ("rows", "columns"))
_FORMULA, _KIND, _LINE = f"{_TABLE}formula", f"{_OFFICE}value-type", f"{_TEXT}p"
_BLANKS: Final = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_UNSEEN: Final = frozenset({f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}ruby-text"})
_COLUMNS_MAX: Final = 2**14  # as many as a sheet of a workbook has
_NUMBERS: Final = frozenset({"float", "percentage", "currency"})
_DIGITS: Final = 7  # of a number that repeats or spans


def is_opendocument(data: bytes) -> bool:
    """Whether these are the bytes of an ODS, as its own standard marks them."""
    return _START in data[:200]


def read_opendocument(data: bytes) -> list[Sheet]:
    """All sheets of an ODS.

    Raises RosterFileError for what is damaged or locked, has an XML entity or DTD, or unpacks to too much.
    """
    try:
        with opened(data) as archive:  # words inside words without end are damage too
            guard_size(archive.infolist(), packed_bytes=len(data))
            with archive.open("content.xml") as member:
                content = member.read(UNPACKED_MAX + 1)
            if len(content) > UNPACKED_MAX:
                raise too_large()
            return list(_sheets(content))
    except DefusedXmlException as error:
        raise entity() from error
    except (KeyError, ParseError, UnicodeError) as error:
        raise broken() from error


def _sheets(content: bytes) -> Iterator[Sheet]:
    hidden: set[str | None] = set()
    sheet = _Growing()
    for _event, element in iterparse(io.BytesIO(content), events=("end",), forbid_dtd=True):
        tag = element.tag
        if tag not in _SEEN:
            continue
        if tag == _ROW:
            sheet.see_row(element)
            element.clear()  # the tree keeps its rows
        elif tag == _COLUMN:
            sheet.see_column(element)
        elif tag == _SHEET:
            name, style = element.get(f"{_TABLE}name", ""), element.get(f"{_TABLE}style-name")
            yield sheet.done(name, visible=style not in hidden)
            sheet = _Growing(cells_before=sheet.cells_before + sheet.area)
        elif any(one.get(f"{_TABLE}display") == "false" for one in element):
            hidden.add(element.get(f"{_STYLE}name"))


class _Growing:
    """One sheet while its rows pass by; blank rows and cells are written out once something follows them."""

    def __init__(self, cells_before: int = 0) -> None:
        self.cells_before = cells_before
        self._rows: list[list[Value]] = []
        self._merged: list[tuple[int, int, int, int]] = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[str] = []
        self._blank_rows = self._columns = self._width = self._formulas = self._text = 0

    @property
    def area(self) -> int:
        """How many cells it has by now, from the first to the last that is not blank."""
        return len(self._rows) * self._width

    def see_column(self, element: "Element") -> None:
        """A column, or several alike."""
        first, self._columns = self._columns + 1, self._columns + _count(element, _COLUMNS_AGAIN)
        if _is_hidden(element):
            self._hidden_columns += column_names({"min": str(first), "max": str(self._columns)})

    def see_row(self, element: "Element") -> None:
        """A row, or several alike."""
        times, row = _count(element, _ROWS_AGAIN), self._row(element)
        if not row:
            self._blank_rows += times
            return
        self._width = max(self._width, len(row))
        cells = self.cells_before + (len(self._rows) + self._blank_rows + times) * self._width
        self._text += (
            sum(len(value) if type(value) is str else len(cell_text(value)) for value in row) * times
        )
        if cells > CELLS_MAX or self._text > TEXT_MAX:
            raise too_large()
        self._rows += [[]] * self._blank_rows
        first, self._blank_rows = len(self._rows) + 1, 0
        if _is_hidden(element):
            self._hidden_rows += range(first, first + times)
        self._rows += [row] * times

    def _row(self, element: "Element") -> list[Value]:
        row: list[Value] = []
        blanks = 0
        for cell in element:
            if cell.tag not in _CELLS:
                continue
            value, times = _value(cell), _count(cell, _COLUMNS_AGAIN)
            self._formulas += _FORMULA in cell.attrib
            if _WIDE in cell.attrib or _HIGH in cell.attrib:
                self._see_merged(cell, len(row) + blanks)
            if value == "":
                blanks += times
                continue
            if len(row) + blanks + times > _COLUMNS_MAX:
                raise too_large()
            row += [*[""] * blanks, *[value] * times]
            blanks = 0
        return row

    def _see_merged(self, cell: "Element", left: int) -> None:
        top, high, wide = len(self._rows) + self._blank_rows, _count(cell, _HIGH), _count(cell, _WIDE)
        if wide * high > 1:
            self._merged.append((top, left, top + high - 1, left + wide - 1))

    def done(self, name: str, *, visible: bool) -> Sheet:
        """The sheet, with all its rows equally long."""
        facts = SheetFacts(
            hidden_rows=tuple(self._hidden_rows),
            hidden_columns=tuple(self._hidden_columns),
            formulas=self._formulas,
        )
        rows = [row + [""] * (self._width - len(row)) for row in self._rows]
        return Sheet(name, visible, rows, tuple(self._merged), facts)


def _is_hidden(element: "Element") -> bool:
    return element.get(f"{_TABLE}visibility") in {"collapse", "filter"}


def _count(element: "Element", name: str) -> int:
    """How often something repeats or how far it spans; 1 where nothing sensible is said."""
    text = element.attrib.get(name)
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return 1
    return max(int(text), 1)


def _value(cell: "Element") -> Value:
    """A cell's value: numbers and days typed, everything else as it is shown."""
    kind = cell.attrib.get(_KIND, "")
    with suppress(ValueError):
        if kind in _NUMBERS:
            return float(cell.get(f"{_OFFICE}value", ""))
        if kind == "date":
            return dt.datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", ""))
    if len(cell) == 1 and not len(cell[0]) and cell[0].tag == _LINE:  # nearly all
        return cell[0].text or ""
    return "\n".join("".join(_words(line)) for line in cell.findall(_LINE))


def _words(element: "Element") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag in _BLANKS:
            yield _BLANKS[child.tag] * _count(child, f"{_TEXT}c")
        elif child.tag not in _UNSEEN:
            yield from _words(child)
        yield child.tail or ""
