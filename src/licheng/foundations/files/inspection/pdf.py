from pathlib import Path

import pikepdf
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.inspection.finding import Facts, Unfit

TAIL_BYTES = 1024  # where readers look for the end mark
ACTIVE_KEYS = (
    "/JavaScript",
    "/JS",
    "/Launch",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/SubmitForm",
    "/ImportData",
    "/RichMedia",
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
            pages = len(document.pages)
            _no_active_content(document)
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
