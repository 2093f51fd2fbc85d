"""Giving files back: attachments that cannot run, pictures that were drawn here."""

from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from licheng.foundations.custody.copies import chunks
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.previews import page_image

HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def attachment(stored: StoredFile) -> StreamingHttpResponse:
    """The original bytes, to be saved, never shown in place."""
    response = StreamingHttpResponse(chunks(stored.sha256), content_type=stored.media_type, headers=HARMLESS)
    response["Content-Length"] = str(stored.size_bytes)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.original_name)}"
    return response


def playable(stored: StoredFile) -> StreamingHttpResponse:
    """Sound or film for the player of our own page."""
    response = StreamingHttpResponse(chunks(stored.sha256), content_type=stored.media_type, headers=HARMLESS)
    response["Content-Length"] = str(stored.size_bytes)
    return response


def page(stored: StoredFile, number: int) -> HttpResponse:
    """One page or picture as JPEG."""
    return HttpResponse(page_image(stored, number), content_type="image/jpeg", headers=HARMLESS)
