"""What an XLSX holds, looked at before anything opens it: sizes, entities, cells, hidden rows and columns."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from xml.parsers.expat import ExpatError

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from licheng_exchange._rosters.model import RosterFileError
from licheng_exchange._rosters.workbook_text import (
    TEXT_MAX,
    SharedText,
    is_shared_text,
    shared_cells,
    shared_text,
    unfolded,
)

# Units: counts, bytes. A real roster of 100,000 rows and 15 columns unpacks to about 90 MB.
_MEMBERS_MAX: Final = 2_000
UNPACKED_MAX: Final = 400 * 2**20
_RATIO_MAX: Final = 300
_RATIO_FLOOR: Final = 8 * 2**20
CELLS_MAX: Final = 12_000_000
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,9})")
_MARKUP: Final = (b"<!DOCTYPE", b"<!ENTITY")
_UTF8_START: Final = re.compile(rb'(?:\xef\xbb\xbf)?<\?xml version="1.0" encoding="(?:UTF|utf)-8"')
_SMALL: Final = 256 * 2**10  # bytes of XML that are parsed exactly, however they are written
# A row or cell that does not name its place first, in double quotes and capitals, as common programs do.
_UNPLACED: Final = (
    r'<(?:c|row)(?:[\t\r\n/>]| [^r]| r[^=]| r=[^"])|<c r="[^A-Z]|<row r="[^0-9]|:(?:c|row)[ />]'
)
_COLUMNS_NEAR: Final = 26
_HIDDEN_ROW: Final = r'<row r="([0-9]+)"[^>]* hidden="(?:1|true)"'
_ERROR_CELL: Final = r'<c r="([A-Z]{1,3}[0-9]{1,9})"[^>]* t="e"'
_ERRORS_MAX: Final = 100_000  # own bound
_HIDDEN_COLUMN: Final = re.compile(r'<col [^>]*hidden="(?:1|true)"[^>]*>')


@dataclass(slots=True)
class SheetFacts:
    """What the start tags of a member say. Units: `area` in cells from A1 to the last one.

    `shared` counts the cells that name a shared string, `text` is what these unfold to, in bytes at most.
    `errors` are the (row, column), from 1, of cells whose formula failed.
    """

    area: int = 0
    shared: int = 0
    text: int = 0
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    formulas: int = 0
    errors: tuple[tuple[int, int], ...] = ()


def guard_workbook(data: bytes) -> dict[str, SheetFacts]:
    """Walk every member; returns the facts of each sheet by its title.

    Raises RosterFileError for what is no XLSX, has an XML entity or document type, or unpacks to too much.
    """
    try:
        with opened(data) as archive:
            infos = archive.infolist()
            _guard_kind({info.filename for info in infos})
            guard_size(infos, packed_bytes=len(data))
            return _guard_members(archive, infos)
    except ValueError as error:
        if isinstance(error, RosterFileError):
            raise
        raise broken() from error


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive a workbook is. Raises RosterFileError where it, or what is read of it, is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise broken() from error


def _guard_kind(names: set[str]) -> None:
    if "xl/workbook.xml" not in names:
        raise RosterFileError(
            "file-not-xlsx",
            "這個壓縮檔不是 .xlsx 或 .ods 活頁簿；請用試算表開啟後另存為 .xlsx。",
            "This archive is no .xlsx or .ods workbook; open it in a spreadsheet and save it as .xlsx.",
        )


def guard_size(infos: list[zipfile.ZipInfo], *, packed_bytes: int) -> None:
    """Raise RosterFileError for an archive of too many members, or one that unpacks to too much."""
    unpacked = sum(info.file_size for info in infos)
    bomb = unpacked > _RATIO_FLOOR and unpacked > packed_bytes * _RATIO_MAX
    if len(infos) > _MEMBERS_MAX or unpacked > UNPACKED_MAX or bomb:
        raise too_large()


def _guard_members(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, SheetFacts]:
    tags: dict[str, _Tags] = {}
    facts: dict[str, SheetFacts] = {}
    strings: list[SharedText] = []
    budget = UNPACKED_MAX
    for info in infos:
        with archive.open(info) as member:
            content = member.read(budget + 1)
        budget -= len(content)
        if budget < 0:
            raise too_large()
        name = info.filename.removeprefix("/")
        if not name.lower().endswith((".xml", ".rels", ".vml")) or not content:
            continue
        if is_shared_text(content):
            strings.append(shared_text(content))
        if len(content) > _SMALL and _is_plain(content, b"sst>"):
            continue
        if len(content) > _SMALL and _is_plain(content, b"worksheet>"):
            facts[name] = _facts_of(content)
        else:
            tags[name] = _parsed(content)
            facts[name] = tags[name].facts
    _weigh(archive, infos, facts, strings)
    paths = _paths(tags)
    _guard_cells(facts, paths)
    return {title: facts[path] for title, path in paths if path in facts}


def _weigh(
    archive: zipfile.ZipFile,
    infos: list[zipfile.ZipInfo],
    facts: dict[str, SheetFacts],
    strings: list[SharedText],
) -> None:
    """Fill in how much text the shared strings come to in each member."""
    for info in infos:
        fact = facts.get(info.filename.removeprefix("/"))
        if fact is not None and fact.shared and strings:
            fact.text = unfolded(partial(archive.read, info), fact.shared, strings)


def _guard_cells(facts: dict[str, SheetFacts], paths: list[tuple[str, str]]) -> None:
    """Count every sheet as often as the workbook names it: one member may stand for many sheets."""
    named = [path for _title, path in paths]
    once = [fact for path, fact in facts.items() if path not in named]
    largest = max(facts.values(), key=lambda fact: (fact.area, fact.text), default=SheetFacts())
    counted = [*once, *(facts.get(path, largest) for path in named)]
    if sum(fact.area for fact in counted) > CELLS_MAX or sum(fact.text for fact in counted) > TEXT_MAX:
        raise too_large()


def _paths(tags: "dict[str, _Tags]") -> list[tuple[str, str]]:
    """The sheets by title, with the member that each is in; a title may occur twice."""
    relations = tags.get("xl/_rels/workbook.xml.rels", _Tags()).targets
    paths = {
        identity: "xl/" + target.removeprefix("/xl/").removeprefix("xl/") for identity, target in relations
    }
    titles = tags["xl/workbook.xml"].sheets if "xl/workbook.xml" in tags else []
    return [(title, paths.get(identity, "")) for identity, title in titles]


def _is_plain(content: bytes, end: bytes) -> bool:
    """Whether a member is whole and in UTF-8, so that its tags may be searched for as they stand.

    Raises RosterFileError for a declaration of a document type or entity.
    """
    if b"<!" in content:
        if any(markup in content for markup in _MARKUP):
            raise entity()
        return False  # comments or character data, in which tags may stand that are none
    return _UTF8_START.match(content) is not None and content[-200:].rstrip().endswith(end)


def _facts_of(content: bytes) -> SheetFacts:
    """The facts of a large sheet by searching its text; parsed where it is written in an unusual way."""
    text = pl.Series([content.decode("utf-8")])
    if text.str.contains(_UNPLACED)[0]:
        return _parsed(content).facts
    height, width = _reach(text, rows=content.count(b"<row "))
    area = height * width
    if area > CELLS_MAX:
        area = _parsed(content).facts.area
    head = content[: max(content.find(b"<sheetData"), 0)].decode("utf-8", "replace")
    hidden = text.str.extract_all(_HIDDEN_ROW)[0].to_list() if b' hidden="' in content else []
    return SheetFacts(
        area=area,
        shared=shared_cells(content),
        hidden_rows=tuple(int(tag[len('<row r="') :].partition('"')[0]) for tag in hidden),
        hidden_columns=tuple(
            name for tag in _HIDDEN_COLUMN.findall(head) for name in column_names(_attributes(tag))
        ),
        formulas=int(text.str.count_matches("<f[ />]")[0]) if b"<f" in content else 0,
        errors=_error_places(text) if b't="e"' in content else (),
    )


def _error_places(text: pl.Series) -> tuple[tuple[int, int], ...]:
    names = text.str.extract_all(_ERROR_CELL).explode().str.extract(_ERROR_CELL).drop_nulls().to_list()
    places = [_REFERENCE.fullmatch(name) for name in names[:_ERRORS_MAX]]
    return tuple((int(place[2]), _column_number(place[1])) for place in places if place)


def _reach(text: pl.Series, *, rows: int) -> tuple[int, int]:
    """A last row and column that no cell lies beyond.

    Only references with more digits than rows need, or with several letters, are looked at one by one.
    """
    digits = len(str(2 * rows))
    pattern = rf'r="(?:[A-Z]{{2,3}}[0-9]{{1,9}}|[A-Z]?[0-9]{{{digits},9}})"'
    far = text.str.extract_all(pattern).explode().drop_nulls()
    height = far.str.extract('([0-9]+)"').cast(pl.Int64).max()
    letters = far.str.extract('r="([A-Z]{2,3})').drop_nulls().unique().to_list()
    width = max((_column_number(name) for name in letters), default=_COLUMNS_NEAR)
    return max(10 ** (digits - 1) - 1, int(str(height or 0))), width


def _attributes(tag: str) -> dict[str, str]:
    return dict(re.findall(r'([A-Za-z]+)="([^"]*)"', tag))


def column_names(attributes: dict[str, str]) -> list[str]:
    """The letters of the columns of one `col` tag, the first 26 of a long run."""
    first, last = attributes.get("min", ""), attributes.get("max", "")
    if not first.isdecimal() or not last.isdecimal():
        return []
    return [_column_letters(number) for number in range(int(first), min(int(last), int(first) + 25) + 1)]


def _parsed(content: bytes) -> "_Tags":
    """The start tags of a member; expat refuses what is not well formed.

    Without tree and text it is many times faster.
    """
    tags = _Tags()
    guarded = XMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    expat: Any = guarded.parser
    expat.ordered_attributes = False
    expat.StartElementHandler = tags.start
    expat.EndElementHandler = None
    expat.CharacterDataHandler = None
    expat.DefaultHandlerExpand = None
    try:
        expat.Parse(content, True)
    except DefusedXmlException as error:
        raise entity() from error
    except (ExpatError, UnicodeError, LookupError) as error:
        raise broken() from error
    return tags


class _Tags:
    """Keeps sizes, hidden rows and relations of a member while its start tags pass by."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.targets: list[tuple[str, str]] = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[str] = []
        self._formulas = 0
        self._errors: list[tuple[int, int]] = []
        self._shared = 0
        self._row = 0
        self._rows_max = 0
        self._columns_max = 0
        self._column = 0

    @property
    def facts(self) -> SheetFacts:
        """What the tags said; the area is the smallest rectangle from A1 that holds every cell."""
        return SheetFacts(
            area=self._rows_max * self._columns_max,
            shared=self._shared,
            hidden_rows=tuple(self._hidden_rows),
            hidden_columns=tuple(self._hidden_columns),
            formulas=self._formulas,
            errors=tuple(self._errors),
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Look at one start tag, whatever its namespace."""
        name = tag.rpartition("}")[2]
        see = _SEEN.get(name)
        if see is not None:
            see(self, attributes)

    def see_sheet(self, attributes: dict[str, str]) -> None:
        """A sheet of the workbook: the id of its relation and its title."""
        identity = next((value for key, value in attributes.items() if key.endswith("}id")), "")
        self.sheets.append((identity, attributes.get("name", "")))

    def see_relation(self, attributes: dict[str, str]) -> None:
        """A relation: its id and the member that it names."""
        self.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def see_column(self, attributes: dict[str, str]) -> None:
        """A range of columns."""
        if attributes.get("hidden") in {"1", "true"}:
            self._hidden_columns += column_names(attributes)

    def see_formula(self, _attributes: dict[str, str]) -> None:
        """A cell whose value was computed."""
        self._formulas += 1

    def see_row(self, attributes: dict[str, str]) -> None:
        """A row, placed by its number or behind the last one."""
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        self._column = 0
        if attributes.get("hidden") in {"1", "true"}:
            self._hidden_rows.append(self._row)

    def see_cell(self, attributes: dict[str, str]) -> None:
        """A cell, placed by its reference or beside the last one."""
        self._shared += attributes.get("t") == "s"
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column_number(match[1].upper()) if match else self._column + 1
        self._columns_max = max(self._columns_max, self._column)
        row = int(match[2]) if match else self._row
        self._rows_max = max(self._rows_max, row)
        if attributes.get("t") == "e" and len(self._errors) < _ERRORS_MAX:
            self._errors.append((row, self._column))


_SEEN: Final[dict[str, Callable[[_Tags, dict[str, str]], None]]] = {
    "c": _Tags.see_cell,
    "row": _Tags.see_row,
    "f": _Tags.see_formula,
    "col": _Tags.see_column,
    "sheet": _Tags.see_sheet,
    "Relationship": _Tags.see_relation,
}


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _column_letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def broken() -> RosterFileError:
    """The refusal of a workbook that cannot be read."""
    return RosterFileError(
        "file-damaged",
        "活頁簿已損壞或不完整，無法開啟；請用試算表重新另存為 .xlsx。",
        "The workbook is damaged or incomplete; save it again as .xlsx.",
    )


def entity() -> RosterFileError:
    """The refusal of a workbook that declares more than cells."""
    return RosterFileError(
        "file-xml-entity",
        "活頁簿內含外部實體或文件類型宣告，基於安全不予讀取；請用試算表重新另存為 .xlsx。",
        "The workbook declares an XML entity or document type and is not read; save it again as .xlsx.",
    )


def too_large() -> RosterFileError:
    """The refusal of a workbook that unfolds to more than a roster can be."""
    return RosterFileError(
        "file-too-large",
        "活頁簿解開後過大，疑似壓縮炸彈或含大量空白儲存格；請只保留名冊的資料範圍再另存。",
        "The workbook unpacks to too much; keep only the cells of the roster and save again.",
    )
