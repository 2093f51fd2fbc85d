from pathlib import Path

import pikepdf
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.inspection.finding import Facts, Unfit

TAIL_BYTES = 1024  # where readers look for the end mark
MAX_PAGES = 5_000  # own bound: a portfolio has tens; one page named 600,000 times held a worker for minutes
MAX_STREAM_BYTES = 256 * 2**20  # of one decoded stream; 3 kB of nested Flate took 2 GB before
MAX_FILTERS = 4
UNDECODED = "error decoding stream data"  # qpdf's words; what stands in such a stream was not looked at
ACTIVE_KEYS = (
    "/JavaScript",
    "/JS",
    "/Launch",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/SubmitForm",
    "/ImportData",
    "/RichMedia",
    "/XFA",
)
pikepdf.settings.set_qpdf_limits(  # once, before any thread opens a document
    flate_max_memory=MAX_STREAM_BYTES,
    png_max_memory=MAX_STREAM_BYTES,
    tiff_max_memory=MAX_STREAM_BYTES,
    run_length_max_memory=MAX_STREAM_BYTES,
    max_stream_filters=MAX_FILTERS,
)


def facts(path: Path) -> Facts:
    """Number of pages of a document that opens, whole, without a password and without active content.

    Raises Unfit otherwise.
    """
    _ends_as_pdf(path)
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise Unfit(
                    "encrypted-pdf", _("PDF 設有密碼或限制，審查者會打不開。請另存為沒有密碼的 PDF。")
                )
            _no_more_pages_than_read(document)
            pages = len(document.pages)
            _no_active_content(document)
            if any(UNDECODED in warning for warning in document.get_warnings()):
                raise Unfit(
                    "broken-pdf", _("PDF 展開之後過大，無法檢查。請用「列印成 PDF」重新產生後再上傳。")
                )
    except pikepdf.PasswordError as locked:
        raise Unfit("encrypted-pdf", _("PDF 設有密碼，審查者會打不開。請另存為沒有密碼的 PDF。")) from locked
    except (pikepdf.PdfError, ValueError, RuntimeError) as broken:
        raise Unfit("broken-pdf", _("PDF 不完整或已損壞，無法開啟。請重新匯出。")) from broken
    if pages == 0:
        raise Unfit("empty-pdf", _("PDF 裡沒有任何一頁。"))
    return {"pages": pages}


def _ends_as_pdf(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Unfit("broken-pdf", _("PDF 不完整（沒有結尾），可能是上傳或下載中斷。請重新匯出。"))
    if tail[end + 5 :].strip(b"\r\n\t \x00"):
        raise Unfit("bytes-after-end", _("PDF 結尾之後還有別的內容。請重新匯出成單純的 PDF。"))


def _no_more_pages_than_read(document: pikepdf.Pdf) -> None:
    """Count the entries of the page tree before qpdf makes a page of each."""
    named = sum(len(node["/Kids"]) for node in document.objects if _has_kids(node))
    if named > MAX_PAGES * 2:  # the tree's inner nodes count as well
        text = _("PDF 的頁數超過可處理的上限（{limit} 頁）。請分成幾個檔案。")
        raise Unfit("too-many-pages", text, limit=f"{MAX_PAGES:,}")


def _has_kids(node: pikepdf.Object) -> bool:
    return isinstance(node, pikepdf.Dictionary) and isinstance(node.get("/Kids"), pikepdf.Array)


def _no_active_content(document: pikepdf.Pdf) -> None:
    waiting = list(document.objects)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            members = dict(thing.items())
        elif isinstance(thing, pikepdf.Array):
            members = {str(number): member for number, member in enumerate(thing)}
        else:
            continue
        names = {*members, str(members.get("/S", "")), str(members.get("/Type", ""))}
        if names.intersection(ACTIVE_KEYS):
            raise Unfit(
                "active-content",
                _("PDF 含有程式、附件或會送出資料的表單。請用「列印成 PDF」重新產生後再上傳。"),
            )
        # Indirect members stand in document.objects themselves; following them here could go in circles.
        waiting += [
            one for one in members.values() if isinstance(one, pikepdf.Object) and not one.is_indirect
        ]
