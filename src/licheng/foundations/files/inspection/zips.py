"""ZIP archives: an own guard reads every header before any library opens a member.

Source: PKWARE APPNOTE 6.3.10 §4.3-4.5. All bounds are own bounds.
"""

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from licheng.foundations.files.inspection.model import Facts, Reason, Unfit

MAX_MEMBERS = 1_000
MAX_UNPACKED_BYTES = 100 * 2**20
MAX_RATIO = 100
RATIO_FLOOR_BYTES = 100_000  # blanks in a small text are packed better than any bomb
MAX_DEPTH = 2  # an archive inside an archive; not deeper
MAX_NESTED_BYTES = 32 * 2**20
MAX_DIRECTORY_BYTES = 4 * 2**20
MAX_NAME_SHOWN = 60
PIECE_BYTES = 2**18
END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
END_BYTES, LOCAL_BYTES, CENTRAL_BYTES, COMMENT_BYTES = 22, 30, 46, 65_535
FULL16, FULL32, ZIP64_EXTRA = 0xFFFF, 0xFFFFFFFF, 1
ENCRYPTED, STRONG, SIZES_LATER, UTF8 = 1, 1 << 6, 1 << 3, 1 << 11
UNIX = 3
METHODS = frozenset({0, 8, 12, 14})
NAME_CODECS = ("utf-8", "cp950", "big5hkscs", "cp437")
DRIVE = re.compile(r"[A-Za-z]:")
TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")  # characters that turn the reading direction of a name
PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
PROGRAM_NAMES = re.compile(
    r"\.(exe|com|scr|pif|cpl|msi|dll|bat|cmd|vbs|vbe|jse?|wsf|ps1|hta|lnk|reg|jar|apk|app|sh|docm|xlsm|pptm)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the archive's list."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    packed: int
    size: int
    offset: int
    mode: int


def office_kind(path: Path) -> str:
    """Which office or other format a ZIP really is; empty for a plain archive or one that is not whole."""
    try:
        names = set(names_in(path))
    except Unfit:
        return ""
    with path.open("rb") as file:
        first = file.read(100)
    if "[Content_Types].xml" in names:
        macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        for folder, kind in (
            ("xl/", "xlsm" if macros else "xlsx"),
            ("word/", "word"),
            ("ppt/", "powerpoint"),
        ):
            if any(name.startswith(folder) for name in names):
                return kind
    if b"mimetypeapplication/epub" in first:
        return "epub"
    if b"mimetypeapplication/vnd.oasis" in first:
        return "opendocument"
    return "java" if {"META-INF/MANIFEST.MF", "AndroidManifest.xml", "classes.dex"} & names else ""


def names_in(path: Path) -> list[str]:
    """The names of an archive's members. Raises Unfit for an archive that is not whole."""
    with path.open("rb") as file:
        return [member.name for member in _listed(file, path.stat().st_size)[0]]


def check_structure(path: Path) -> None:
    """Raise Unfit where names, flags or places of the members are unsafe; nothing is unpacked."""
    with path.open("rb") as file:
        members, directory_at = _listed(file, path.stat().st_size)
        _check_names(members)
        for member in members:
            _check_flags(member)
        _check_places(file, members, directory_at)


def read(path: Path) -> tuple[Facts, list[Reason]]:
    """Count what an archive holds after every member was unpacked (and thrown away) within bounds.

    Raises Unfit for a password, links, unsafe or double names, overlapping or lying members, and bombs.
    """
    with path.open("rb") as file:
        members, unpacked = _guarded(file, path.stat().st_size, depth=1, left=MAX_UNPACKED_BYTES)
    return {"files": members, "unpacked_bytes": unpacked}, []


def _guarded(file: BinaryIO, size: int, *, depth: int, left: int) -> tuple[int, int]:
    members, directory_at = _listed(file, size)
    files = [member for member in members if not member.raw_name.endswith(b"/")]
    if not files:
        raise Unfit("empty-archive")
    if len(members) > MAX_MEMBERS or sum(member.size for member in members) > left:
        raise Unfit("archive-bomb")
    _check_names(members)
    for member in members:
        _check_member(member)
    _check_places(file, members, directory_at)
    file.seek(0)
    unpacked = 0
    try:
        with zipfile.ZipFile(file) as archive:
            for info, member in zip(archive.infolist(), members, strict=True):
                unpacked += _unpacked(archive, info, member, depth=depth, left=left - unpacked)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error) as broken:
        raise Unfit("broken-archive") from broken
    except (NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as broken:
        raise Unfit("broken-archive") from broken
    return len(files), unpacked


def _listed(file: BinaryIO, size: int) -> tuple[list[Member], int]:
    """The lines of the central directory, and where it begins."""
    count, length, offset = _end_record(file, size)
    if length > MAX_DIRECTORY_BYTES or count > MAX_MEMBERS * 10:
        raise Unfit("archive-bomb")
    if offset + length > size:
        raise Unfit("broken-archive")
    file.seek(offset)
    members = list(_lines(file.read(length)))
    if len(members) != count:
        raise Unfit("archive-lies")
    return members, offset


def _end_record(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Number of members, length and place of the list. Raises Unfit unless the end record ends the file."""
    file.seek(max(0, size - END_BYTES - COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or at + END_BYTES > len(tail):
        raise Unfit("broken-archive")
    disk, start_disk, here, count, length, offset, comment = struct.unpack(
        "<HHHHIIH", tail[at + 4 : at + END_BYTES]
    )
    if tail[at + END_BYTES + comment :].strip(b"\x00"):
        raise Unfit("bytes-after-end")
    if at + END_BYTES + comment > len(tail):
        raise Unfit("broken-archive")
    if FULL16 in (disk, count) or FULL32 in (length, offset):
        return _end_record64(file, size - len(tail) + at)
    if disk or start_disk or here != count:
        raise Unfit("broken-archive")  # one part of an archive in several files
    return count, length, offset


def _end_record64(file: BinaryIO, end_at: int) -> tuple[int, int, int]:
    file.seek(max(0, end_at - 20))
    locator = file.read(20)
    if not locator.startswith(LOCATOR64):
        raise Unfit("broken-archive")
    file.seek(struct.unpack("<Q", locator[8:16])[0] & (2**63 - 1))
    record = file.read(56)
    if len(record) < 56 or not record.startswith(END64):  # noqa: PLR2004 -- length of the record
        raise Unfit("broken-archive")
    count, length, offset = struct.unpack("<QQQ", record[32:56])
    return count, length, offset


def _lines(directory: bytes) -> Iterator[Member]:
    place = 0
    while place + CENTRAL_BYTES <= len(directory):
        if directory[place : place + 4] != CENTRAL:
            raise Unfit("broken-archive")
        fields = struct.unpack("<HHHHHHIIIHHHHHII", directory[place + 4 : place + CENTRAL_BYTES])
        made_by, _, flags, method, _, _, _, packed, size, name_length, extra_length, comment_length = fields[
            :12
        ]
        name_at = place + CENTRAL_BYTES
        raw_name = directory[name_at : name_at + name_length]
        extra = directory[name_at + name_length : name_at + name_length + extra_length]
        offset = fields[15]
        if FULL32 in (packed, size, offset):
            packed, size, offset = _large(extra, packed, size, offset)
        mode = fields[14] >> 16 if made_by >> 8 == UNIX else 0
        yield Member(_name(raw_name, flags), raw_name, flags, method, packed, size, offset, mode)
        place = name_at + name_length + extra_length + comment_length


def _large(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Sizes and place from the ZIP64 extra field, for those that do not fit into 32 bits."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[place : place + 4])
        if kind == ZIP64_EXTRA:
            body = extra[place + 4 : place + 4 + length]
            numbers = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            size = next(numbers, size) if size == FULL32 else size
            packed = next(numbers, packed) if packed == FULL32 else packed
            offset = next(numbers, offset) if offset == FULL32 else offset
        place += 4 + length
    return packed, size, offset


def _name(raw: bytes, flags: int) -> str:
    """A member's name; without the UTF-8 flag it is what Windows or macOS in Taiwan wrote."""
    for codec in ("utf-8",) if flags & UTF8 else NAME_CODECS:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise Unfit("archive-name", name=raw.decode("utf-8", "replace")[:MAX_NAME_SHOWN])


def _check_names(members: list[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        plain = member.name.replace("\\", "/")
        parts = plain.rstrip("/").split("/")
        unsafe = ".." in parts or plain.startswith("/") or DRIVE.match(plain) or "\x00" in plain
        if unsafe or TURNED.search(plain) or not plain or plain in seen:
            raise Unfit("archive-name", name=_shown(member.name))
        seen.add(plain)


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:MAX_NAME_SHOWN]


def _check_flags(member: Member) -> None:
    if member.flags & (ENCRYPTED | STRONG):
        raise Unfit("encrypted-archive")
    if stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unfit("archive-link", name=_shown(member.name))
    if member.method not in METHODS:
        raise Unfit("broken-archive")


def _check_member(member: Member) -> None:
    _check_flags(member)
    if member.size > RATIO_FLOOR_BYTES and member.size > member.packed * MAX_RATIO:
        raise Unfit("archive-bomb")
    if PROGRAM_NAMES.search(member.name):
        raise Unfit("archive-program", name=_shown(member.name))


def _check_places(file: BinaryIO, members: list[Member], directory_at: int) -> None:
    """Every member stands where the list says, under the same name and size, and none lies over another."""
    free_from = 0
    for member in sorted(members, key=lambda one: one.offset):
        file.seek(member.offset)
        header = file.read(LOCAL_BYTES)
        if len(header) < LOCAL_BYTES or not header.startswith(LOCAL):
            raise Unfit("broken-archive")
        flags, method, _, _, _, packed, size, name_length, extra_length = struct.unpack(
            "<HHHHIIIHH", header[6:]
        )
        name = file.read(name_length)
        later = flags & SIZES_LATER or FULL32 in (packed, size)
        sizes_differ = not later and (packed, size) != (member.packed, member.size)
        if (
            name != member.raw_name
            or method != member.method
            or sizes_differ
            or (flags ^ member.flags) & ENCRYPTED
        ):
            raise Unfit("archive-lies")
        if member.offset < free_from:
            raise Unfit("archive-lies")
        free_from = member.offset + LOCAL_BYTES + name_length + extra_length + member.packed
        if free_from > directory_at:
            raise Unfit("archive-lies")


def _unpacked(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, member: Member, *, depth: int, left: int
) -> int:
    """Unpack one member without keeping it; what is itself an archive is looked into."""
    size, start, kept = 0, b"", bytearray()
    with archive.open(info) as content:
        while piece := content.read(PIECE_BYTES):
            start = start or piece[:8]
            size += len(piece)
            if size > left:
                raise Unfit("archive-bomb")
            if start.startswith(LOCAL):
                kept += piece
                if len(kept) > MAX_NESTED_BYTES:
                    raise Unfit("archive-bomb")
    if size != member.size:
        raise Unfit("archive-lies")
    if start.startswith(PROGRAM_STARTS):
        raise Unfit("archive-program", name=_shown(member.name))
    if kept:
        if depth >= MAX_DEPTH:
            raise Unfit("archive-bomb")
        size += _guarded(BytesIO(bytes(kept)), len(kept), depth=depth + 1, left=left - size)[1]
    return size
