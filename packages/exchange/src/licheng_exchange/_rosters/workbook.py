"""XLSX to cells: the guards come first, python-calamine reads only what passed them."""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from python_calamine import CalamineError, CalamineSheet, SheetTypeEnum, SheetVisibleEnum, load_workbook

from licheng_exchange._rosters.model import RosterFileError

ZIP_START: Final = b"PK\x03\x04"
OLE_START: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Units: counts, bytes. A real roster of 100,000 rows and 15 columns unpacks to about 90 MB.
_MEMBERS_MAX: Final = 2_000
_UNPACKED_MAX: Final = 400 * 2**20
_RATIO_MAX: Final = 300
_RATIO_FLOOR: Final = 8 * 2**20
_CELLS_MAX: Final = 12_000_000
_SHEETS_MAX: Final = 100
_EXACT_MAX: Final = 1e15  # whole numbers below it are exact in a float
_CHUNK: Final = 2**20
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet as text, from its first row on; `hidden_rows` are 1-based."""

    name: str
    visible: bool
    rows: list[list[str]]
    hidden_rows: tuple[int, ...]
    merged: tuple[tuple[int, int, int, int], ...]


def read_workbook(data: bytes) -> list[Sheet]:
    """All worksheets of an XLSX.

    Raises RosterFileError for what is not an XLSX, has an XML entity or DTD, or unpacks to too much.
    """
    hidden = _guard(data)
    try:
        workbook = load_workbook(io.BytesIO(data))
        return [
            _sheet(workbook.get_sheet_by_name(meta.name), meta.name, meta.visible, hidden)
            for meta in workbook.sheets_metadata[:_SHEETS_MAX]
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise _broken() from error
    except BaseException as error:
        # A panic of the Rust reader arrives as a class that no module exports and that is no Exception.
        if type(error).__name__ == "PanicException":
            raise _broken() from error
        raise


def _sheet(
    sheet: CalamineSheet, name: str, visible: SheetVisibleEnum, hidden: dict[str, tuple[int, ...]]
) -> Sheet:
    merged = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Sheet(
        name=name,
        visible=visible == SheetVisibleEnum.Visible,
        rows=[[_cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)],
        hidden_rows=hidden.get(name, ()),
        merged=merged,
    )


def _cell_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_MAX else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)


def _guard(data: bytes) -> dict[str, tuple[int, ...]]:
    """Walk every member before anything else opens the file; returns the hidden rows by sheet name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            _guard_kind(names)
            _guard_size(infos, packed_bytes=len(data))
            return _guard_members(archive, infos)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, RosterFileError):
            raise
        raise _broken() from error


def _guard_kind(names: set[str]) -> None:
    if "xl/workbook.xml" not in names:
        raise RosterFileError(
            "file-not-xlsx",
            "這個壓縮檔不是 .xlsx 活頁簿；請用試算表開啟後另存為 .xlsx。",
            "This archive is not an .xlsx workbook; open it in a spreadsheet and save it as .xlsx.",
        )


def _guard_size(infos: list[zipfile.ZipInfo], *, packed_bytes: int) -> None:
    unpacked = sum(info.file_size for info in infos)
    bomb = unpacked > _RATIO_FLOOR and unpacked > packed_bytes * _RATIO_MAX
    if len(infos) > _MEMBERS_MAX or unpacked > _UNPACKED_MAX or bomb:
        raise _too_large()


def _guard_members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, tuple[int, ...]]:
    seen: dict[str, _Scan] = {}
    budget = _UNPACKED_MAX
    for info in infos:
        scan = _Scan()
        budget -= _scan_member(archive, info, scan, budget)
        seen[info.filename] = scan
    if sum(scan.area for scan in seen.values()) > _CELLS_MAX:
        raise _too_large()
    paths = {
        target.removeprefix("/xl/").removeprefix("xl/"): identity
        for identity, target in seen.get("xl/_rels/workbook.xml.rels", _Scan()).targets
    }
    titles = dict(seen["xl/workbook.xml"].sheets)
    found: dict[str, tuple[int, ...]] = {}
    for name, scan in seen.items():
        identity = paths.get(name.removeprefix("xl/"), "")
        if identity in titles and scan.hidden_rows:
            found[titles[identity]] = tuple(scan.hidden_rows)
    return found


def _scan_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, scan: "_Scan", budget: int) -> int:
    is_xml = info.filename.lower().endswith((".xml", ".rels", ".vml"))
    is_wordy = info.filename.endswith("sharedStrings.xml")  # texts only; most of the tags of a large roster
    parser = _parser(None if is_wordy else scan.start) if is_xml else None
    size = 0
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            if size > budget:
                raise _too_large()
            if parser is not None:
                _feed(parser, chunk)
    if parser is not None and size:
        _close(parser)
    return size


def _parser(start: Callable[[str, dict[str, str]], None] | None) -> Any:
    """The guarded parser, told to report start tags alone: without tree and text it is many times faster."""
    guarded = XMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    expat = guarded.parser
    expat.ordered_attributes = False
    expat.StartElementHandler = start
    expat.EndElementHandler = None
    expat.CharacterDataHandler = None
    expat.DefaultHandlerExpand = None
    return expat


def _feed(parser: Any, chunk: bytes) -> None:
    try:
        parser.Parse(chunk, False)
    except DefusedXmlException as error:
        raise RosterFileError(
            "file-xml-entity",
            "活頁簿內含外部實體或文件類型宣告，基於安全不予讀取；請用試算表重新另存為 .xlsx。",
            "The workbook declares an XML entity or document type and is not read; save it again as .xlsx.",
        ) from error
    except (ExpatError, UnicodeError, LookupError) as error:
        raise _broken() from error


def _close(parser: Any) -> None:
    try:
        parser.Parse(b"", True)
    except ExpatError as error:
        raise _broken() from error


class _Scan:
    """Keeps sizes, hidden rows and relations of a member while its start tags pass by."""

    def __init__(self) -> None:
        self.hidden_rows: list[int] = []
        self.sheets: list[tuple[str, str]] = []
        self.targets: list[tuple[str, str]] = []
        self._row = 0
        self._rows_max = 0
        self._columns_max = 0
        self._column = 0

    @property
    def area(self) -> int:
        """Cells of the smallest rectangle from A1 that holds every cell."""
        return self._rows_max * self._columns_max

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Look at one start tag, whatever its namespace."""
        name = tag.rpartition("}")[2]
        if name == "c":
            self._see_cell(attributes.get("r", ""))
        elif name == "row":
            self._see_row(attributes)
        elif name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            self.sheets.append((identity, attributes.get("name", "")))
        elif name == "Relationship":
            self.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def _see_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        self._column = 0
        if attributes.get("hidden") in {"1", "true"}:
            self.hidden_rows.append(self._row)

    def _see_cell(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        self._column = _column_number(match[1]) if match else self._column + 1
        self._columns_max = max(self._columns_max, self._column)
        self._rows_max = max(self._rows_max, int(match[2]) if match else self._row)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _broken() -> RosterFileError:
    return RosterFileError(
        "file-damaged",
        "活頁簿已損壞或不完整，無法開啟；請用試算表重新另存為 .xlsx。",
        "The workbook is damaged or incomplete; save it again as .xlsx.",
    )


def _too_large() -> RosterFileError:
    return RosterFileError(
        "file-too-large",
        "活頁簿解開後過大，疑似壓縮炸彈或含大量空白儲存格；請只保留名冊的資料範圍再另存。",
        "The workbook unpacks to too much; keep only the cells of the roster and save again.",
    )
