from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School
from licheng.school.receipts.states import ReceiptState as S
from licheng.school.submission.models import Batch, ItemKind


class StudentReceipt(models.Model):
    """The archive's signed receipt for one student and package, byte for byte as it came."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="receipts")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="receipts")
    body = models.BinaryField()
    fetched_at = models.DateTimeField(_("取回時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("收訖明細")
        constraints = [models.UniqueConstraint(fields=["batch", "student"], name="receipt_once_per_student")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.student_id}"


class ReceiptItem(models.Model):
    """One item on a receipt and what the student says about it; the school answers a dispute in 3 days."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    receipt = models.ForeignKey(StudentReceipt, on_delete=models.PROTECT, related_name="items")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="receipt_items")
    kind = models.CharField(_("種類"), max_length=8, choices=ItemKind)
    item_id = models.UUIDField()
    title = models.CharField(_("名稱"), max_length=120)
    record = models.JSONField()
    state = models.CharField(_("確認狀態"), max_length=10, choices=S, default=S.OPEN)
    comment = models.CharField(_("說明"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("確認時間"), null=True)
    answer = models.CharField(_("學校回覆"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("回覆時間"), null=True)

    class Meta:
        verbose_name = _("收訖項目")
        constraints = [
            models.UniqueConstraint(fields=["receipt", "item_id"], name="item_once_per_receipt"),
            models.CheckConstraint(
                condition=~Q(state=S.DISPUTED) | ~Q(comment=""), name="dispute_has_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
