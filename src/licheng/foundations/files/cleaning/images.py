"""Pictures without their metadata, not decoded and encoded again: every pixel stays as it was."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

UPRIGHT, LAST_TURN = 1, 8  # EXIF's value for "not turned", and its last
ORIENTATION = 0x0112
MARK, EOI, SOS, COMMENT = 0xFF, 0xD9, 0xDA, 0xFE
LENGTH_BYTES = 2
APP_FIRST, APP_LAST, JFIF_SEGMENT, ICC_SEGMENT, ADOBE_SEGMENT = 0xE0, 0xEF, 0xE0, 0xE2, 0xEE
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length: TEM and the restarts
PNG_START = b"\x89PNG\r\n\x1a\n"
# What a picture needs to look as it did; text, times and EXIF are not among it. Source: PNG 3rd edition §11.
PNG_KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD"),
        *(b"hIST", b"pHYs", b"sPLT", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT"),
    }
)


def clean_jpeg(source: Path, target: Path) -> None:
    """Leave out camera, place, time, comments and what hangs on the end; a turned picture stays turned."""
    data = source.read_bytes()
    target.write_bytes(without_metadata(data, orientation=_orientation(source)))


def without_metadata(data: bytes, *, orientation: int = UPRIGHT) -> bytes:
    """A JPEG's own segments up to its first end mark.

    Raises ValueError when they do not follow each other as they must. Source: ITU-T T.81 annex B.
    """
    out = [b"\xff\xd8"]
    if orientation != UPRIGHT:
        out.append(_segment(0xE1, b"Exif\x00\x00" + _exif(orientation)))
    for marker, body, scan in _segments(data):
        if marker == JFIF_SEGMENT and body.startswith(b"JFIF\x00"):
            out.insert(
                1, _segment(marker, body[:12] + b"\x00\x00")
            )  # its thumbnail may show what was cut away
        elif _is_needed(marker, body):
            out.append(_segment(marker, body) + scan)
    return b"".join(out) + b"\xff\xd9"


def _is_needed(marker: int, body: bytes) -> bool:
    if marker == ICC_SEGMENT:
        return body.startswith(b"ICC_PROFILE\x00")
    if marker == ADOBE_SEGMENT:
        return body.startswith(b"Adobe")  # says how the colours are to be read
    return marker != COMMENT and not APP_FIRST <= marker <= APP_LAST


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, body and the picture data that follows a start of scan."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 4 > len(data) and data[at : at + 2] != b"\xff\xd9":
            raise ValueError("the JPEG ends in the middle")
        if data[at] != MARK:
            raise ValueError("no marker where one must be")
        marker = data[at + 1]
        if marker == EOI:
            return
        if marker in BARE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < LENGTH_BYTES or at + 2 + length > len(data):
            raise ValueError("a segment is longer than the file")
        end = at + 2 + length
        scan_end = _scan_end(data, end) if marker == SOS else end
        yield marker, data[at + 4 : end], data[end:scan_end]
        at = scan_end


def _scan_end(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("the picture data has no end")
        if data[at + 1] not in BARE and data[at + 1] not in (0x00, MARK):
            return at
        at += 1 if data[at + 1] == MARK else 2


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _exif(orientation: int) -> bytes:
    """A TIFF directory with nothing but the orientation."""
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0)
    return b"MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">H", 1) + entry + b"\x00\x00\x00\x00"


def _orientation(source: Path) -> int:
    with Image.open(source) as picture:
        value = picture.getexif().get(ORIENTATION, UPRIGHT)
    return value if isinstance(value, int) and UPRIGHT < value <= LAST_TURN else UPRIGHT


def clean_png(source: Path, target: Path) -> None:
    """Keep the chunks a picture is drawn from; a turned picture stays turned.

    Raises ValueError when a chunk does not fit its checksum or the end is missing.
    """
    data, orientation = source.read_bytes(), _orientation(source)
    out = BytesIO()
    out.write(PNG_START)
    for kind, body in _chunks(data):
        if kind in PNG_KEPT:
            out.write(_chunk(kind, body))
        if kind == b"IHDR" and orientation != UPRIGHT:
            out.write(_chunk(b"eXIf", _exif(orientation)))
    target.write_bytes(out.getvalue())


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(PNG_START):
        raise ValueError("no PNG")
    at, kind = len(PNG_START), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, end = data[at + 8 : at + 8 + length], at + 12 + length
        if end > len(data) or data[end - 4 : end] != zlib.crc32(kind + body).to_bytes(4, "big"):
            raise ValueError("a PNG chunk is broken")
        yield kind, body
        at = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
