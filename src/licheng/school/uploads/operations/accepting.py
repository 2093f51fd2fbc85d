import hashlib
from pathlib import Path
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import StoredFile
from licheng.school.uploads import permissions, states, storage, workroom
from licheng.school.uploads.errors import ResultGone
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.operations.exclusive import ACCEPTERS, alone
from licheng.school.uploads.operations.items import attach
from licheng.school.uploads.operations.starting import drop_offered
from licheng.school.uploads.states import PreparationState


def accept_preparation(*, actor: Actor, preparation_id: UUID) -> Preparation:
    """Hand the version in instead of its source: one file and one receipt, however often it is asked for.

    Must be called outside a transaction (see `receive_file`). Two tabs wait for each other; the file is taken
    in under the preparation's own id, so that an attempt that was cut off is finished and not repeated. The
    log speaks of the accepted bytes; the file's row and the audit name the source's hash as well.
    Raises NotFound, NotAllowed, WrongState, ResultGone, or what handing the file in raises.
    """
    preparation = found(Preparation.objects.all(), actor, permissions.PREPARE, preparation_id)
    require(actor, permissions.PREPARE, preparation)
    with alone(ACCEPTERS, preparation_id, waits=True):
        preparation.refresh_from_db()
        if preparation.state == PreparationState.ACCEPTED:
            return preparation
        states.ACCEPT.apply(preparation.state)
        path = _whole(preparation)
        made_from = source_of(preparation)
        item = (preparation.item_kind, preparation.item_id, preparation.role)
        stored = attach(
            actor, item, path, preparation.result_name, file_id=preparation.pk, made_from=made_from
        )
        return _accepted(actor, preparation_id, stored, str(made_from["sha256"]))


def _whole(preparation: Preparation) -> Path:
    """The version's bytes, if they are those that the student looked at.

    Raises ResultGone.
    """
    path = storage.prepared_path(preparation.pk)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as missing:
        raise ResultGone from missing
    if sha256 != preparation.result_sha256:
        raise ResultGone
    return path


def source_of(preparation: Preparation) -> dict[str, object]:
    """What the version was made from, as the file's row keeps it.

    For several photos `sha256` is that of their hashes in order, one a line, each with a line feed; `sources`
    names each. `how` says what was done, in both languages.
    """
    uploads = [part.upload for part in preparation.parts.select_related("upload")]
    hashes = "".join(f"{upload.sha256}\n" for upload in uploads)
    return {
        "sha256": uploads[0].sha256 if len(uploads) == 1 else hashlib.sha256(hashes.encode()).hexdigest(),
        "size": sum(upload.size_bytes for upload in uploads),
        "how": {name: preparation.result_facts[f"how_{name}"] for name in ("zh", "en")},
        "sources": [_named(upload) for upload in uploads],
    }


def _named(upload: Upload) -> dict[str, object]:
    return {"name": upload.name, "sha256": upload.sha256, "size": upload.size_bytes}


@transaction.atomic
def _accepted(actor: Actor, preparation_id: UUID, stored: StoredFile, source_sha256: str) -> Preparation:
    preparation = _locked(actor, preparation_id)
    preparation.state, preparation.file = states.ACCEPT.apply(preparation.state), stored
    preparation.save(update_fields=["state", "file", "changed_at"])
    record(
        actor=actor,
        action="preparation.accepted",
        subject=preparation,
        file=str(stored.pk),
        sha256=stored.sha256,
        made_from=source_sha256,
    )
    uploads = preparation.parts.values("upload")
    drop_offered(actor, Preparation.objects.filter(parts__upload__in=uploads).exclude(pk=preparation.pk))
    transaction.on_commit(lambda: storage.remove(storage.prepared_path(preparation_id)))
    return preparation


@transaction.atomic
def drop_preparation(*, actor: Actor, preparation_id: UUID) -> Preparation:
    """Decide against a version; its source stays until it expires.

    Raises NotFound, NotAllowed or WrongState.
    """
    preparation = _locked(actor, preparation_id)
    preparation.state = states.DROP.apply(preparation.state)
    preparation.save(update_fields=["state", "changed_at"])
    record(actor=actor, action="preparation.dropped", subject=preparation)
    transaction.on_commit(lambda: _forget(preparation_id))
    return preparation


def _forget(preparation_id: UUID) -> None:
    storage.remove(storage.prepared_path(preparation_id))
    workroom.forget(preparation_id)


def _locked(actor: Actor, preparation_id: UUID) -> Preparation:
    found(Preparation.objects.all(), actor, permissions.PREPARE, preparation_id)
    preparation = Preparation.objects.select_for_update(of=("self",)).filter(pk=preparation_id).first()
    if preparation is None:  # swept while this waited for the lock
        raise NotFound
    require(actor, permissions.PREPARE, preparation)
    return preparation
