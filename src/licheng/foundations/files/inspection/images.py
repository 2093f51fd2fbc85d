"""Pictures: bounds by the header before anything is decoded, then decoded whole; what their notes tell."""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from licheng.foundations.files.inspection import exif
from licheng.foundations.files.inspection.model import Facts, Reason, Unfit
from licheng.foundations.files.inspection.tails import JpegShape, what_follows

MAX_PIXELS = 60_000_000  # own bound: a 4 MB photo of a current phone has 12-50 million pixels
MAX_FILE_BYTES = 128 * 2**20
MAX_SCANS = 100  # a progressive photo has about ten
MAX_CHUNKS = 50_000
MAX_TEXT_CHUNKS = 200
MAX_TEXT_BYTES = 2**20  # of one note, unfolded
PNG_START = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
HISTORY = b"caBX"  # C2PA's
PERSONAL_KEYS = frozenset({b"author", b"artist", b"creator", b"owner", b"by-line"})
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
Image.preinit()  # before any fork: loading the readers takes longer than reading a picture


def read_jpeg(path: Path) -> tuple[Facts, list[Reason]]:
    """Width and height of a JPEG that decodes whole, and what its notes tell.

    Raises Unfit when it claims too many pixels or passes (before any is decoded), is broken, or hides a file.
    """
    data = _bytes(path)
    shape = JpegShape(data)
    _check_pixels(shape.width, shape.height)
    if shape.scans > MAX_SCANS:
        raise Unfit("image-bomb")
    facts = _decoded(data)
    reasons = what_follows(data[shape.end :])
    codes = exif.codes_in_jpeg(data[: exif.MAX_BYTES]) - {reason.code for reason in reasons}
    return facts, [Reason(code) for code in sorted(codes)] + reasons


def read_png(path: Path) -> tuple[Facts, list[Reason]]:
    """Width and height of a PNG that decodes whole, and what its notes tell.

    Raises Unfit when it claims too many pixels or parts (before any is decoded), is broken, or hides a file.
    """
    data = _bytes(path)
    codes: set[str] = set()
    end, texts = len(PNG_START), 0
    for number, (kind, chunk) in enumerate(_chunks(data)):
        if number == 0:
            if kind != b"IHDR" or len(chunk) != 13:  # noqa: PLR2004 -- PNG specification 11.2.1
                raise Unfit("broken-image")
            _check_pixels(*struct.unpack(">II", chunk[:8]))
        texts += kind in TEXTS
        if number > MAX_CHUNKS or texts > MAX_TEXT_CHUNKS:
            raise Unfit("image-bomb")
        codes |= _codes_of_chunk(kind, chunk)
        end += len(chunk) + 12
        if kind == b"IEND":
            break
    else:
        raise Unfit("broken-image")
    facts = _decoded(data)
    reasons = what_follows(data[end:])
    codes -= {reason.code for reason in reasons}
    return facts, [Reason(code) for code in sorted(codes)] + reasons


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unfit("too-large", limit=MAX_FILE_BYTES // 2**20)
    return path.read_bytes()


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Unfit("too-many-pixels", limit=MAX_PIXELS // 10_000)


def _decoded(data: bytes) -> Facts:
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
            width, height = image.size
            _check_pixels(width, height)
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Unfit("too-many-pixels", limit=MAX_PIXELS // 10_000) from bomb
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error) as broken:
        raise Unfit("broken-image") from broken
    except (KeyError, IndexError, TypeError, AttributeError, OverflowError) as broken:  # of Pillow's parsers
        raise Unfit("broken-image") from broken
    return {"width": width, "height": height, "pixels": width * height, "pages": 1}


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_START)
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        if place + 12 + length > len(data):
            return
        yield kind, data[place + 8 : place + 8 + length]
        place += 12 + length


def _codes_of_chunk(kind: bytes, chunk: bytes) -> set[str]:
    if kind == b"eXIf":
        return exif.codes_in_exif(chunk)
    if kind == HISTORY and exif.PLACE_IN_HISTORY.search(chunk):
        return {exif.LOCATION}
    if kind not in TEXTS:
        return set()
    key, text = _note(kind, chunk)
    if key.startswith(b"raw profile type"):  # as ImageMagick writes it: name, length, hexadecimal digits
        digits = re.sub(rb"[^0-9a-fA-F]", b"", b"".join(text.split(b"\n")[3:]))
        raw = bytes.fromhex(digits[: len(digits) & ~1].decode())
        return exif.codes_in_exif(raw) if b"exif" in key or b"app1" in key else exif.codes_in_xmp(raw)
    found = exif.codes_in_xmp(text) if b"xmp" in key else set()
    if exif.PLACE_IN_TEXT.search(text) or b"location" in key or b"gps" in key:
        found.add(exif.LOCATION)
    if key in PERSONAL_KEYS:
        found.add(exif.PERSONAL)
    return found


def _note(kind: bytes, chunk: bytes) -> tuple[bytes, bytes]:
    """Keyword in lower case and text of a note. Source: PNG specification 11.3.3."""
    key, _, rest = chunk.partition(b"\x00")
    packed = False
    if kind == b"zTXt":
        packed, rest = True, rest[1:]
    elif kind == b"iTXt":
        packed, rest = rest[:1] == b"\x01", rest[2:]
        _language, _, rest = rest.partition(b"\x00")
        _translated, _, rest = rest.partition(b"\x00")
    if packed:
        unfolding = zlib.decompressobj()
        try:
            rest = unfolding.decompress(rest, MAX_TEXT_BYTES)
        except zlib.error as broken:
            raise Unfit("broken-image") from broken
        if unfolding.unconsumed_tail:
            raise Unfit("image-bomb")
    return key.lower(), rest
