"""Resumable bodies as tus 1.0 defines them: what both sites that take bytes in share. Source: tus.io, 1.0.0.

Bytes are appended to a file; its length is the offset. A lock keeps two senders apart, and what arrived is
synced before its offset is told to anybody.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from licheng.foundations.durable import CHUNK_BYTES, ensure_folder, sync_folder, write_all
from licheng.foundations.errors import DomainError

VERSION = "1.0.0"
BODY_TYPE = "application/offset+octet-stream"


class Stream(Protocol):
    """What gives bytes until it is empty: a request, a file."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; empty at the end."""


class VersionUnknown(DomainError):
    """The sender speaks another version of the protocol."""

    code = "tus-version"
    status = 412
    says = _("這裡只使用 tus 1.0.0 續傳協定。")
    remedy = _("請在每個請求加上標頭 Tus-Resumable: 1.0.0。")


class BodyTypeUnknown(DomainError):
    """A part of a file was sent as something else."""

    code = "tus-body-type"
    status = 415
    says = _("續傳的內容類型不對。")
    remedy = _("請用 Content-Type: application/offset+octet-stream 傳送。")


class OffsetDiffers(DomainError):
    """The part does not begin where the kept bytes end."""

    code = "offset-differs"
    says = _("這一段從第 {sent} 位元組開始，已收到的是 {kept} 位元組。")
    remedy = _("請先查詢已收到的位元組數，再從那裡接著傳。")


class UploadBusy(DomainError):
    """Another connection is sending the same upload."""

    code = "upload-busy"
    status = 423
    says = _("同一個檔案正由另一個連線傳送。")
    remedy = _("請稍後再接著傳。")


def offset_sent(request: HttpRequest) -> int:
    """Where the part of a PATCH request begins.

    Raises VersionUnknown, BodyTypeUnknown or OffsetDiffers for a request that is no such part.
    """
    require_version(request)
    if request.content_type != BODY_TYPE:
        raise BodyTypeUnknown
    sent = request.headers.get("Upload-Offset", "")
    if not (sent.isascii() and sent.isdecimal()):
        raise OffsetDiffers(sent=sent[:20], kept="?")
    return int(sent)


def require_version(request: HttpRequest) -> None:
    """Raise VersionUnknown unless the sender speaks tus 1.0.0."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise VersionUnknown


def at_offset(offset: int, size: int, status: int = 204) -> HttpResponse:
    """The answer that tells a sender how far the upload is; units are bytes."""
    headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(offset), "Upload-Length": str(size)}
    return HttpResponse(status=status, headers={**headers, "Cache-Control": "no-store"})


def kept_bytes(path: Path) -> int:
    """How many bytes of an upload are here."""
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    ensure_folder(path.parent)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise UploadBusy from busy
        if is_new:
            sync_folder(path.parent)
        yield descriptor
    finally:
        os.close(descriptor)


def append(path: Path, stream: Stream, *, offset: int, size: int) -> int:
    """Add a part at `offset`; the new length, synced. Never more than `size` bytes are kept.

    A sender that breaks off leaves what arrived. Raises UploadBusy, OffsetDiffers, or OSError of the device.
    """
    with _alone(path) as descriptor:
        kept = os.lseek(descriptor, 0, os.SEEK_END)
        if kept != offset:
            raise OffsetDiffers(sent=f"{offset:,}", kept=f"{kept:,}")
        try:
            while kept < size and (chunk := stream.read(min(CHUNK_BYTES, size - kept))):
                write_all(descriptor, chunk)
                kept += len(chunk)
        finally:
            os.fsync(descriptor)
    return kept
