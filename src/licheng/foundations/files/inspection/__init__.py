"""First-level inspection: what a file is, by its content; whether it opens; whether it is within bounds.

Nothing is believed that the sender said: the name must agree with the content, not the other way round.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.inspection import images, media, pdf
from licheng.foundations.files.inspection.finding import Facts, Unfit

SIGNATURE_BYTES = 4096
EXTENSIONS = {
    "application/pdf": {"pdf"},
    "image/jpeg": {"jpg", "jpeg"},
    "image/png": {"png"},
    "audio/mpeg": {"mp3"},
    "video/mp4": {"mp4", "m4v"},
}
READERS = {
    "application/pdf": pdf.facts,
    "image/jpeg": images.facts,
    "image/png": images.facts,
    "audio/mpeg": media.mp3_facts,
    "video/mp4": media.mp4_facts,
}
# What people try to hand in most often, so that the message can name it.
KNOWN_OTHERS: tuple[tuple[bytes, str | Promise], ...] = (
    (b"MZ", _("Windows 執行檔")),
    (b"\x7fELF", _("執行檔")),
    (b"PK\x03\x04", _("ZIP 或 Office 檔")),
    (b"\xd0\xcf\x11\xe0", _("舊版 Office 檔")),
    (b"Rar!", _("RAR 壓縮檔")),
    (b"7z\xbc\xaf", _("7-Zip 壓縮檔")),
    (b"GIF8", _("GIF 圖片")),
    (b"<svg", _("SVG 圖片")),
    (b"<?xml", _("XML 或 SVG 檔")),
    (b"<!doctype html", _("網頁")),
    (b"<html", _("網頁")),
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that passed: its true type and what was learnt of it."""

    media_type: str
    facts: Facts


def inspect(path: Path, name: str, allowed: frozenset[str]) -> Inspected:
    """Look into a file.

    Raises Unfit, with a code and a sentence, when it is empty, of another type than allowed, named as
    something else, broken, encrypted, carrying active content, or beyond the bounds of its kind.
    """
    with path.open("rb") as file:
        start = file.read(SIGNATURE_BYTES)
    if not start:
        raise Unfit("empty", _("檔案是空的（0 位元組）。"))
    media_type = type_by_content(start)
    if media_type not in allowed:
        raise Unfit("type-not-allowed", _other_type(start, media_type))
    extension = name.rpartition(".")[2].lower()
    if extension not in EXTENSIONS[media_type]:
        raise Unfit(
            "name-disagrees",
            _("內容是 {type}，檔名卻是「.{extension}」。請改用正確的副檔名，或重新匯出。"),
            type=media_type,
            extension=extension[:12],
        )
    facts = READERS[media_type](path)
    if _is_zip_too(path):
        raise Unfit("also-a-zip", _("檔案後面還藏著一個 ZIP 壓縮檔。請重新匯出成單純的檔案。"))
    return Inspected(media_type, facts)


def _is_zip_too(path: Path) -> bool:
    """Whether a ZIP hangs on the end: programs that read from there see something else than people do."""
    try:
        with zipfile.ZipFile(path) as hidden:
            return bool(hidden.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def type_by_content(start: bytes) -> str:
    """The media type that the first bytes say; empty when it is none of ours."""
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start[4:8] == b"ftyp":
        return "video/mp4"
    if start.startswith(b"ID3") or media.is_mp3_frame(start):
        return "audio/mpeg"
    return ""


def _other_type(start: bytes, media_type: str) -> str | Promise:
    if media_type:
        return str(_("內容是 {type}，這一欄不收這種檔案。")).format(type=media_type)
    begin = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, label in KNOWN_OTHERS:
        if begin.startswith(signature.lower()):
            return str(_("內容其實是{label}，不是可以上傳的類型。")).format(label=label)
    return _("看不出是可以上傳的檔案類型，內容可能已損壞。")
