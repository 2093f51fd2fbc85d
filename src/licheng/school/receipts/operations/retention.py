from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.foundations.retention import ANONYMISED
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.states import ReceiptState


def in_dispute(people: Sequence[int]) -> set[int]:
    """Those of the people whose dispute the school has not answered."""
    rows = ReceiptItem.objects.filter(student__in=people, state=ReceiptState.DISPUTED, answered_at=None)
    return set(rows.values_list("student", flat=True))


def forget_receipts(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Empty a student's receipts of all about her; that there were items, and their state, stays."""
    require_system(actor)
    items = ReceiptItem.objects.filter(student=person_id)
    items.exclude(comment="").update(comment=ANONYMISED)
    items.update(title="", record={}, answer="")
    StudentReceipt.objects.filter(student=person_id).update(body=b"")
    return []
