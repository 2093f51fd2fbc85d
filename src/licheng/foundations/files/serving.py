"""Giving files out: attachments that cannot run, pictures that were drawn here, sound and film in parts.

The site asks who may have what; the bytes come from another host name when one is set, by links that are
signed for one file, one form of it and one person, and soon expire.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from licheng.foundations.custody.copies import good_path
from licheng.foundations.durable import CHUNK_BYTES
from licheng.foundations.errors import NotFound
from licheng.foundations.files.errors import CleanedCopyMissing, FileInfected, FileWithheld, PreviewNotReady
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.previews import cleaned_path, page_path, thumbnail_path

# Source: reliability report §6.6; stricter where nothing of ours needs more.
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
PLAY_LINK_SECONDS = (
    3600  # own bound: a film is paused, and its player asks for the next part at the same link
)
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
PAGE = re.compile(r"page-([1-9]\d{0,3})")

# The forms a file is given in.
FILE, CLEAN, PLAY, PLAY_CLEAN, THUMBNAIL = "file", "clean", "play", "play-clean", "thumb"


def page_form(number: int) -> str:
    """The form "page `number` as a picture"."""
    return f"page-{number}"


@dataclass(frozen=True, slots=True)
class _Given:
    """What goes out: bytes of a path, as a type, and under a name when it is to be saved."""

    path: Path
    media_type: str
    name: str = ""


def give(request: HttpRequest, stored: StoredFile, form: str, *, person_id: int) -> HttpResponseBase:
    """Answer somebody who was found to be allowed this form of the file: bytes, or where they are.

    Raises NotFound, FileWithheld, FileInfected, PreviewNotReady, CleanedCopyMissing or CopyLost.
    """
    if not settings.FILES_URL:
        return answer(request, stored, form)
    require_givable(stored, form)
    token = _signer(stored.pk, form).sign(str(person_id))
    return HttpResponseRedirect(f"{settings.FILES_URL}/{stored.pk}/{form}/{token}/")


def is_signed(file_id: UUID, form: str, token: str) -> bool:
    """Whether this link was made here for this very file and form, and not too long ago."""
    seconds = PLAY_LINK_SECONDS if form in {PLAY, PLAY_CLEAN} else settings.FILES_LINK_SECONDS
    try:
        _signer(file_id, form).unsign(token, max_age=seconds)
    except BadSignature:  # an expired one is one as well
        return False
    return True


def _signer(file_id: UUID, form: str) -> TimestampSigner:
    return TimestampSigner(salt=f"licheng.files/{file_id}/{form}")


def require_givable(stored: StoredFile, form: str) -> None:
    """Refuse what nobody is given now.

    Raises FileInfected, FileWithheld (bytes before the scanner answered), NotFound (no such form of this
    file), PreviewNotReady or CleanedCopyMissing.
    """
    if stored.scan == ScanState.INFECTED:
        raise FileInfected
    if form == THUMBNAIL or PAGE.fullmatch(form):
        _picture(stored, form)
        return
    if form not in {FILE, CLEAN, PLAY, PLAY_CLEAN} or (form in {PLAY, PLAY_CLEAN} and stored.pages):
        raise NotFound
    if stored.scan == ScanState.SCANNING:
        raise FileWithheld
    if form in {CLEAN, PLAY_CLEAN} and cleaned_path(stored) is None:
        raise CleanedCopyMissing


def _picture(stored: StoredFile, form: str) -> Path:
    page = PAGE.fullmatch(form)
    number = int(page[1]) if page else 1
    if number > stored.pages:
        raise NotFound
    path = page_path(stored, number) if page else thumbnail_path(stored)
    if path is None:
        raise PreviewNotReady
    return path


def answer(request: HttpRequest, stored: StoredFile, form: str) -> HttpResponseBase:
    """The bytes themselves, whole or the part that is asked for.

    Raises NotFound, FileWithheld, FileInfected, PreviewNotReady, CleanedCopyMissing or CopyLost.
    """
    require_givable(stored, form)
    given = _given(stored, form)
    response = _in_parts(request, given)
    for name, value in HARMLESS.items():
        response[name] = value
    if settings.FILES_URL and not given.name:  # shown inside pages of the site, which is another host then
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if given.name:
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=given.name)
    return response


def _given(stored: StoredFile, form: str) -> _Given:
    if form == FILE:
        return _Given(good_path(stored.sha256), stored.media_type, stored.original_name)
    if form == PLAY:
        return _Given(good_path(stored.sha256), stored.media_type)
    if form in {CLEAN, PLAY_CLEAN}:
        path, name = cleaned_path(stored), _readers_name(stored) if form == CLEAN else ""
        if path is None:
            raise CleanedCopyMissing
        return _Given(path, stored.media_type, name)
    return _Given(_picture(stored, form), "image/jpeg")


def _readers_name(stored: StoredFile) -> str:
    """Another name than the original's: its SHA-256 is not the one of the receipt."""
    stem, dot, extension = stored.original_name.rpartition(".")
    return _("%(name)s（供閱版）") % {"name": stem or extension} + (dot + extension if stem else "")


def _in_parts(request: HttpRequest, given: _Given) -> HttpResponseBase:
    """Whole, or the one range asked for: without ranges Safari plays nothing. Source: RFC 9110 §14."""
    size = given.path.stat().st_size
    first, last, status = 0, size - 1, HTTPStatus.OK
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and asked.groups() != ("", ""):
        first, last = _bounds(asked[1], asked[2], size)
        if first > last or first >= size:
            return HttpResponse(
                status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                headers={"Content-Range": f"bytes */{size}"},
            )
        status = HTTPStatus.PARTIAL_CONTENT
    pieces = _pieces(given.path, first, last - first + 1)
    response = StreamingHttpResponse(pieces, status=status, content_type=given.media_type)
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    if status == HTTPStatus.PARTIAL_CONTENT:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:  # the last n bytes
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
