from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations import fence
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found
from licheng.foundations.errors import NotFound
from licheng.foundations.files.errors import StorageFailed
from licheng.foundations.files.inspection import EXTENSIONS
from licheng.foundations.files.models import FileRole
from licheng.foundations.files.operations import Brought, Receiving, clean_name
from licheng.foundations.tus import OffsetDiffers, Stream
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text
from licheng.school.filing import FITTED_EXTENSIONS, TYPE_WORDS
from licheng.school.uploads import permissions, states, storage
from licheng.school.uploads.errors import (
    EmptyFile,
    PartTooLong,
    TooLargeToFit,
    TooManyUploads,
    TypeNotTaken,
    UploadGone,
    UploadInUse,
)
from licheng.school.uploads.making.sources import PHOTO_EXTENSIONS
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.operations.exclusive import alone
from licheng.school.uploads.operations.finishing import FINISHERS, hand_in
from licheng.school.uploads.operations.items import terms_of
from licheng.school.uploads.states import PreparationState, UploadState
from licheng.school.uploads.tus import Checksum

# Own bounds, none of them official. Photos for one PDF are the reason for the number of uploads.
MOST_UPLOADS = 80
SEGMENT_BYTES = 4 << 20  # kept in memory, then written, synced and told; a cut costs at most this much
CHECKED_BYTES = 16 << 20  # a part with a checksum is held back whole until it was compared
STILL_COMING = timedelta(hours=1)  # own bound
WAITING = (UploadState.RECEIVING, UploadState.COMPLETE, UploadState.TOO_LARGE, UploadState.SOURCE)
BUSY = (PreparationState.QUEUED, PreparationState.WORKING, PreparationState.READY)
# The sender's own row is the lock: two requests for the last place meet here.
ALONE = "SELECT id FROM people_person WHERE id = %(student)s AND school_id = %(school)s FOR NO KEY UPDATE"
# How many uploads of the sender's wait and what they weigh; and the bytes that uploads on their way now, of
# every school on this device, may still send. One that was silent for long holds no place against others.
PROMISED = """
SELECT count(*), coalesce(sum(size_bytes), 0), (
    SELECT coalesce(sum(size_bytes - offset_bytes), 0) FROM uploads_upload
    WHERE state = 'receiving' AND changed_at > %(since)s
)
FROM uploads_upload
WHERE school_id = %(school)s AND student_id = %(student)s AND state = ANY (%(waiting)s::text[])
"""


@transaction.atomic
def start_upload(
    *,
    actor: Actor,
    item: tuple[str, UUID, str],
    name: str,
    size_bytes: int,
    is_source: bool = False,
    promised_sha256: str = "",
) -> Upload:
    """Agree to take a file in for an item (kind, id, role), before its first byte travels.

    A source is a photo that waits to become a page of one PDF. Raises NotFound, NotAllowed, WindowClosed,
    WrongState, EmptyFile, TypeNotTaken, TooLargeToFit, TooManyUploads or StorageFailed.
    """
    name = clean_name(name)
    _agreed(actor, item, name, size_bytes, is_source=is_source)
    return _started(
        actor, item, name=name, size_bytes=size_bytes, is_source=is_source, promised_sha256=promised_sha256
    )


def take_whole(
    *,
    actor: Actor,
    item: tuple[str, UUID, str],
    name: str,
    size_bytes: int,
    stream: Stream,
    checksum: Checksum,
    is_source: bool = False,
    promised_sha256: str = "",
) -> Upload:
    """Take a file in that comes in one piece with its checksum, and hand it in.

    What `start_upload`, `append_bytes` and `finish_upload` do one after the other, with everything asked once
    before the bytes are taken and once where they are attached. Raises what the three of them raise; a sender
    that breaks off leaves nothing.
    """
    name = clean_name(name)
    terms = _agreed(actor, item, name, size_bytes, is_source=is_source)
    if size_bytes > CHECKED_BYTES:
        raise PartTooLong(sent=f"{size_bytes:,}", most=f"{CHECKED_BYTES:,}")
    part = b"".join(_arriving(stream, size_bytes, checksum))
    brought = Brought(terms, checksum.digests_of(part), is_new=True)
    upload_id = uuid4()
    with alone(FINISHERS, upload_id) as is_alone:  # before anybody else can know of it
        with transaction.atomic():
            upload = _started(
                actor,
                item,
                id=upload_id,
                name=name,
                size_bytes=size_bytes,
                offset_bytes=len(part),
                is_source=is_source,
                promised_sha256=promised_sha256,
            )
            _put(upload_id, 0, part)
        return hand_in(actor, upload, brought) if is_alone else upload


