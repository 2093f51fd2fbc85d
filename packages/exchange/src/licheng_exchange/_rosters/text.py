"""Bytes to text: which encoding a file of a Taiwanese school is in."""

import codecs
from dataclasses import dataclass, replace
from typing import Final

from licheng_exchange._rosters.model import Note, RosterFileError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Damaged text is read with replacement marks up to this share, so that the rows themselves can be named.
_DAMAGE_SHARE: Final = 0.02
_USUAL_SHARE: Final = 0.9
_CONTROL: Final = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1a")
# Python's cp950 has the kana of the first Big5 tables at C6A1 to C7FC; ETEN systems and HKSCS have them
# elsewhere, and rare ideographs such as 丶 in their stead. A file with these bytes is read as the latter.
_OTHERWISE_PLACED: Final = frozenset(
    bytes((lead, trail)).decode("cp950", "ignore")
    for lead in (0xC6, 0xC7)
    for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    if (lead, trail) >= (0xC6, 0xA1)
) - {""}
_TRAILS: Final = 157  # second bytes of Big5
# First and last lead byte of the areas for characters of one's own, and where each begins in Unicode.
_USER_AREAS: Final = ((0xFA, 0xFE, 0xE000), (0x8E, 0xA0, 0xE311), (0x81, 0x8D, 0xEEB8))
_USER_DEFINED: Final = "licheng-user-defined"
_BINARY_STARTS: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the Python codec that read it, and what a person should know about the reading.

    `doubtful` are characters whose bytes stand for another one in systems with their own extension.
    """

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()
    doubtful: frozenset[str] = frozenset()


def decode_text(data: bytes) -> Decoded:
    """Read bytes as UTF-8, UTF-16, CP950 or Big5-HKSCS, in that order of proof.

    Raises RosterFileError for an empty file, binary data, NUL bytes, or text in none of these encodings.
    """
    if not data.strip(b" \t\r\n\x00\x1a") or data in [mark for mark, _ in _BOMS]:
        raise RosterFileError("file-empty", "檔案是空的。", "The file is empty.")
    if data.startswith(_BINARY_STARTS):
        raise _not_text()
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(_with_bom(data[len(mark) :], encoding))
    if b"\x00" in data:
        return _checked(_without_bom(data))
    try:
        return _checked(Decoded(data.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        decoded = Decoded(data.decode("cp950"), "cp950")
    except UnicodeDecodeError:
        return _checked(_hkscs_or_damaged(data))
    return _checked(_hkscs(data) or decoded if _OTHERWISE_PLACED.intersection(decoded.text) else decoded)


def _with_bom(body: bytes, encoding: str) -> Decoded:
    decoded = body.decode(encoding, errors="replace")
    return Decoded(decoded, encoding, _damage_notes(decoded, body))


def _without_bom(data: bytes) -> Decoded:
    """UTF-16 without its mark, only when exactly one byte order gives ordinary text."""
    fitting = [
        Decoded(text, order) for order in ("utf-16-le", "utf-16-be") if (text := _usual_text(data, order))
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise RosterFileError(
        "file-nul-bytes",
        "檔案含有 NUL 位元組，不是純文字；請從試算表另存為 CSV UTF-8 或 .xlsx。",
        "The file has NUL bytes and is not plain text; save it again as CSV UTF-8 or .xlsx.",
    )


def _usual_text(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return ""
    usual = sum(1 for character in text if _is_usual(character))
    return text if "\x00" not in text and usual >= len(text) * _USUAL_SHARE else ""


def _is_usual(character: str) -> bool:
    return (
        " " <= character <= "~"
        or character in "\t\r\n"
        or "\u4e00" <= character <= "\u9fff"
        or "\u3000" <= character <= "\u303f"
        or "\uff01" <= character <= "\uff5e"
    )


def _hkscs_or_damaged(data: bytes) -> Decoded:
    extended = _hkscs(data)
    if extended is not None:
        return extended
    readings = {
        "utf-8": data.decode("utf-8", errors="replace"),
        "cp950": data.decode("cp950", errors=_USER_DEFINED),
    }
    fewest = min(readings, key=lambda name: readings[name].count("\ufffd"))
    return Decoded(readings[fewest], fewest, _damage_notes(readings[fewest], data))


def _user_defined(error: UnicodeError) -> tuple[str, int]:
    """造字 of Windows: the private-use character of their place; U+FFFD for other bytes.

    Source: Microsoft's table of code page 950, areas in the order in which they begin in Unicode.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    lead, trail = (*error.object[error.start : error.start + 2], 0)[:2]
    place = trail - 0x40 if trail < 0x7F else trail - 0x62  # noqa: PLR2004 -- the gap 7F-A0 in second bytes
    is_trail = 0x40 <= trail <= 0x7E or 0xA1 <= trail <= 0xFE  # noqa: PLR2004 -- second bytes of Big5
    for first, last, start in _USER_AREAS:
        if is_trail and first <= lead <= last:
            return chr(start + (lead - first) * _TRAILS + place), error.start + 2
    return "\ufffd", error.start + 1


def _hkscs(data: bytes) -> Decoded | None:
    try:
        text = data.decode("big5hkscs")
    except UnicodeDecodeError:
        return None
    note = Note(
        "encoding-hkscs",
        "檔案含有 Big5 擴充字（香港增補字集或自造字），請核對罕用字；建議改存 UTF-8。",
        "The file has characters of a Big5 extension; check rare characters, better save as UTF-8.",
    )
    # four of its codes are a letter and a combining mark, which has no code alone
    as_either = ((one, one.encode("cp950", "ignore"), one.encode("big5hkscs", "ignore")) for one in set(text))
    doubtful = frozenset(one for one, plain, extended in as_either if not extended or plain != extended)
    return Decoded(text, "big5hkscs", (note,), doubtful)


def _damage_notes(text: str, data: bytes) -> tuple[Note, ...]:
    damaged = text.count("\ufffd")
    if damaged > 1 + len(data) * _DAMAGE_SHARE:
        raise RosterFileError(
            "file-encoding",
            "無法辨識檔案的文字編碼；請從試算表另存為 CSV UTF-8 或 .xlsx。",
            "The text encoding is not known; save the file again as CSV UTF-8 or .xlsx.",
        )
    if not damaged:
        return ()
    return (
        Note(
            "encoding-damaged",
            f"有 {damaged} 處文字無法還原，以「\ufffd」表示；請從來源系統重新匯出。",
            f"{damaged} places could not be decoded and show as U+FFFD; export the file again.",
        ),
    )


def _checked(decoded: Decoded) -> Decoded:
    text = decoded.text.lstrip("\ufeff")
    if "\x00" in text:
        raise RosterFileError(
            "file-nul-bytes",
            "檔案含有 NUL 位元組，不是純文字；請從試算表另存為 CSV UTF-8 或 .xlsx。",
            "The file has NUL bytes and is not plain text; save it again as CSV UTF-8 or .xlsx.",
        )
    head = text[:4096]
    if sum(1 for character in head if character in _CONTROL) > 1 + len(head) // 100:
        raise _not_text()
    return replace(decoded, text=text.rstrip("\x1a"))


def _not_text() -> RosterFileError:
    return RosterFileError(
        "file-binary",
        "這不是文字檔或試算表；請從試算表另存為 .xlsx 或 CSV UTF-8。",
        "This is neither a text file nor a workbook; save it as .xlsx or CSV UTF-8.",
    )


codecs.register_error(_USER_DEFINED, _user_defined)
