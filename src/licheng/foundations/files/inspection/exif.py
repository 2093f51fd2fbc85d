"""What a picture's notes say of place, people and devices.

Source: CIPA DC-008 (Exif), Adobe XMP, IPTC-IIM, ITU-T T.81 annex B (segments).
"""

import re
import struct
from collections.abc import Iterator

from PIL import Image

MAX_BYTES = 4 * 2**20  # notes stand at the start of a picture
LOCATION, PERSONAL = "location-metadata", "personal-metadata"
GPS_FOLDER, EXIF_FOLDER = 0x8825, 0x8769
# Artist, host computer, XP author, camera owner, serial numbers of body and lens, unique id, maker's notes
PERSONAL_TAGS = frozenset({0x013B, 0x013C, 0x9C9D, 0xA430, 0xA431, 0xA435, 0xA420, 0x927C})
EXIF_START, XMP_START = b"Exif\x00", b"http://ns.adobe.com/xap/1.0/\x00"
LONG_XMP_START, PHOTOSHOP_START = b"http://ns.adobe.com/xmp/extension/\x00", b"Photoshop 3.0\x00"
XMP_LOCATION = re.compile(rb"GPS|Iptc4xmp\w+:Location|photoshop:(City|State|Country)", re.IGNORECASE)
XMP_PERSONAL = re.compile(
    rb"dc:creator|:Author|Artist|SerialNumber|OwnerName|CreatorContact|mwg-rs:Region|PersonInImage|LensID"
    rb"|RawFileName|photoshop:Credit|xmpRights|ImageUniqueID",
    re.IGNORECASE,
)
# record 2 of IPTC: by-line 80, 85; contact 118; writer 122; places 90, 92, 95, 100, 101
IPTC_PERSONAL = re.compile(rb"\x1c\x02[\x50\x55\x76\x7a]")
IPTC_LOCATION = re.compile(rb"\x1c\x02[\x5a\x5c\x5f\x64\x65]")


# in free text, and in the signed history that cameras and image programs add (C2PA)
PLACE_IN_TEXT = re.compile(rb"GPS|geo:-?\d|[+-]\d{1,2}\.\d{3,}[+-]\d{1,3}\.\d{3,}", re.IGNORECASE)
PLACE_IN_HISTORY = re.compile(rb"GPSL(?:at|ong)itude", re.IGNORECASE)
MARK, END, START_OF_SCAN, APP1, APP11, APP13, COMMENT = 0xFF, 0xD9, 0xDA, 0xE1, 0xEB, 0xED, 0xFE
TEM, RESTARTS = 0x01, range(0xD0, 0xD9)
PLACE_IN = {COMMENT: PLACE_IN_TEXT, APP11: PLACE_IN_HISTORY}


def codes_in_exif(data: bytes) -> set[str]:
    """Reason codes for an Exif block; one that cannot be read counts as personal."""
    exif = Image.Exif()
    try:
        exif.load(data if data.startswith(EXIF_START) else b"Exif\x00\x00" + data)
        tags = set(exif) | set(exif.get_ifd(EXIF_FOLDER))
        found = {PERSONAL} if tags & PERSONAL_TAGS else set()
        if any(exif.get_ifd(GPS_FOLDER)):
            found.add(LOCATION)
    except (
        SyntaxError,
        ValueError,
        OSError,
        KeyError,
        TypeError,
        OverflowError,
        struct.error,
    ):
        return {PERSONAL}
    return found


def codes_in_xmp(data: bytes) -> set[str]:
    """Reason codes for an XMP block: what it names, without parsing it."""
    found = {LOCATION} if XMP_LOCATION.search(data) else set()
    return found | ({PERSONAL} if XMP_PERSONAL.search(data) else set())


def codes_in_jpeg(data: bytes | memoryview) -> set[str]:
    """Reason codes for the segments before a JPEG's picture data."""
    found: set[str] = set()
    for marker, segment in segments(data):
        if marker == APP1 and segment[:5].lower() == EXIF_START.lower():  # readers take any case
            found |= codes_in_exif(EXIF_START + segment[5:])
        elif marker == APP1 and segment.startswith((XMP_START, LONG_XMP_START)):
            found |= codes_in_xmp(segment)
        elif marker == APP13 and segment.startswith(PHOTOSHOP_START):
            found |= {PERSONAL} if IPTC_PERSONAL.search(segment) else set()
            found |= {LOCATION} if IPTC_LOCATION.search(segment) else set()
        elif marker in PLACE_IN and PLACE_IN[marker].search(segment):
            found.add(LOCATION)
    return found


def segments(data: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each JPEG segment up to the first picture data."""
    place = 2
    while place + 4 <= len(data) and data[place] == MARK:
        marker = data[place + 1]
        if marker == MARK:  # fill
            place += 1
            continue
        if marker in (END, START_OF_SCAN):
            return
        if marker == TEM or marker in RESTARTS:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4])
        yield marker, bytes(data[place + 4 : place + 2 + length])
        place += 2 + max(2, length)
