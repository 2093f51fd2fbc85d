from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.activities import queries as activities
from licheng.school.counselling import queries as counselling
from licheng.school.filing import upload_answer
from licheng.school.outcomes import queries as outcomes
from licheng.school.uploads import permissions
from licheng.school.uploads.models import ItemKind, Upload
from licheng.school.uploads.states import PreparationState, UploadState

PAGES_OF = {  # namespaces of the item's pages
    ItemKind.OUTCOME: "outcomes",
    ItemKind.ACTIVITY: "activities",
    ItemKind.CONSULTATION: "counselling",
}
LISTED = (UploadState.RECEIVING, UploadState.COMPLETE, UploadState.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class LeftUpload:
    """An upload of an item that is not stored, as the item's page lists it."""

    id: UUID
    name: str
    role: str
    state: str
    state_text: str
    progress: str
    percent: int
    kept_until: str
    is_receiving: bool
    is_pending: bool
    fit_url: str


def upload_seen(actor: Actor, upload_id: UUID) -> Upload:
    """One's own upload.

    Raises NotFound.
    """
    return found(Upload.objects.select_related("file__entry"), actor, permissions.SEND, upload_id)


def item_url(item_kind: str, item_id: UUID, view: str, *more: object) -> str:
    """The address of one of the item's pages."""
    return reverse(f"{PAGES_OF[ItemKind(item_kind)]}:{view}", args=[item_id, *more])


def in_reader_language(kept: Mapping[str, str]) -> str:
    """The reason a row keeps, in the language of whoever reads it now."""
    return kept["text_en" if get_language() == "en" else "text_zh"]


def require_sight(actor: Actor, item_kind: str, item_id: UUID) -> None:
    """Raise NotFound unless the actor sees the item."""
    if item_kind == ItemKind.OUTCOME:
        outcomes.outcome_detail(actor, item_id)
    elif item_kind == ItemKind.ACTIVITY:
        activities.activity_seen_by(actor, item_id)
    elif item_kind == ItemKind.CONSULTATION:
        counselling.consultation_seen_by(actor, item_id)
    else:
        raise NotFound


def require_own(actor: Actor, item_kind: str, item_id: UUID) -> None:
    """Raise NotFound, or NotAllowed, unless the item is the actor's to write."""
    if item_kind == ItemKind.OUTCOME:
        outcomes.own_outcome(actor, item_id)
    elif item_kind == ItemKind.ACTIVITY:
        activities.activity_to_edit(actor, item_id)
    elif item_kind == ItemKind.CONSULTATION:
        counselling.consultation_to_write(actor, item_id)
    else:
        raise NotFound


def state_told(actor: Actor, upload: Upload) -> dict[str, object]:
    """What the upload control reads: where the upload is, and what came of it."""
    is_here = upload.state == UploadState.RECEIVING and upload.offset_bytes == upload.size_bytes
    state = UploadState.COMPLETE if is_here else UploadState(upload.state)
    told: dict[str, object] = {
        "state": state.value,
        "state_text": str(state.label),
        "upload": str(upload.pk),
        "name": upload.name,
        "offset": upload.offset_bytes,
        "size": upload.size_bytes,
    }
    if upload.file is not None:
        answer = _stored_answer(actor, upload, upload.file)
        told |= {**answer, "state": upload.state, "state_text": answer["state"]}
    if upload.refusal is not None:
        told["problem"] = {"code": upload.refusal["code"], "detail": in_reader_language(upload.refusal)}
    if upload.state == UploadState.TOO_LARGE:
        told["fit_url"] = reverse("uploads:fit", args=[upload.pk])
    return told


def _stored_answer(actor: Actor, upload: Upload, stored: StoredFile) -> dict[str, str]:
    def url(view: str, *more: object) -> str:
        return item_url(upload.item_kind, upload.item_id, view, upload.role, *more)

    preview = url("thumbnail") if stored.pages else ""
    return upload_answer(stored, url("receipt"), preview, same_bytes_text(actor, upload.item_id, stored))


def same_bytes_text(actor: Actor, item_id: UUID, stored: StoredFile) -> str:
    """A kind remark when another of her own items holds these very bytes; else empty."""
    if not StoredFile.objects.filter(sha256=stored.sha256).exclude(pk=stored.pk).exists():
        return ""  # nobody else's either: two far larger questions less
    said = []
    if courses := outcomes.names_of_same_bytes(actor, item_id, stored):
        said.append(_("「%(names)s」的成果") % {"names": _("、").join(courses)})
    if titles := activities.names_of_same_bytes(actor, item_id, stored):
        said.append(_("多元表現「%(names)s」") % {"names": _("、").join(titles)})
    if not said:
        return ""
    text = _("提醒：您在%(where)s已經放了一模一樣的檔案。若不是故意的，請換成這一件的作品。")
    return text % {"where": _("和").join(said)}


def left_uploads(actor: Actor, item_kind: str, item_id: UUID) -> tuple[LeftUpload, ...]:
    """What was not finished for one item, newest first.

    Raises NotFound for an item out of sight or of an unknown kind.
    """
    require_sight(actor, item_kind, item_id)
    rows = Upload.objects.filter(
        item_kind=item_kind, item_id=item_id, is_source=False, state__in=LISTED
    ).exclude(parts__preparation__state=PreparationState.ACCEPTED)
    rows = rows.order_by("-created_at")
    return tuple(_left(upload) for upload in seen(rows, actor, permissions.SEND))


def _left(upload: Upload) -> LeftUpload:
    sizes = {"n": bytes_text(upload.offset_bytes), "size": bytes_text(upload.size_bytes)}
    return LeftUpload(
        id=upload.pk,
        name=upload.name,
        role=str(FileRole(upload.role).label),
        state=upload.state,
        state_text=_("沒傳完")
        if upload.state == UploadState.RECEIVING
        else str(UploadState(upload.state).label),
        progress=_("已傳 %(n)s，共 %(size)s") % sizes,
        percent=100 * upload.offset_bytes // upload.size_bytes,
        kept_until=roc_datetime(upload.expires_at),
        is_receiving=upload.state == UploadState.RECEIVING,
        is_pending=upload.state == UploadState.COMPLETE,
        fit_url=reverse("uploads:fit", args=[upload.pk]) if upload.state == UploadState.TOO_LARGE else "",
    )
