from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.people.models import Person
from licheng.school.uploads import permissions, states, storage
from licheng.school.uploads.album import MOST_PHOTOS, photos_of
from licheng.school.uploads.errors import NoPhotos, TooManyPhotos, TooManyPreparations, UploadGone
from licheng.school.uploads.models import Preparation, PreparationPart, Upload
from licheng.school.uploads.operations.items import terms_of
from licheng.school.uploads.states import PreparationKind, PreparationState, Quality

MOST_AT_WORK = 3  # own bound: what one student may have queued or in work at once
AT_WORK = (PreparationState.QUEUED, PreparationState.WORKING)
OFFERED = (PreparationState.READY, PreparationState.FAILED)


@transaction.atomic
def start_reduction(*, actor: Actor, upload_id: UUID, quality: str) -> Preparation:
    """Ask for a smaller version of an upload over the limit; asking again for the same gives the same.

    Raises NotFound, NotAllowed, WindowClosed, WrongState, UploadGone or TooManyPreparations.
    """
    found(Upload.objects.all(), actor, permissions.PREPARE, upload_id)
    upload = next(iter(_locked(Upload.objects.filter(pk=upload_id))), None)
    if upload is None:  # dropped while this waited for the lock
        raise NotFound
    require(actor, permissions.PREPARE, upload)
    terms_of(actor, upload.item_kind, upload.item_id, upload.role)
    states.REDUCE.apply(upload.state)
    _require_bytes(upload)
    same = Preparation.objects.filter(
        parts__upload=upload, quality=_quality(quality), state__in=AT_WORK
    ).first()
    return same or _start(actor, [upload], PreparationKind.REDUCE, quality)


@transaction.atomic
def start_photos(*, actor: Actor, item_kind: str, item_id: UUID, role: str, quality: str) -> Preparation:
    """Ask for one PDF of the item's photos, in the order and turned the way they stand now.

    A PDF of the same photos that was made before and not accepted is dropped. Raises NotFound, NotAllowed,
    WindowClosed, WrongState, NoPhotos, TooManyPhotos, UploadGone or TooManyPreparations.
    """
    terms_of(actor, item_kind, item_id, role)
    photos = _locked(photos_of(actor, item_kind, item_id))
    if not photos:
        raise NoPhotos
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(n=len(photos), most=MOST_PHOTOS)
    for photo in photos:
        require(actor, permissions.PREPARE, photo)
        states.COMBINE.apply(photo.state)
        _require_bytes(photo)
    drop_offered(actor, Preparation.objects.filter(parts__upload__in=photos))
    return _start(actor, photos, PreparationKind.PHOTOS, quality)


def _locked(rows: QuerySet[Upload]) -> list[Upload]:
    """The rows, locked."""
    return list(rows.select_for_update(of=("self",)))


def _quality(text: str) -> Quality:
    try:
        return Quality(text)
    except ValueError as unknown:
        raise NotFound from unknown


def _require_bytes(upload: Upload) -> None:
    if upload.expires_at <= timezone.now() or storage.kept_bytes(upload.pk) != upload.size_bytes:
        raise UploadGone


def _start(actor: Actor, uploads: list[Upload], kind: PreparationKind, quality: str) -> Preparation:
    # the student's own row is the lock: two requests for the last place meet here
    student = Person.objects.select_for_update(no_key=True).only("pk").get(pk=uploads[0].student_id)
    mine = Preparation.objects.filter(school_id=uploads[0].school_id, student=student)
    if mine.filter(state__in=AT_WORK).count() >= MOST_AT_WORK:
        raise TooManyPreparations(most=MOST_AT_WORK)
    first = uploads[0]
    preparation = Preparation.objects.create(
        school_id=first.school_id,
        student_id=first.student_id,
        item_kind=first.item_kind,
        item_id=first.item_id,
        role=first.role,
        kind=kind,
        quality=_quality(quality),
    )
    PreparationPart.objects.bulk_create(
        PreparationPart(
            school_id=upload.school_id,
            preparation=preparation,
            upload=upload,
            position=position,
            quarter_turns=upload.quarter_turns,
        )
        for position, upload in enumerate(uploads)
    )
    record(
        actor=actor,
        action="preparation.started",
        subject=preparation,
        kind=kind.value,
        quality=quality,
        sources=[upload.sha256 for upload in uploads],
    )
    enqueue_on_commit(
        "licheng.school.uploads.tasks.prepare",
        school_id=preparation.school_id,
        preparation_id=str(preparation.pk),
    )
    return preparation


def drop_offered(actor: Actor, preparations: QuerySet[Preparation]) -> None:
    """Drop versions that wait for an answer, because another one takes their place."""
    ids = list(preparations.filter(state__in=OFFERED).values_list("pk", flat=True))
    for preparation in Preparation.objects.select_for_update().filter(pk__in=ids, state__in=OFFERED):
        preparation.state = states.DROP.apply(preparation.state)
        preparation.save(update_fields=["state", "changed_at"])
        record(actor=actor, action="preparation.dropped", subject=preparation)