def _agreed(
    actor: Actor, item: tuple[str, UUID, str], name: str, size_bytes: int, *, is_source: bool
) -> Receiving:
    terms = terms_of(actor, *item)
    _require_type(name, terms.role, terms.allowed, is_source=is_source)
    _require_size(name, size_bytes, terms.role)
    return terms


def _started(actor: Actor, item: tuple[str, UUID, str], **columns: Any) -> Upload:
    if actor.person_id is None or actor.school_id is None:  # a clock sends nothing
        raise NotFound
    _require_room(actor.school_id, actor.person_id, columns["size_bytes"])
    item_kind, item_id, role = item
    upload = Upload.objects.create(
        school_id=actor.school_id,
        student_id=actor.person_id,
        item_kind=item_kind,
        item_id=item_id,
        role=role,
        expires_at=_kept_until(),
        **columns,
    )
    size_bytes = upload.size_bytes
    record(actor=actor, action="upload.started", subject=upload, item=str(item_id), size_bytes=size_bytes)
    return upload


def _require_type(name: str, role: str, allowed: frozenset[str], *, is_source: bool) -> None:
    extension = PurePath(name).suffix[1:].casefold()
    if is_source:
        if extension not in PHOTO_EXTENSIONS:
            raise TypeNotTaken(name=name, types=_("照片（JPG、PNG、HEIC）"))
        return
    fitted = extension in FITTED_EXTENSIONS[role]
    if not fitted and all(extension not in EXTENSIONS[kind] for kind in allowed):
        words = [word for kind, word in TYPE_WORDS.items() if kind in allowed]
        raise TypeNotTaken(name=name, types=_("、").join(words))


def _require_size(name: str, size_bytes: int, role: str) -> None:
    if size_bytes == 0:
        raise EmptyFile(name=name)
    most = settings.FIT_MEDIA_BYTES if role == FileRole.MEDIA else settings.FIT_DOCUMENT_BYTES
    if size_bytes > most:
        raise TooLargeToFit(name=name, size=bytes_text(size_bytes), limit=bytes_text(most))


def _require_room(school_id: int, student_id: int, size_bytes: int) -> None:
    asked: dict[str, Any] = {"school": school_id, "student": student_id}
    asked |= {"waiting": [str(state) for state in WAITING], "since": timezone.now() - STILL_COMING}
    with fence.everywhere(), connection.cursor() as cursor:
        cursor.execute(ALONE, asked)
        cursor.execute(PROMISED, asked)
        count, kept, promised = cursor.fetchone()
    most = settings.FIT_MEDIA_BYTES + settings.FIT_DOCUMENT_BYTES  # the largest film and the largest document
    if count >= MOST_UPLOADS or kept + size_bytes > most:
        raise TooManyUploads(n=count, size=bytes_text(int(kept)))
    if not storage.has_room_for(size_bytes, int(promised)):
        raise StorageFailed


def _kept_until() -> datetime:
    return timezone.now() + timedelta(days=settings.UPLOAD_KEPT_DAYS)


def append_bytes(
    *,
    actor: Actor,
    upload_id: UUID,
    offset: int,
    stream: Stream,
    length: int,
    checksum: Checksum | None = None,
) -> Upload:
    """Take a part of `length` bytes in at `offset`; whatever is told to be here is synced.

    No lock is held while the network is waited for. A sender that breaks off leaves the segments that arrived
    whole in time, with a checksum nothing. Raises NotFound, NotAllowed, WrongState, OffsetDiffers,
    PartTooLong, ChecksumDiffers or StorageFailed.
    """
    upload = found(Upload.objects.all(), actor, permissions.SEND, upload_id)  # sight and right are one rule
    _require_place(upload, offset)
    most = upload.size_bytes - offset if checksum is None else min(upload.size_bytes - offset, CHECKED_BYTES)
    if length > most:
        raise PartTooLong(sent=f"{length:,}", most=f"{most:,}")
    for part in _arriving(stream, length, checksum):
        upload = _write(actor, upload_id, offset, part)
        offset = upload.offset_bytes
    return upload


