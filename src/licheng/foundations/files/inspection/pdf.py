"""PDF: opens whole, without a password, within bounds; what in it would act is named."""

import os
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from licheng.foundations.files.inspection import exif
from licheng.foundations.files.inspection.model import Facts, Reason, Unfit
from licheng.foundations.files.inspection.pdf_actions import active_codes

TAIL_BYTES = 1024  # where readers look for the end mark
PADDING = b"\r\n\t \x00"
MAX_PADDING_BYTES = 2**20
MAX_PAGES = 5_000  # own bound: a portfolio has tens; one page named 600,000 times held a worker for minutes
MAX_OBJECTS = 500_000
MAX_STREAM_BYTES = 256 * 2**20  # of one decoded stream; 3 kB of nested Flate took 2 GB before
MAX_CONTENT_BYTES = 64 * 2**20  # of one stream of drawing instructions, fonts or forms, unfolded
MAX_ALL_CONTENT_BYTES = 256 * 2**20
MAX_FILTERS = 4
MAX_IMAGE_PIXELS = 400_000_000  # a page of A0 at 600 dpi in black and white
# Inheriting attributes makes a page of every entry of a page list before anybody can count them.
STRICTLY: dict[str, Any] = {
    "attempt_recovery": False,
    "suppress_warnings": True,
    "inherit_page_attributes": False,
}
UNDECODED = "error decoding stream data"  # qpdf's words
pikepdf.settings.set_qpdf_limits(  # once, before any thread opens a document
    flate_max_memory=MAX_STREAM_BYTES,
    png_max_memory=MAX_STREAM_BYTES,
    tiff_max_memory=MAX_STREAM_BYTES,
    run_length_max_memory=MAX_STREAM_BYTES,
    max_stream_filters=MAX_FILTERS,
)


def read(path: Path) -> tuple[Facts, list[Reason]]:
    """Number of pages of a document that opens whole and without a password, and what in it is to be removed.

    Raises Unfit otherwise.
    """
    whole = _up_to_its_end(path)
    limits_met = pikepdf.settings.qpdf_limit_errors()
    try:
        with pikepdf.open(whole, **STRICTLY) as document:
            if document.is_encrypted:
                raise Unfit("encrypted-pdf")
            pages = _pages(document)
            reasons = [Reason(code) for code in active_codes(document)]
            reasons += _check_streams(document)
            if any(UNDECODED in warning for warning in document.get_warnings()):
                raise Unfit("pdf-bomb")  # what stands in that stream was not looked at
    except pikepdf.PasswordError as locked:
        raise Unfit("encrypted-pdf") from locked
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, IndexError) as broken:
        bomb = pikepdf.settings.qpdf_limit_errors() > limits_met
        raise Unfit("pdf-bomb" if bomb else "broken-pdf") from broken
    return {"pages": pages}, reasons


def _up_to_its_end(path: Path) -> Path | BytesIO:
    """The document without padding. Raises Unfit unless the end mark is the last thing before it."""
    with path.open("rb") as file:
        start = file.read(64)
        if not start.startswith(b"%PDF-") and start.lstrip(PADDING + b"\xef\xbb\xbf")[:5] != b"%PDF-":
            raise Unfit("bytes-before-start")
        size = file.seek(0, os.SEEK_END)
        for length in (2 * TAIL_BYTES, MAX_PADDING_BYTES):  # the second for the few with much padding
            last = os.pread(file.fileno(), length, max(0, size - length))
            tail = last.rstrip(PADDING)
            if len(tail) >= TAIL_BYTES:
                break
        padding = len(last) - len(tail)
        file.seek(0)
        whole = BytesIO(file.read(size - padding)) if padding > TAIL_BYTES // 2 else path
    tail = tail[-TAIL_BYTES:]
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Unfit("truncated-pdf")
    if tail[end + 5 :].strip(PADDING):
        raise Unfit("bytes-after-end")
    return whole


def _pages(document: pikepdf.Pdf) -> int:
    """Count the entries of the page tree before qpdf makes a page of each."""
    if len(document.objects) > MAX_OBJECTS:
        raise Unfit("pdf-bomb")
    named = sum(len(node["/Kids"]) for node in document.objects if _has_kids(node))
    claimed = document.Root.Pages.get("/Count", 0) if "/Pages" in document.Root else 0
    if named > MAX_PAGES * 2 or (isinstance(claimed, int) and claimed > MAX_PAGES):
        raise Unfit("too-many-pages", limit=MAX_PAGES)  # the tree's inner nodes count as well
    pages = len(document.pages)
    if pages > MAX_PAGES:
        raise Unfit("too-many-pages", limit=MAX_PAGES)
    if pages == 0:
        raise Unfit("empty-pdf")
    return pages


def _has_kids(node: pikepdf.Object) -> bool:
    return isinstance(node, pikepdf.Dictionary) and isinstance(_member(node, "/Kids"), pikepdf.Array)


def _member(thing: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """What stands under a key, if anything; to ask first is far cheaper than the library's own `get`."""
    return thing[key] if key in thing else None  # noqa: SIM401 -- the library throws inside `get`


def _check_streams(document: pikepdf.Pdf) -> list[Reason]:
    """Bounds on what streams unfold to, and pictures that say where they were taken."""
    found: set[str] = set()
    left = MAX_ALL_CONTENT_BYTES
    for stream in document.objects:
        if not isinstance(stream, pikepdf.Stream):
            continue
        if _member(stream, "/Subtype") == "/Image":
            found |= _image_codes(stream)
        else:
            data = _unfolded(stream)
            left -= len(data)
            if _member(stream, "/Type") == "/Metadata" and exif.PLACE_IN_HISTORY.search(data):
                found.add(exif.LOCATION)
        if left < 0:
            raise Unfit("pdf-bomb")
    return [Reason(code) for code in sorted(found)]


def _image_codes(stream: pikepdf.Stream) -> set[str]:
    width, height = stream.get("/Width", 0), stream.get("/Height", 0)
    if isinstance(width, int) and isinstance(height, int) and width * height > MAX_IMAGE_PIXELS:
        raise Unfit("pdf-bomb")
    if "/DCTDecode" in _filters(stream):
        return exif.codes_in_jpeg(memoryview(stream.get_raw_stream_buffer())[: exif.MAX_BYTES])
    return set()


def _filters(stream: pikepdf.Stream) -> list[str]:
    named = _member(stream, "/Filter")
    return [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _unfolded(stream: pikepdf.Stream) -> bytes:
    """What a stream unfolds to, looking no further than the bound."""
    filters = _filters(stream)
    if len(filters) > MAX_FILTERS:
        raise Unfit("pdf-bomb")
    data = stream.read_raw_bytes()
    for one in filters:
        if one not in ("/FlateDecode", "/Fl"):
            break
        unfolding = zlib.decompressobj()
        try:
            data = unfolding.decompress(data, MAX_CONTENT_BYTES)
        except zlib.error:
            break  # readers show what comes before the fault, if anything
        if unfolding.unconsumed_tail:
            raise Unfit("pdf-bomb")
    return data
