import logging
from copy import copy
from datetime import timedelta
from pathlib import PurePath
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError, NotFound
from licheng.foundations.files.errors import FileRefused, FileTooLarge, StorageFailed
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.files.operations import Brought
from licheng.foundations.moves import Move
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.filing import FITTED_EXTENSIONS
from licheng.school.people.actors import actor_for
from licheng.school.uploads import permissions, states, storage
from licheng.school.uploads.errors import UploadDamaged
from licheng.school.uploads.making.sources import kind_of
from licheng.school.uploads.models import Upload
from licheng.school.uploads.operations.exclusive import alone
from licheng.school.uploads.operations.items import attach, terms_of
from licheng.school.uploads.states import UploadState

FINISHERS = 0x75706C  # the class of PostgreSQL advisory locks that keep two finishers of one upload apart
LEFT_ALONE_SECONDS = 60  # an upload that the task takes over was not touched for so long
NOT_PLAYABLE = "not-playable"  # the inspection's word for films such as HEVC, which can be made playable
OPEN = (UploadState.RECEIVING, UploadState.COMPLETE)
SOURCES = frozenset({"image"})
MAKES = {FileRole.DOCUMENT.value: frozenset({"pdf", "image"}), FileRole.MEDIA.value: frozenset({"media"})}
log = logging.getLogger(__name__)


def finish_upload(*, actor: Actor, upload_id: UUID) -> Upload:
    """Check an upload that is all here, and hand it in: stored, too large, a waiting photo, or refused.

    Must be called outside a transaction. Safe to repeat, to interrupt and to call twice at once: the row says
    how far it came, and the file is taken in under the upload's own id. While a copy cannot be written the
    upload stays complete, which is said as pending, and a task asks again. Raises NotFound.
    """
    with alone(FINISHERS, upload_id) as is_alone:
        rows = Upload.objects.filter(permissions.SEND.within(actor), pk=upload_id)
        if (upload := rows.first()) is None:
            raise NotFound
        if is_alone and _is_all_here(upload):  # else somebody else is at it, and the page asks again
            upload = hand_in(actor, upload)
    return upload


def _is_all_here(upload: Upload) -> bool:
    if upload.state == UploadState.COMPLETE:
        return True
    return upload.state == UploadState.RECEIVING and upload.offset_bytes == upload.size_bytes


def hand_in(actor: Actor, upload: Upload, brought: Brought | None = None) -> Upload:
    """Do with a whole upload what its content asks for; the caller is alone with it."""
    if storage.kept_bytes(upload.pk) != upload.size_bytes:
        return upload  # the device lost some; HEAD asks the sender for them
    digests = brought.digests if brought else storage.digests_of(upload.pk)
    sha256 = digests.sha256
    try:
        if upload.promised_sha256 not in {"", sha256}:
            raise UploadDamaged(name=upload.name)
        terms = brought.terms if brought else terms_of(actor, upload.item_kind, upload.item_id, upload.role)
        return _settle(actor, upload, brought or Brought(terms, digests))
    except StorageFailed:
        log.warning("upload %s is pending: a copy could not be written", upload.pk)
        return upload if upload.state == UploadState.COMPLETE else _wait(actor, upload, sha256)
    except DomainError as refusal:
        return _move(actor, upload, states.REFUSE, sha256=sha256, refusal=in_both_languages(refusal))


def _settle(actor: Actor, upload: Upload, brought: Brought) -> Upload:
    item, sha256 = (upload.item_kind, upload.item_id, upload.role), brought.digests.sha256
    is_fitted = PurePath(upload.name).suffix[1:].casefold() in FITTED_EXTENSIONS[upload.role]
    if upload.is_source or is_fitted:
        return _keep_for_making(actor, upload, sha256)
    try:
        path = storage.path_of(upload.pk)
        stored = attach(actor, item, path, upload.name, file_id=upload.pk, brought=brought)
    except FileTooLarge:
        return _keep_for_making(actor, upload, sha256)
    except FileRefused as refusal:
        if refusal.data.get("reason_code") != NOT_PLAYABLE:
            raise
        return _keep_for_making(actor, upload, sha256)
    return _move(actor, upload, states.STORE, sha256=sha256, file=stored)


