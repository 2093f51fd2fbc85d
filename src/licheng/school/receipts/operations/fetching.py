import base64
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from licheng_exchange import parse_keys, parse_receipt, verify_receipt

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.school.people.models import Person
from licheng.school.receipts.errors import ReceiptRefused
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.submission import archive_client
from licheng.school.submission.models import Batch
from licheng.school.submission.operations import mark_received
from licheng.school.submission.states import BatchState

TITLE_CHARACTERS = 120


def fetch_receipts(*, actor: Actor, batch_id: UUID | str) -> int:
    """Bring the receipts of an accepted batch back; how many students got one. Safe to run again.

    Every receipt is verified with the archive's pinned keys and compared with what the school sent, before
    anything is written. Raises ArchiveUnreachable, or ReceiptRefused and then nothing is kept.
    """
    require_system(actor)
    batch = Batch.objects.select_related("school").get(pk=batch_id)
    if batch.state != BatchState.ACCEPTED:
        return batch.receipts.count()
    bodies = {
        row["student_no"]: base64.b64decode(row["receipt"], validate=True)
        for row in archive_client.receipts(batch.school, str(batch.pk))
    }
    sent: dict[str, dict[str, Any]] = {}
    for item in batch.items.select_related("student"):
        sent.setdefault(item.student.account, {})[str(item.item_id)] = item.record
    if bodies.keys() != sent.keys():
        raise ReceiptRefused(reason=f"{len(bodies)}/{len(sent)}")
    keys = parse_keys(Path(settings.ARCHIVE_KEYS).read_text(encoding="utf-8"))
    for number, body in bodies.items():
        verdict = verify_receipt(body, keys, {})
        if not verdict.ok:
            raise ReceiptRefused(
                reason=f"{number}: {verdict.problems[0].rule if verdict.problems else 'item'}"
            )
        held = {one["record"]["item"]: one["record"] for one in parse_receipt(body)["receipt"]["items"]}
        if held != sent[number]:
            raise ReceiptRefused(reason=f"{number}: record")
    return _keep(actor, batch_id, bodies)


@transaction.atomic
def _keep(actor: Actor, batch_id: UUID | str, bodies: dict[str, bytes]) -> int:
    # nosemgrep: unscoped-lookup -- fetch_receipts required a system actor
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != BatchState.ACCEPTED:
        return batch.receipts.count()
    people = {one.account: one for one in Person.objects.filter(school=batch.school_id, account__in=bodies)}
    for number, body in bodies.items():
        receipt = StudentReceipt.objects.create(
            school_id=batch.school_id, batch=batch, student=people[number], body=body
        )
        ReceiptItem.objects.bulk_create(
            _item(receipt, row["record"]) for row in parse_receipt(body)["receipt"]["items"]
        )
    mark_received(actor=actor, batch_id=batch.pk)
    record(actor=actor, action="receipts.fetched", subject=batch, students=len(bodies))
    return len(bodies)


def _item(receipt: StudentReceipt, held: dict[str, Any]) -> ReceiptItem:
    title = held.get("course_name") or held.get("title") or held.get("category_name") or ""
    return ReceiptItem(
        school_id=receipt.school_id,
        receipt=receipt,
        student_id=receipt.student_id,
        kind=held["kind"],
        item_id=held["item"],
        title=str(title)[:TITLE_CHARACTERS],
        record=held,
    )
