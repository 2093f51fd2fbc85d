"""Handing a file in for an item: what outcomes and activity records both need around `foundations.files`.

An app adds its own rule, move and attach: it asks `receiving_for` for the terms, calls `receive_file` outside
a transaction, attaches the StoredFile in a second, atomic operation, and answers with `upload_answer`.
Pages show a `ShownFile`; the four `serve_*` functions give the bytes, a page, the film or the receipt.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import subject_of

from licheng.foundations.custody.copies import good_path
from licheng.foundations.durable import CHUNK_BYTES
from licheng.foundations.errors import DomainError, Invalid, NotFound
from licheng.foundations.files import serving
from licheng.foundations.files.inspection import EXTENSIONS
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.files.operations import Receiving
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.calendar.queries import Limits, limits
from licheng.school.people.models import Person, School

PAGES_SHOWN = 60  # a PDF of 4 MB can have thousands of pages; the rest is in the download
TYPE_WORDS = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "audio/mpeg": "MP3",
    "video/mp4": "MP4",
}
MINUTE_SECONDS = 60
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class ReceiptNotReady(DomainError):
    """The file is kept, its ledger entry is not sequenced yet."""

    code = "receipt-not-ready"
    says = gettext_lazy("檔案已經存好，收據還在製作中。")
    remedy = gettext_lazy("請過幾分鐘再下載收據；檔案不必重新上傳。")


class FileMissing(Invalid):
    """An upload without a file in it."""

    code = "file-missing"
    says = gettext_lazy("沒有收到檔案。")
    remedy = gettext_lazy("請先選擇一個檔案，再按上傳。")


@dataclass(frozen=True, slots=True)
class ShownTerms:
    """What a <c-upload> says before anything is chosen. Units: `limit_bytes`."""

    role: str
    limit_bytes: int
    accept: str
    types: str

    @property
    def limit_text(self) -> str:
        """The limit for people."""
        return bytes_text(self.limit_bytes)


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page of a document as a picture."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A kept file as pages show it; the first six fields are what <c-upload> asks for."""

    id: str
    name: str
    size_text: str
    type_text: str
    state: str
    receipt_url: str
    role: str
    role_label: str
    sha256: str
    received_text: str
    length_text: str
    download_url: str
    play_url: str
    is_video: bool
    pages: tuple[ShownPage, ...]
    pages_hidden: int


def role_of(text: str) -> FileRole:
    """The role a form or address names.

    Raises NotFound for any other word.
    """
    try:
        return FileRole(text)
    except ValueError as unknown:
        raise NotFound from unknown


def receiving_for(school: School, person: Person, role: str) -> Receiving:
    """The terms of one upload of a student: needs `school.authority` and `person.student`.

    Raises NotFound for an unknown role or somebody who is not a student.
    """
    role = role_of(role)
    if not hasattr(person, "student"):
        raise NotFound
    allowed = limits(school.place)
    return Receiving(
        scope=school.code,
        role=role.value,
        subject=subject_of(person.student.subject_key, school=school.code, student_no=person.account),
        limit_bytes=allowed.bytes_for(role),
        allowed=allowed.types_for(role),
    )


def shown_terms(allowed: Limits, role: str) -> ShownTerms:
    """The limits of one role as the upload control shows them."""
    types = sorted(allowed.types_for(role), key=list(TYPE_WORDS).index)
    accept = ",".join(f".{extension}" for name in types for extension in sorted(EXTENSIONS[name]))
    return ShownTerms(role, allowed.bytes_for(role), accept, _("、").join(TYPE_WORDS[name] for name in types))