def _keep_for_making(actor: Actor, upload: Upload, sha256: str) -> Upload:
    """Keep a photo, or what is not taken as it is, for a version the server makes; its content decides."""
    kind = kind_of(storage.path_of(upload.pk))
    if kind not in (SOURCES if upload.is_source else MAKES[upload.role]):
        raise FileRefused(
            name=upload.name, reason=_("內容不是它的檔名所說的類型。"), reason_code="type-unknown"
        )
    return _move(actor, upload, states.WAIT if upload.is_source else states.FIT, sha256=sha256)


def _wait(actor: Actor, upload: Upload, sha256: str) -> Upload:
    """Say on the row that every byte is here, and have a task ask again."""
    with transaction.atomic():
        upload = _move(actor, upload, states.ARRIVE, sha256=sha256)
        enqueue_on_commit(
            "licheng.school.uploads.tasks.finish", school_id=upload.school_id, upload_id=str(upload.pk)
        )
    return upload


@transaction.atomic
def _move(actor: Actor, upload: Upload, move: Move, **columns: StoredFile | str | dict[str, str]) -> Upload:
    """Take the row where it ends; one that was still receiving arrives by the way.

    Raises NotFound when somebody gave the upload up meanwhile: nobody else moves it, as the caller is alone.
    """
    row = copy(upload)
    if row.state == UploadState.RECEIVING and move != states.ARRIVE:
        row.state = states.ARRIVE.apply(row.state)
    row.state, row.changed_at = move.apply(row.state), timezone.now()
    for name, value in columns.items():
        setattr(row, name, value)
    told = {name: getattr(row, name) for name in ("state", "changed_at", *columns)}
    if not Upload.objects.filter(pk=upload.pk, state=upload.state).update(**told):
        raise NotFound
    if row.state in {UploadState.STORED, UploadState.REFUSED}:
        record(actor=actor, action=f"upload.{row.state}", subject=row)
        transaction.on_commit(lambda: storage.remove(storage.path_of(row.pk)))
    return row


def in_both_languages(refusal: DomainError) -> dict[str, str]:
    """A refusal as a row keeps it, because its reader's language is known only later."""
    texts = {}
    for key, language in (("text_zh", "zh-hant"), ("text_en", "en")):
        with translation.override(language):
            texts[key] = refusal.whole
    return {"code": refusal.code, **texts}


def finish_left_upload(*, actor: Actor, upload_id: UUID) -> Upload | None:
    """Finish an upload whose sender is gone, in the sender's name; None when it is not there any more.

    Called by tasks of the upload's school. Raises StorageFailed while a copy still cannot be written.
    """
    here = Upload.objects.filter(school_id=actor.school_id or 0).select_related("student")
    upload = here.filter(pk=upload_id).first()
    if upload is None:
        return None
    finished = finish_upload(actor=actor_for(upload.student), upload_id=upload_id)
    if _is_all_here(finished):
        raise StorageFailed
    return finished


def finish_left_uploads(*, actor: Actor) -> int:
    """Finish what a stopped server left with every byte here; how many were looked at.

    Acts for every school of the site, as the clock it is.
    """
    until = timezone.now() - timedelta(seconds=LEFT_ALONE_SECONDS)
    rows = Upload.objects.filter(changed_at__lt=until, state__in=OPEN)
    left = [upload for upload in rows if _is_all_here(upload)]
    for upload in left:
        clock = Actor.system(actor.label, upload.school_id)
        try:
            finish_left_upload(actor=clock, upload_id=upload.pk)
        except StorageFailed:
            log.warning("upload %s is still pending", upload.pk)
    return len(left)
