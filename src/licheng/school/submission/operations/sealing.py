import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from licheng_exchange import PackageRefused, build_manifest, seal_package

from licheng.foundations import keys
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, require_system
from licheng.foundations.custody.copies import good_path
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.durable import ensure_folder, sync_folder
from licheng.foundations.errors import NotAllowed
from licheng.foundations.files.models import StoredFile
from licheng.foundations.privacy import seal, unseal
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.activities.models import Activity
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import require_open
from licheng.school.outcomes.models import Outcome
from licheng.school.people.actors import school_of
from licheng.school.people.models import School
from licheng.school.submission import permissions, states
from licheng.school.submission.errors import BatchUnderWay, Blocked, NothingSelected, Unacknowledged
from licheng.school.submission.models import Batch, BatchItem, ItemKind
from licheng.school.submission.operations.items import move_items
from licheng.school.submission.queries import batch_seen_by, precheck
from licheng.school.submission.records import activity_record, outcome_record, rosters, student_entry

PASSWORD_BYTES = 32


@transaction.atomic
def seal_batch(*, actor: Actor, open_matters_known: bool) -> Batch:
    """Freeze what is selected now into a batch and have its package built.

    Raises NotFound or NotAllowed (not a submitter), WindowClosed, NothingSelected, Blocked, Unacknowledged
    (undecided outcomes nobody looked at) or BatchUnderWay.
    """
    school = school_of(actor)
    found(School.objects.all(), actor, permissions.PRECHECK, school.pk)
    require(actor, permissions.SEAL, school)
    # Two submitters who press at once meet here; rows that only point at the school are written meanwhile.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    require_open(school.place, WindowKind.SUBMIT)
    report = precheck(actor, school)
    if report.is_empty:
        raise NothingSelected
    if report.blockers:
        raise Blocked(count=report.blockers)
    if report.open_matters and not open_matters_known:
        raise Unacknowledged(count=report.open_matters)
    batch = _new_batch(actor, school)
    items = [_item(batch, item) for item in report.items]
    BatchItem.objects.bulk_create(items)
    move_items(actor=actor, batch=batch, move="SEAL")
    record(actor=actor, action="batch.sealing", subject=batch, items=len(items))
    enqueue_on_commit(
        "licheng.school.submission.tasks.build", school_id=batch.school_id, batch_id=str(batch.pk)
    )
    return batch


def _new_batch(actor: Actor, school: School) -> Batch:
    if actor.person_id is None:
        raise NotAllowed(rule=permissions.SEAL.says)
    batch = Batch(school=school, school_year=school.active_year, sealed_by_id=actor.person_id)
    batch.password_sealed = seal(secrets.token_urlsafe(PASSWORD_BYTES), place=password_place(batch))
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError as another:
        raise BatchUnderWay from another
    return batch


def _item(batch: Batch, item: Outcome | Activity) -> BatchItem:
    if isinstance(item, Outcome):
        kind, entry = ItemKind.OUTCOME, outcome_record(item)
    else:
        kind, entry = ItemKind.ACTIVITY, activity_record(item)
    return BatchItem(
        school_id=batch.school_id,
        batch=batch,
        student_id=item.student_id,
        kind=kind,
        item_id=entry["item"],
        record=entry,
    )


def password_place(batch: Batch) -> str:
    """What the package password's ciphertext is bound to."""
    return f"submission_batch.password/{batch.pk}"


def password_of(batch: Batch) -> str:
    """The password that opens the package; it goes to the archive apart from the package."""
    return unseal(batch.password_sealed, place=password_place(batch))


def package_path(batch: Batch) -> Path:
    """Where the sealed package of a batch lies."""
    return Path(settings.PACKAGES_ROOT) / batch.school.code / f"{batch.pk}.zip"


def build_package(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Build, sign and keep a batch's package. Safe to run again: it starts over until the batch is sealed.

    A file that no copy gives back, or a record that does not fit, ends in FAILED with the reasons, and the
    items are selected again.
    """
    require_system(actor)
    batch = Batch.objects.select_related("school").get(pk=batch_id)
    if batch.state != states.S.SEALING:
        return batch
    path = package_path(batch)
    ensure_folder(path.parent)
    building = path.with_suffix(".building")
    try:
        with building.open("wb") as out:
            sealed = seal_package(
                out, *_contents(batch), _open_file, password_of(batch), keys.signing_key("signing")
            )
            out.flush()
            os.fsync(out.fileno())
    except (PackageRefused, CopyLost) as refusal:
        building.unlink(missing_ok=True)
        return _fail(actor, batch, refusal)
    building.rename(path)
    sync_folder(path.parent)
    return _finish(actor, batch, sealed.sha256, sealed.size)


@contextmanager
def _open_file(sha256: str) -> Iterator[BinaryIO]:
    with good_path(sha256).open("rb") as file:
        yield file


def _contents(batch: Batch) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and rosters of a batch, from the records frozen in it."""
    rows = batch.items.select_related("student__student__class_group").order_by("student__account", "pk")
    students = [
        student_entry(student, [row.record for row in mine])
        for student, mine in groupby(rows, key=lambda row: row.student)
    ]
    hashes = {file["sha256"] for one in students for item in one["items"] for file in item["files"]}
    types = dict(
        StoredFile.objects.filter(scope=batch.school.code, sha256__in=hashes).values_list(
            "sha256", "media_type"
        )
    )
    sheets = rosters(batch.school, batch.school_year, students)
    manifest = build_manifest(
        package=str(batch.pk),
        school_code=batch.school.code,
        school_name=batch.school.name,
        school_year=batch.school_year,
        batch=batch.round,
        created_at=batch.created_at.astimezone(UTC).isoformat(),
        students=students,
        rosters=sheets,
        types=types,
    )
    return manifest, sheets


@transaction.atomic
def _finish(actor: Actor, batch: Batch, sha256: str, size: int) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",)).select_related("school").get(pk=batch.pk)
    batch.state = states.FINISH_SEALING.apply(batch.state)
    batch.package_sha256, batch.package_bytes, batch.sealed_at = sha256, size, timezone.now()
    batch.save(update_fields=["state", "package_sha256", "package_bytes", "sealed_at"])
    record(actor=actor, action="batch.sealed", subject=batch, sha256=sha256, size_bytes=size)
    return batch


@transaction.atomic
def _fail(actor: Actor, batch: Batch, refusal: PackageRefused | CopyLost) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",)).select_related("school").get(pk=batch.pk)
    batch.state = states.FAIL.apply(batch.state)
    batch.problems = (
        [
            {"file": one.file, "rule": one.rule, "text_zh": one.text_zh, "text_en": one.text_en}
            for one in refusal.problems
        ]
        if isinstance(refusal, PackageRefused)
        else [{"file": "", "rule": refusal.code, "text_zh": refusal.sentence, "text_en": refusal.sentence}]
    )
    batch.save(update_fields=["state", "problems"])
    move_items(actor=actor, batch=batch, move="UNSEAL")
    record(actor=actor, action="batch.failed", subject=batch)
    return batch


@transaction.atomic
def discard_batch(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Take back a sealed batch that was not submitted; its items are selected again and can be changed.

    Raises NotFound, NotAllowed or WrongState (already on its way).
    """
    batch_seen_by(actor, batch_id)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("school").get(pk=batch_id)
    require(actor, permissions.SUBMIT, batch)
    batch.state = states.DISCARD.apply(batch.state)
    batch.save(update_fields=["state"])
    move_items(actor=actor, batch=batch, move="UNSEAL")
    record(actor=actor, action="batch.discarded", subject=batch)
    return batch
