"""Workbooks to cells: of an XLSX the guards come first, python-calamine reads only what passed them."""

import io
from typing import Final

from python_calamine import CalamineError, CalamineSheet, SheetTypeEnum, SheetVisibleEnum, load_workbook

from licheng_exchange._rosters.opendocument import is_opendocument, read_opendocument
from licheng_exchange._rosters.sheet import Sheet
from licheng_exchange._rosters.workbook_guard import SheetFacts, broken, guard_workbook

ZIP_START: Final = b"PK\x03\x04"
OLE_START: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEETS_MAX: Final = 100
_FORMULA_ERROR: Final = "#ERROR!"


def read_workbook(data: bytes) -> list[Sheet]:
    """All worksheets of an XLSX or ODS.

    Raises RosterFileError for what is neither, has an XML entity or DTD, or unpacks to too much.
    """
    if is_opendocument(data):
        return read_opendocument(data)
    facts = guard_workbook(data)
    try:
        workbook = load_workbook(io.BytesIO(data))
        return [
            _sheet(
                workbook.get_sheet_by_name(meta.name),
                meta.name,
                meta.visible,
                facts.get(meta.name, SheetFacts()),
            )
            for meta in workbook.sheets_metadata[:_SHEETS_MAX]
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise broken() from error
    except BaseException as error:
        # A panic of the Rust reader arrives as a class that no module exports and that is no Exception.
        if type(error).__name__ == "PanicException":
            raise broken() from error
        raise


def _sheet(sheet: CalamineSheet, name: str, visible: SheetVisibleEnum, facts: SheetFacts) -> Sheet:
    merged = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    rows = sheet.to_python(skip_empty_area=False)
    for row, column in facts.errors:  # the reader leaves them blank
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = _FORMULA_ERROR
    return Sheet(
        name=name,
        visible=visible == SheetVisibleEnum.Visible,
        rows=rows,
        merged=merged,
        facts=facts,
    )
