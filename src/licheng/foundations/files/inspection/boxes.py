"""The boxes of an MP4: whether they fill the file, and what they say of place and device.

Source: ISO/IEC 14496-12 (boxes), Apple QuickTime File Format (user data, keys), 3GPP TS 26.244 (loci).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from licheng.foundations.files.inspection import exif
from licheng.foundations.files.inspection.model import Unfit

HEADER, LARGE_HEADER = 8, 16
MAX_BOXES = 20_000  # an hour of fragments of a second makes 7,200; 1.2 million held a worker for 16 s
MAX_INDEX_BYTES = 64 * 2**20  # of the moov box
MAX_DEPTH = 12
CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"meta", b"ilst", b"moof", b"traf"}
)
PLACES = frozenset({b"\xa9xyz", b"loci", b"\xa9gps"})
PEOPLE = frozenset({b"\xa9aut", b"auth", b"ownr"})
DEVICES = frozenset({b"\xa9ser", b"\xa9sno"})
# tracks of measurements: GoPro, Android camera motion, Apple timed metadata, Sony
PLACE_TRACKS = frozenset({b"gpmd", b"camm", b"mebx", b"rtmd"})
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@dataclass(frozen=True, slots=True)
class Box:
    """One box inside data: its kind and where its content stands."""

    kind: bytes
    start: int
    end: int


def top_boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and length of each top-level box.

    Raises Unfit when one runs past the end of the file (an interrupted upload) or there are too many.
    """
    position = count = 0
    while position < size:
        count += 1
        file.seek(position)
        kind, length = _header(file.read(LARGE_HEADER), size - position)
        if length == 0 and _rest_is_zeros(file, position, size):
            return
        if length < HEADER or position + length > size or count > MAX_BOXES:
            raise Unfit("truncated-media")
        yield kind, position, length
        position += length


def _header(header: bytes, remaining: int) -> tuple[bytes, int]:
    if len(header) < HEADER:
        return b"", 0
    length, kind = struct.unpack(">I4s", header[:HEADER])
    if kind == bytes(4):
        return kind, 0
    if length == 1 and len(header) == LARGE_HEADER:
        length = struct.unpack(">Q", header[HEADER:])[0]
    return kind, length or remaining


def _rest_is_zeros(file: BinaryIO, position: int, size: int) -> bool:
    """Whether only padding follows; a card's last block is often filled up."""
    file.seek(position)
    return size - position <= MAX_INDEX_BYTES and not file.read().strip(b"\x00")


def codes_in_index(moov: bytes) -> set[str]:
    """Reason codes for what the index says beside the film itself."""
    found: set[str] = set()
    for count, box in enumerate(_boxes(moov, 0, len(moov), 0)):
        if count > MAX_BOXES:
            raise Unfit("broken-media")
        found |= _codes_of(box, moov)
    return found


def _codes_of(box: Box, moov: bytes) -> set[str]:
    body = moov[box.start : min(box.end, box.start + exif.MAX_BYTES)]
    if box.kind in PLACES or (box.kind == b"stsd" and body[12:16] in PLACE_TRACKS):
        return {exif.LOCATION}
    if box.kind in DEVICES or box.kind in PEOPLE:
        return {exif.PERSONAL}
    if box.kind in (b"keys", b"----"):  # Apple's and iTunes' free names
        return codes_of_keys(body)
    if box.kind == b"XMP_" or (box.kind == b"uuid" and body.startswith(XMP_UUID)):
        return exif.codes_in_xmp(body)
    return set()


def codes_of_keys(body: bytes) -> set[str]:
    """Reason codes for the names of free metadata."""
    body = body.lower()
    found = {exif.LOCATION} if b"location" in body or b"gps" in body or b"latitude" in body else set()
    personal = (b"author", b"artist.owner", b"serial", b"contentidentifier", b"content.identifier", b"owner")
    return found | ({exif.PERSONAL} if any(one in body for one in personal) else set())


def _boxes(data: bytes, start: int, end: int, depth: int) -> Iterator[Box]:
    while start + HEADER <= end:
        kind, length = _header(data[start : start + LARGE_HEADER], end - start)
        if length < HEADER or start + length > end:
            return
        content = start + HEADER
        yield Box(kind, content, start + length)
        if kind in CONTAINERS and depth < MAX_DEPTH:
            # in MP4 a meta box begins with version and flags, in QuickTime it does not
            if kind == b"meta" and data[content + 4 : content + 8] != b"hdlr":
                content += 4
            yield from _boxes(data, content, start + length, depth + 1)
        start += length
