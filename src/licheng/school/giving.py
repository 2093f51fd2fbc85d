"""Giving a file back: bytes, a page, the film or the receipt, to somebody who was found to be allowed it.

The owner gets what she handed in, everybody else the version for readers where there is one.
"""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError, NotFound
from licheng.foundations.files import serving
from licheng.foundations.files.errors import FileWithheld
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.operations import derive_lost
from licheng.foundations.files.previews import derived_of
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text
from licheng.school.filing import SeenFile, ShownFile, length_text
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks


class ReceiptNotReady(DomainError):
    """The file is kept, its ledger entry is not sequenced yet."""

    code = "receipt-not-ready"
    says = gettext_lazy("檔案已經存好，收據還在製作中。")
    remedy = gettext_lazy("請過幾分鐘再下載收據；檔案不必重新上傳。")


def ask_for_lost(actor: Actor, files: Iterable[ShownFile]) -> None:
    """Have previews made again that should long be there."""
    for file in files:
        if file.is_late:
            derive_lost(actor=actor, file_id=UUID(file.id))


def serve_file(request: HttpRequest, actor: Actor, seen: SeenFile) -> HttpResponseBase:
    """The file, to be saved: the original for its owner, the version for readers for others.

    Raises FileWithheld, FileInfected, CleanedCopyMissing or CopyLost.
    """
    form = serving.CLEAN if seen.is_cleaned_for_reader else serving.FILE
    return _given(request, actor, seen, form)


def serve_page(request: HttpRequest, actor: Actor, seen: SeenFile, number: int) -> HttpResponseBase:
    """Page `number` (from 1) as a picture.

    Raises NotFound for a page that the file does not have or that is not drawn yet.
    """
    _show_only_to_owner_while_scanning(seen)
    return _given(request, actor, seen, serving.page_form(number))


def serve_thumbnail(request: HttpRequest, actor: Actor, seen: SeenFile) -> HttpResponseBase:
    """The first page small, or a stand-in while it is being drawn.

    Raises NotFound when there is nothing to draw.
    """
    _show_only_to_owner_while_scanning(seen)
    if not seen.stored.pages:
        raise NotFound
    if derived_of(seen.stored) is None:
        return HttpResponseRedirect(static("files/preview.svg"))
    return _given(request, actor, seen, serving.THUMBNAIL)


def serve_player(request: HttpRequest, actor: Actor, seen: SeenFile) -> HttpResponseBase:
    """Sound or film for the player, whole or the range it asks for.

    Raises NotFound for a document, FileWithheld, FileInfected, CleanedCopyMissing or CopyLost.
    """
    form = serving.PLAY_CLEAN if seen.is_cleaned_for_reader else serving.PLAY
    return _given(request, actor, seen, form)


def previews_fragment(request: HttpRequest, actor: Actor, shown: ShownFile) -> HttpResponse:
    """The pages of a file as far as they are drawn; the fragment asks for itself again while they are not."""
    ask_for_lost(actor, [shown])
    return render(request, "files/_previews.html", {"file": shown})


def media_facts(stored: StoredFile) -> list[tuple[str, str]]:
    """What is known of sound or film, in words.

    Raises NotFound for a document.
    """
    if stored.pages:
        raise NotFound
    known = [(_("長度"), length_text(stored)), (_("大小"), bytes_text(stored.size_bytes))]
    if codecs := stored.facts.get("codecs"):
        known.append((_("編碼"), str(codecs).replace(",", _("、"))))
    if width := stored.facts.get("width"):
        known.append((_("畫面"), f"{width} × {stored.facts['height']}"))
    return known


def _show_only_to_owner_while_scanning(seen: SeenFile) -> None:
    if seen.stored.scan == ScanState.SCANNING and not seen.is_own:
        raise FileWithheld


def _given(request: HttpRequest, actor: Actor, seen: SeenFile, form: str) -> HttpResponseBase:
    if actor.person_id is None:
        raise NotFound
    answer = serving.give(request, seen.stored, form, person_id=actor.person_id)
    note_file(actor, seen)  # once for the link, not for every byte that its host gives out
    return answer


def note_file(actor: Actor, seen: SeenFile) -> None:
    """Write down that somebody was shown a file of these students."""
    note_looks(
        actor=actor,
        student_ids=(seen.student_id, *seen.others),
        what=LookedAt.FILE,
        item_id=seen.item,
        relation=seen.relation,
    )


def serve_receipt(actor: Actor, seen: SeenFile) -> HttpResponse:
    """The upload's receipt as a C2SP tlog-proof file; needs `stored.entry` loaded.

    Raises ReceiptNotReady while the ledger has not sequenced it.
    """
    stored = seen.stored
    if stored.entry.index is None:
        raise ReceiptNotReady
    note_file(actor, seen)
    answer = HttpResponse(
        proof_of(stored.entry), content_type="text/plain; charset=utf-8", headers=serving.HARMLESS
    )
    answer["Content-Disposition"] = f'attachment; filename="upload-{stored.entry.index}.tlog-proof"'
    return answer
