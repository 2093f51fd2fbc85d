from collections.abc import Callable
from datetime import UTC
from itertools import groupby

from django.db import transaction
from django.utils import timezone
from licheng_exchange import build_receipt

from licheng.archive.holdings.models import HeldItem
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import locked_deposit
from licheng.archive.intake.states import ACCEPT, DepositState
from licheng.archive.receipts.models import IssuedReceipt
from licheng.archive.receipts.proofs import prover
from licheng.foundations import keys
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import sequence

BATCH = 200


def issue_receipts(*, actor: Actor, deposit: Deposit) -> Deposit:
    """Have the leaves of a held deposit signed into the log, then issue its receipts and accept it.

    Must be called outside a transaction: the log takes committed leaves only. Safe to repeat after a crash at
    any point; a deposit that is accepted already is left as it is.
    """
    sequence()
    return _accept(actor, deposit)


@transaction.atomic
def _accept(actor: Actor, deposit: Deposit) -> Deposit:
    locked = locked_deposit(deposit.pk)
    if locked.state != DepositState.CHECKING:
        return locked
    proof = prover()
    items = (
        HeldItem.objects.filter(deposit=locked)
        .select_related("student", "entry")
        .order_by("student__number", "kind", "pk")
    )
    issued = [
        IssuedReceipt(deposit=locked, student=held[0].student, body=_receipt(locked, held, proof))
        for held in (list(group) for _number, group in groupby(items, key=lambda item: item.student_id))
    ]
    IssuedReceipt.objects.bulk_create(issued, batch_size=BATCH)
    locked.state = ACCEPT.apply(locked.state)
    locked.decided_at = timezone.now()
    locked.save(update_fields=["state", "decided_at"])
    record(actor=actor, action="deposit.accepted", subject=locked, receipts=len(issued))
    return locked


def _receipt(deposit: Deposit, items: list[HeldItem], proof: Callable[[LedgerEntry], str]) -> bytes:
    student = items[0].student
    return build_receipt(
        archive=keys.signing_key("ledger").name,
        school_code=deposit.school.code,
        school_name=deposit.school.name,
        student_no=student.number,
        student_name=student.name,
        subject_key=student.subject_key,
        package=str(deposit.pk),
        issued_at=timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        items=[(item.record, proof(item.entry)) for item in items],
        key=keys.signing_key("signing"),
    )
