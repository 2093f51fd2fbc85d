"""Second files: what stands behind the end of a picture, sound or film, or shares its bytes."""

import re
import struct
import zipfile
from pathlib import Path

from licheng.foundations.files.inspection import content, exif
from licheng.foundations.files.inspection.model import PDF, Reason, Unfit

PADDING = b"\x00\xff\r\n\t "
# Signatures long enough not to come up by chance; the short ones count at the beginning of the tail only.
ANYWHERE = ((b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"%PDF-", "pdf"))
MARKUP = re.compile(rb"<(!doctype|html|head|body|script|svg|iframe|\?php)\b", re.IGNORECASE)
MARKUP_WITHIN = 64 * 1024
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def check_for_second_file(path: Path, media_type: str) -> None:
    """Raise Unfit when programs that read from the end, or search the start, see another file."""
    with path.open("rb") as file:
        start = file.read(content.PDF_START_WITHIN)
    if media_type != PDF and content.PDF_START in start:
        raise Unfit("hidden-content", what="pdf")
    if is_zip_too(path):
        raise Unfit("hidden-content", what="zip")


def is_zip_too(path: Path) -> bool:
    """Whether a ZIP can be read from the end of the file."""
    try:
        with zipfile.ZipFile(path) as hidden:
            return bool(hidden.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error):
        return False


def what_follows(tail: bytes) -> list[Reason]:
    """Judge what stands behind the end of a picture.

    Padding and further pictures of the same shot are ordinary; what else a phone adds is left out of the
    served copy. Raises Unfit where another file hides there.
    """
    tail = tail.lstrip(PADDING[:1] + PADDING[2:])
    if not tail.strip(PADDING):
        return []
    hidden = hidden_in(tail)
    if hidden:
        raise Unfit("hidden-content", what=hidden)
    found: set[str] = set()
    while tail.startswith(b"\xff\xd8\xff"):
        found |= exif.codes_in_jpeg(tail[: exif.MAX_BYTES])
        tail = tail[JpegShape(tail).end :].lstrip(PADDING[:1] + PADDING[2:])
    if tail.strip(PADDING):
        found.add("extra-data")
    return [Reason(code) for code in sorted(found)]


def hidden_in(tail: bytes) -> str:
    """The label of another file behind the end, or empty."""
    label = content.label_by_content(tail[: content.SIGNATURE_BYTES])
    if tail.startswith(b"PK\x03\x04"):
        return "zip"
    if label and label not in ("mov", "heic", "3gp", "aac", "mp2"):  # what a phone's motion photo looks like
        return label
    for signature, name in ANYWHERE:
        if signature in tail:
            return name
    return "html" if MARKUP.search(tail[:MARKUP_WITHIN]) else ""


class JpegShape:
    """Where a JPEG ends, how large it says it is and how many passes it takes to draw.

    `end` is the length of the data where no end mark is found.
    """

    def __init__(self, data: bytes) -> None:
        self.width = self.height = self.scans = 0
        self.end = len(data)
        place = 2
        while place + 2 <= len(data):
            found = NEXT_MARKER.search(data, place) if data[place] != exif.MARK or self.scans else None
            place = found.start() if found else place if not self.scans else len(data)
            if place + 2 > len(data) or data[place] != exif.MARK:
                return
            marker = data[place + 1]
            if marker == exif.END:
                self.end = place + 2
                return
            place = self._after(data, place, marker)

    def _after(self, data: bytes, place: int, marker: int) -> int:
        if marker == exif.MARK:  # fill
            return place + 1
        if marker == exif.TEM or marker in exif.RESTARTS:
            return place + 2
        if marker in FRAME_HEADERS and place + 9 <= len(data):
            self.height, self.width = struct.unpack(">HH", data[place + 5 : place + 9])
        self.scans += marker == exif.START_OF_SCAN
        return place + 2 + max(2, int.from_bytes(data[place + 2 : place + 4]))