def shown_file(stored: StoredFile, url: Callable[..., str]) -> ShownFile:
    """A file ready for a page. `url("receipt")`, `url("page", 2)` … give the addresses of the item's views.

    Needs `stored.entry` loaded.
    """
    role = FileRole(stored.role)
    count = min(stored.pages, PAGES_SHOWN)
    plays = stored.media_type.startswith(("audio/", "video/"))
    return ShownFile(
        id=str(stored.pk),
        name=stored.original_name,
        size_text=bytes_text(stored.size_bytes),
        type_text=TYPE_WORDS[stored.media_type],
        state=_("已存好兩份"),
        receipt_url=url("receipt"),
        role=role.value,
        role_label=str(role.label),
        sha256=stored.sha256,
        received_text=roc_datetime(stored.created_at),
        length_text=_length(stored),
        download_url=url("file"),
        play_url=url("play") if plays else "",
        is_video=stored.media_type.startswith("video/"),
        pages=tuple(ShownPage(number, url("page", number)) for number in range(1, count + 1)),
        pages_hidden=stored.pages - count,
    )


def _length(stored: StoredFile) -> str:
    if stored.is_pdf:
        return _("%(n)d 頁") % {"n": stored.pages}
    if "seconds" in stored.facts:
        minutes, seconds = divmod(round(float(stored.facts["seconds"])), MINUTE_SECONDS)
        return _("%(m)d 分 %(s)02d 秒") % {"m": minutes, "s": seconds}
    return ""


def upload_answer(stored: StoredFile, receipt_url: str, preview_url: str, notice: str = "") -> dict[str, str]:
    """The 201 answer that <c-upload> reads; `notice` is a kind remark that is shown beside the picture."""
    preview = format_html('<p class="notice notice-accent">{}</p>', notice) if notice else ""
    if preview_url and stored.pages:
        alt = _("%(name)s 的第 1 頁") % {"name": stored.original_name}
        preview += format_html(
            '<img class="w-48 mt-2 border border-base-300" src="{}" alt="{}">', preview_url, alt
        )
    return {
        "file": str(stored.pk),
        "name": stored.original_name,
        "size_text": bytes_text(stored.size_bytes),
        "type_text": TYPE_WORDS[stored.media_type],
        "state": _("已存好兩份"),
        "receipt_url": receipt_url,
        "preview_html": str(preview),
    }


def serve_file(stored: StoredFile) -> HttpResponseBase:
    """The original bytes, to be saved."""
    return serving.attachment(stored)


def serve_page(stored: StoredFile, number: int) -> HttpResponse:
    """Page `number` (from 1) as a picture.

    Raises NotFound for a page that the file does not have.
    """
    return serving.page(stored, number)


def serve_player(stored: StoredFile, request: HttpRequest) -> HttpResponseBase:
    """Sound or film for the player, whole or the range it asks for: without ranges Safari plays nothing.

    Raises NotFound for a document. Source: RFC 9110 §14 (one range; anything else is answered whole).
    """
    if stored.pages:
        raise NotFound
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", ""):
        whole = serving.playable(stored)
        whole["Accept-Ranges"] = "bytes"
        return whole
    size = stored.size_bytes
    first, last = _bounds(asked[1], asked[2], size)
    if first > last or first >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    body = _part(good_path(stored.sha256), first, last - first + 1)
    headers = {**serving.HARMLESS, "Content-Range": f"bytes {first}-{last}/{size}", "Accept-Ranges": "bytes"}
    answer = StreamingHttpResponse(body, status=206, content_type=stored.media_type, headers=headers)
    answer["Content-Length"] = str(last - first + 1)
    return answer


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:  # the last n bytes
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _part(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk


def serve_receipt(stored: StoredFile) -> HttpResponse:
    """The upload's receipt as a C2SP tlog-proof file; needs `stored.entry` loaded.

    Raises ReceiptNotReady while the ledger has not sequenced it.
    """
    if stored.entry.index is None:
        raise ReceiptNotReady
    answer = HttpResponse(
        proof_of(stored.entry), content_type="text/plain; charset=utf-8", headers=serving.HARMLESS
    )
    answer["Content-Disposition"] = f'attachment; filename="upload-{stored.entry.index}.tlog-proof"'
    return answer
