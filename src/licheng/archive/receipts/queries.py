from base64 import b64encode
from dataclasses import dataclass
from uuid import UUID

from licheng_exchange import TlogProof, parse_receipt

from licheng.archive.intake.errors import NotAcceptedYet
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.permissions import DEPOSIT
from licheng.archive.intake.states import DepositState
from licheng.archive.receipts.models import IssuedReceipt
from licheng.foundations.authz import Actor, found


@dataclass(frozen=True, slots=True)
class StudentReceipt:
    """One student's receipt: base64 of the exact bytes of `receipt.json`."""

    student_no: str
    receipt: str


@dataclass(frozen=True, slots=True)
class DepositReceipts:
    """All receipts of a deposit and the signed checkpoint that they were proven against."""

    receipts: tuple[StudentReceipt, ...]
    checkpoint: str


def receipts_of(actor: Actor, deposit_id: UUID) -> DepositReceipts:
    """The receipts of a school's own deposit, the same bytes every time.

    Raises NotFound, and NotAcceptedYet before the deposit was taken in.
    """
    deposit = found(Deposit.objects.all(), actor, DEPOSIT, deposit_id)
    if deposit.state != DepositState.ACCEPTED:
        raise NotAcceptedYet(state=DepositState(deposit.state).label)
    issued = (
        IssuedReceipt.objects.filter(deposit=deposit).select_related("student").order_by("student__number")
    )
    bodies = [(one.student.number, bytes(one.body)) for one in issued]
    receipts = tuple(StudentReceipt(number, b64encode(body).decode()) for number, body in bodies)
    return DepositReceipts(receipts, _checkpoint(bodies[0][1]))


def _checkpoint(receipt: bytes) -> str:
    items = parse_receipt(receipt)["receipt"]["items"]
    return TlogProof.parse(items[0]["proof"]).checkpoint_note
