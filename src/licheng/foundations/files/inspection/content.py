"""What a file is, by its first bytes; nothing is believed of its name."""

import codecs
import re

from licheng.foundations.files.inspection.model import (
    ALL_TYPES,
    EXTENSIONS,
    JPEG,
    MP3,
    MP4,
    OTHER_EXTENSIONS,
    PDF,
    PNG,
    TEXT,
    XLSX,
    ZIP,
    Unfit,
)

SIGNATURE_BYTES = 64 * 1024
LABEL_OF = {
    PDF: "pdf",
    JPEG: "jpeg",
    PNG: "png",
    MP3: "mp3",
    MP4: "mp4",
    ZIP: "zip",
    XLSX: "xlsx",
    TEXT: "text",
}
NAMES = {**EXTENSIONS, **OTHER_EXTENSIONS}
# What people try to hand in most often, and what is hidden in files, so that the message can name it.
STARTS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "windows-program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "java"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-office"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"8BPS", "psd"),
    (b"{\\rtf", "rtf"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"\x1aE\xdf\xa3", "mkv"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
)
OWN_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
)
RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
BRANDS = {
    b"qt  ": "mov", b"heic": "heic", b"heix": "heic", b"hevc": "heic", b"heim": "heic", b"heis": "heic",
    b"mif1": "heic", b"msf1": "heic", b"avif": "avif", b"avis": "avif", b"M4A ": "m4a", b"M4B ": "m4a",
}  # fmt: skip
OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # sizes of the second header of a BMP
MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+)?(svg|html|head|body|script|table|meta|style)\b",
    re.DOTALL | re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
CONTROL_SHARE = 0.02
SHEET_NAMES = frozenset({"xls", "xlsx", "xlsm", "csv", "ods"})
SAVED_AS_SHEET = frozenset({"html", "xml", "old-office", "opendocument"})
UTF8_MARK = b"\xef\xbb\xbf"
PDF_START = b"%PDF-"
PDF_START_WITHIN = 1024  # where readers look for it
ADTS_MASK, ADTS_SYNC = 0xFFF6, 0xFFF0  # ISO/IEC 13818-7: the layer bits are zero
MP3_SYNC, LAYER_3, LAYER_2 = 0xFFE0, 1, 2


def type_by_content(start: bytes) -> str:
    """The media type that the first bytes say; empty when it is none of ours, or perhaps text."""
    for signature, media_type in OWN_STARTS:
        if start.startswith(signature):
            return media_type
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(PDF_START):
        return PDF
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return "" if brand in BRANDS or brand.startswith(b"3g") else MP4
    sound = start.lstrip(b"\x00")
    if sound.startswith(b"ID3") or mpeg_layer(sound) == LAYER_3:
        return MP3
    return ""


def mpeg_layer(data: bytes) -> int:
    """The layer bits of an MPEG audio frame header (1 is layer III); 0 when there is none."""
    if len(data) < 4 or int.from_bytes(data[:2]) & MP3_SYNC != MP3_SYNC:  # noqa: PLR2004 -- bytes of a header
        return 0
    version, bitrate, rate = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    reserved = version == 1 or bitrate in (0, 15) or rate == 3  # noqa: PLR2004 -- ISO 11172-3
    return 0 if reserved else data[1] >> 1 & 3


def label_by_content(start: bytes) -> str:
    """What to call content that is none of ours; empty when nothing is recognised."""
    for signature, label in STARTS:
        if start.startswith(signature):
            return label
    if start[:2] == b"BM" and int.from_bytes(start[14:18], "little") in BITMAP_HEADERS:
        return "bmp"
    return _container(start) or _sound(start) or markup(start)


def _container(start: bytes) -> str:
    if start[:4] == b"RIFF":
        return RIFF.get(start[8:12], "")
    if start[4:8] == b"ftyp":
        return "3gp" if start[8:10] == b"3g" else BRANDS.get(start[8:12], "")
    return "mov" if start[4:8] in OLD_QUICKTIME else ""


def _sound(start: bytes) -> str:
    if int.from_bytes(start[:2]) & ADTS_MASK == ADTS_SYNC:
        return "aac"
    return "mp2" if mpeg_layer(start) == LAYER_2 else ""


def markup(start: bytes) -> str:
    """Either "svg", "html" or "xml" when the bytes begin as such a document does."""
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = "\ufeff".encode(encoding)
        if start.startswith(mark):
            start = start.decode(encoding, errors="replace").encode()
    begin = start.removeprefix(UTF8_MARK).lstrip()
    found = MARKUP.match(begin[:4096])
    if found:
        return "svg" if found[1].lower() == b"svg" else "html"
    return "xml" if begin.startswith(b"<?xml") else ""


def is_text(start: bytes) -> bool:
    """Whether bytes can be taken for text, so that the message can say so."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return len(CONTROL.findall(text)) <= len(text) * CONTROL_SHARE


def check_name(media_type: str, name: str) -> None:
    """Raise Unfit where the ending of the name says another type than the content."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in NAMES[media_type]:
        raise Unfit("name-disagrees", what=LABEL_OF[media_type], extension=extension[:12])


def is_text_name(name: str) -> bool:
    """Whether somebody calls the file text; bytes in the encodings of Taiwan do not look like it at once."""
    return name.rpartition(".")[2].lower() in OTHER_EXTENSIONS[TEXT]


def is_sheet_name(name: str) -> bool:
    """Whether somebody calls the file a table."""
    return name.rpartition(".")[2].lower() in SHEET_NAMES


def wanted(types: frozenset[str]) -> str:
    """The endings of these types, as a list for a sentence."""
    endings = [ending for one in NAMES if one in types for ending in sorted(NAMES[one])]
    return ", ".join(dict.fromkeys(endings)) or ", ".join(sorted(ALL_TYPES))
