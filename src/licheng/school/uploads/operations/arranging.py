"""Photos that wait to become one PDF: their order, which way up they are, and taking one away."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.school.uploads import permissions, states, workroom
from licheng.school.uploads.album import photos_of
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.operations.items import terms_of
from licheng.school.uploads.operations.sending import drop_upload
from licheng.school.uploads.operations.starting import drop_offered

FULL_TURN = 4
STEPS = {"up": -1, "down": 1}
TURNS = {"turn": 1, "turn-back": 3}


@transaction.atomic
def arrange_photo(*, actor: Actor, upload_id: UUID, step: str) -> Upload:
    """Move a photo one place (`up`, `down`) or turn it by a right angle (`turn`, `turn-back`).

    At either end nothing moves. Raises NotFound (also for another word), NotAllowed or WrongState.
    """
    photo = _own_photo(actor, upload_id)
    photos = _locked(actor, photo)
    here = next((place for place, one in enumerate(photos) if one.pk == photo.pk), None)
    if here is None:  # expired, or taken away while this waited for the lock
        raise NotFound
    if step in TURNS:
        photos[here].quarter_turns = (photos[here].quarter_turns + TURNS[step]) % FULL_TURN
    elif step in STEPS:
        there = min(max(here + STEPS[step], 0), len(photos) - 1)
        photos[here], photos[there] = photos[there], photos[here]
    else:
        raise NotFound
    _keep(actor, photos)
    return photo


@transaction.atomic
def order_photos(*, actor: Actor, item_kind: str, item_id: UUID, upload_ids: Sequence[UUID]) -> None:
    """Put the photos of an item into this order; those that are not named keep theirs, behind the named ones.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    terms_of(actor, item_kind, item_id, "document")
    rows = photos_of(actor, item_kind, item_id).select_for_update(of=("self",))
    places = {upload_id: place for place, upload_id in enumerate(upload_ids)}
    photos = sorted(rows, key=lambda photo: places.get(photo.pk, len(places)))
    _keep(actor, photos)


@transaction.atomic
def remove_photo(*, actor: Actor, upload_id: UUID) -> Upload:
    """Take a photo away for good; a PDF of it that was offered and not accepted goes with it.

    Raises NotFound, NotAllowed, WrongState, or UploadInUse while a PDF of it is being made.
    """
    photo = _own_photo(actor, upload_id)
    drop_offered(actor, Preparation.objects.filter(parts__upload=photo))
    drop_upload(actor=actor, upload_id=upload_id)
    transaction.on_commit(lambda: workroom.forget(upload_id))
    return photo


def _own_photo(actor: Actor, upload_id: UUID) -> Upload:
    photo = found(Upload.objects.all(), actor, permissions.PREPARE, upload_id)
    require(actor, permissions.PREPARE, photo)
    states.COMBINE.apply(photo.state)
    return photo


def _locked(actor: Actor, photo: Upload) -> list[Upload]:
    return list(photos_of(actor, photo.item_kind, photo.item_id).select_for_update(of=("self",)))


def _keep(actor: Actor, photos: Sequence[Upload]) -> None:
    for place, photo in enumerate(photos):
        photo.position = place
    Upload.objects.bulk_update(photos, ["position", "quarter_turns"])
    if photos:
        record(actor=actor, action="upload.photos_arranged", subject=photos[0], count=len(photos))