def _arriving(stream: Stream, length: int, checksum: Checksum | None) -> Iterator[bytes]:
    """The part in segments; with a checksum the whole of it, once it was compared."""
    at_once = SEGMENT_BYTES if checksum is None else CHECKED_BYTES
    while length > 0 and (segment := _filled(stream, min(length, at_once))):
        if checksum is not None:
            checksum.require(segment)
        length -= len(segment)
        yield segment


def _filled(stream: Stream, size: int) -> bytes:
    """Up to `size` bytes; fewer only when the sender broke off."""
    pieces, missing = [], size
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _require_place(upload: Upload, offset: int) -> None:
    states.ARRIVE.apply(upload.state)
    if upload.offset_bytes != offset:
        raise OffsetDiffers(sent=f"{offset:,}", kept=f"{upload.offset_bytes:,}")
    kept = storage.kept_bytes(upload.pk)
    if kept < offset:  # the device lost what it had acknowledged: HEAD tells the sender how far back to go
        raise OffsetDiffers(sent=f"{offset:,}", kept=f"{kept:,}")


@transaction.atomic
def _write(actor: Actor, upload_id: UUID, offset: int, part: bytes) -> Upload:
    upload = _locked(actor, upload_id)
    _require_place(upload, offset)
    _put(upload.pk, offset, part)
    upload.offset_bytes = offset + len(part)
    upload.expires_at = _kept_until()
    upload.save(update_fields=["offset_bytes", "expires_at", "changed_at"])
    return upload


def _put(upload_id: UUID, offset: int, part: bytes) -> None:
    try:
        storage.write_at(upload_id, offset, part)
    except OSError as failure:
        raise StorageFailed from failure


def _locked(actor: Actor, upload_id: UUID) -> Upload:
    """The actor's own upload, locked.

    Raises NotFound.
    """
    upload = (
        Upload.objects.select_for_update(of=("self",))
        .filter(permissions.SEND.within(actor), pk=upload_id)
        .first()
    )
    if upload is None:
        raise NotFound
    return upload


@transaction.atomic
def settle_offset(*, actor: Actor, upload_id: UUID) -> Upload:
    """Bring row and bytes together after a crash.

    What was written but never told is cut off; what the device lost is asked for again.
    Raises NotFound, or UploadGone when an upload that waits has no bytes any more.
    """
    found(Upload.objects.all(), actor, permissions.SEND, upload_id)
    upload = _locked(actor, upload_id)
    kept = storage.kept_bytes(upload.pk)
    if upload.state in {UploadState.TOO_LARGE, UploadState.SOURCE} and kept == 0:
        raise UploadGone
    if upload.state != UploadState.RECEIVING or kept == upload.offset_bytes:
        return upload
    if kept > upload.offset_bytes:
        storage.cut_back(upload.pk, upload.offset_bytes)
        return upload
    upload.offset_bytes = kept
    upload.save(update_fields=["offset_bytes", "changed_at"])
    record(actor=actor, action="upload.offset_lowered", subject=upload, kept=kept)
    return upload


@transaction.atomic
def drop_upload(*, actor: Actor, upload_id: UUID) -> None:
    """Give an upload up and its bytes back; what was handed in is not touched by it.

    Raises NotFound, NotAllowed, WrongState (being checked, or stored) or UploadInUse.
    """
    found(Upload.objects.all(), actor, permissions.SEND, upload_id)
    upload = _locked(actor, upload_id)
    states.DISCARD.apply(upload.state)
    if upload.parts.filter(preparation__state__in=BUSY).exists():
        raise UploadInUse(name=upload.name)
    Preparation.objects.filter(parts__upload=upload).delete()
    record(actor=actor, action="upload.dropped", subject=upload, state=upload.state)
    transaction.on_commit(lambda: storage.remove(storage.path_of(upload_id)))
    upload.delete()
