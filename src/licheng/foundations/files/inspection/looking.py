"""The inspection itself; runs inside the sandbox, where every library that reads strangers' bytes runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from licheng.foundations.files.inspection import content, images, media, pdf, tails, zips
from licheng.foundations.files.inspection.model import (
    ALL_TYPES,
    EXTENSIONS,
    JPEG,
    MP3,
    MP4,
    PDF,
    PNG,
    TEXT,
    TYPES_OF,
    XLSX,
    ZIP,
    Facts,
    Kind,
    Reason,
    Unfit,
    as_answer,
)

MAX_BYTES = 512 * 2**20  # own bound; uploads have their own, far lower ones
READERS: dict[str, Callable[[Path], tuple[Facts, list[Reason]]]] = {
    PDF: pdf.read,
    JPEG: images.read_jpeg,
    PNG: images.read_png,
    MP3: media.read_mp3,
    MP4: media.read_mp4,
    ZIP: zips.read,
}


def look(path: str, name: str, kind: str | None, allowed: list[str] | None) -> dict[str, Any]:
    """Type, reasons and facts of one file, as JSON; `inspect` turns them into a verdict.

    Tables are only named here: `rosters.look` reads them.
    """
    media_type = ""
    facts: Facts = {}
    reasons: list[Reason] = []
    types = TYPES_OF[Kind(kind)] if kind else ALL_TYPES
    types &= frozenset(allowed) if allowed is not None else ALL_TYPES
    try:
        media_type = _type_of(Path(path), types, name, kind)
        _taken(Path(path), media_type, types, name, kind)
        if media_type in READERS:
            facts, reasons = READERS[media_type](Path(path))
        if media_type in EXTENSIONS:
            tails.check_for_second_file(Path(path), media_type)
    except Unfit as unfit:
        reasons = [unfit.reason]
    except RecursionError:
        reasons = [Reason("cannot-be-inspected")]
    return as_answer(media_type, reasons, facts)


def _type_of(path: Path, types: frozenset[str], name: str, kind: str | None) -> str:
    size = path.stat().st_size
    if size == 0:
        raise Unfit("empty")
    if size > MAX_BYTES:
        raise Unfit("too-large", limit=MAX_BYTES // 2**20)
    start = _start_of(path)
    media_type = content.type_by_content(start)
    what = zips.office_kind(path) if media_type == ZIP else ""
    if what == "xlsm":
        raise Unfit("sheet-macros")
    if media_type and what in ("", "xlsx"):
        return XLSX if what else media_type
    what = what or content.label_by_content(start)
    if what:
        raise _other(what, types, name, kind)
    if not start.strip(b"\x00"):
        raise Unfit("type-unknown", wanted=content.wanted(types))
    if kind == Kind.ROSTER or content.is_text(start) or content.is_text_name(name):
        return TEXT
    raise Unfit("type-unknown", wanted=content.wanted(types))


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(content.SIGNATURE_BYTES)


def _taken(path: Path, media_type: str, types: frozenset[str], name: str, kind: str | None) -> None:
    if media_type not in types:
        raise _other(content.LABEL_OF[media_type], types, name, kind)
    if media_type == TEXT and content.PDF_START in _start_of(path)[: content.PDF_START_WITHIN]:
        raise Unfit("bytes-before-start")
    content.check_name(media_type, name)


def _other(what: str, types: frozenset[str], name: str, kind: str | None) -> Unfit:
    if (kind == Kind.ROSTER or content.is_sheet_name(name)) and what in content.SAVED_AS_SHEET:
        return Unfit("not-a-sheet", what=what)
    return Unfit("type-not-allowed", what=what, wanted=content.wanted(types))
