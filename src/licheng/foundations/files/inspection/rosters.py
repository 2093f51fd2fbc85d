"""Rosters: text in one of the encodings of Taiwanese schools, or a workbook that opens safely.

Whether the columns are those of a roster is asked later, where the rows are read.
"""

from pathlib import Path
from typing import Any

from licheng_exchange import RosterFileError, decode_text, read_workbook

from licheng.foundations.files.inspection import content, zips
from licheng.foundations.files.inspection.model import TEXT, XLSX, Facts, Reason, Unfit, as_answer

MAX_BYTES = 64 * 2**20
LINKS = "xl/externallinks/"


def look(path: str, media_type: str) -> dict[str, Any]:
    """Reasons and facts of a text file or workbook, in the form of `looking.look`.

    A function of its own, so that the libraries for tables are loaded only where rosters are handed in.
    """
    try:
        facts, reasons = READERS[media_type](Path(path))
    except Unfit as unfit:
        facts, reasons = {}, [unfit.reason]
    return as_answer(media_type, reasons, facts)


def read_text(path: Path) -> tuple[Facts, list[Reason]]:
    """Lines and encoding of a text file.

    Raises Unfit for binary content, NUL bytes, an unknown encoding, or a page of markup.
    """
    data = _bytes(path)
    try:
        decoded = decode_text(data)
    except RosterFileError as refusal:
        raise _unfit(refusal) from refusal
    what = content.markup(decoded.text[: content.SIGNATURE_BYTES].encode("utf-8", "replace"))
    if what:
        raise Unfit("not-a-sheet", what=what)
    return {"rows": len(decoded.text.splitlines()), "encoding": decoded.encoding}, []


def read_sheet(path: Path) -> tuple[Facts, list[Reason]]:
    """Sheets and rows of a workbook that the guarded reader opens.

    Raises Unfit for what is damaged, unfolds to too much, has entities or unsafe members.
    """
    zips.check_structure(path)
    data = _bytes(path)
    try:
        sheets = read_workbook(data)
    except RosterFileError as refusal:
        raise _unfit(refusal) from refusal
    rows = sum(len(sheet.rows) for sheet in sheets)
    names = zips.names_in(path)
    linked = any(name.lower().startswith(LINKS) for name in names)
    return {"sheets": len(sheets), "rows": rows}, [Reason("sheet-links")] if linked else []


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise Unfit("too-large", limit=MAX_BYTES // 2**20)
    return path.read_bytes()


def _unfit(refusal: RosterFileError) -> Unfit:
    return Unfit("sheet-refused", zh=refusal.text_zh, en=refusal.text_en)


READERS = {TEXT: read_text, XLSX: read_sheet}
