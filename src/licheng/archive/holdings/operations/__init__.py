"""Taking the items of a verified package in: rows and log leaves in the caller's transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from licheng_exchange import build_leaf_deposited, subject_of

from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent, id_number_place
from licheng.archive.intake.models import Deposit
from licheng.foundations.ledger.operations import note_leaf
from licheng.foundations.privacy import blind_index, seal

BATCH = 500


def hold_items(*, deposit: Deposit, manifest: Mapping[str, Any], at: datetime) -> int:
    """Write down every item with its ledger leaf; how many.

    Called by the verdict on a deposit inside its transaction, after every byte and rule was checked and the
    files are in every copy.
    """
    types = {file["sha256"]: file["type"] for file in manifest["files"]}
    items: list[HeldItem] = []
    files: list[HeldFile] = []
    for student in manifest["students"]:
        if not student["items"]:
            continue
        held = _held_student(deposit.school.code, student)
        subject = subject_of(held.subject_key, school=held.school_code, student_no=held.number)
        for record in student["items"]:
            item = _held_item(deposit, held, record, subject, at)
            items.append(item)
            files += [_held_file(item, file, types) for file in record["files"]]
    HeldItem.objects.bulk_create(items, batch_size=BATCH)
    HeldFile.objects.bulk_create(files, batch_size=BATCH)
    return len(items)


def _held_student(school_code: str, student: Mapping[str, Any]) -> HeldStudent:
    place = id_number_place(school_code, student["no"])
    held, _made = HeldStudent.objects.update_or_create(
        school_code=school_code,
        number=student["no"],
        defaults={"name": student["name"]},
        create_defaults={
            "name": student["name"],
            "id_number_sealed": seal(student["id_number"], place=place),
            "id_number_index": blind_index(student["id_number"]),
            "subject_key": student["subject_key"],
        },
    )
    return held


def _held_item(
    deposit: Deposit, student: HeldStudent, record: Mapping[str, Any], subject: str, at: datetime
) -> HeldItem:
    leaf = build_leaf_deposited(
        record=record,
        school=student.school_code,
        package=str(deposit.pk),
        subject=subject,
        time=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    return HeldItem(
        id=record["item"],
        deposit=deposit,
        student=student,
        kind=record["kind"],
        school_year=deposit.school_year,
        record=dict(record),
        entry=note_leaf(leaf),
    )


def _held_file(item: HeldItem, file: Mapping[str, Any], types: Mapping[str, str]) -> HeldFile:
    return HeldFile(
        item=item,
        role=file["role"],
        name=file["name"],
        sha256=file["sha256"],
        size_bytes=file["size"],
        media_type=types[file["sha256"]],
    )
