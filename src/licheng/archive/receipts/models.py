from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.archive.holdings.models import HeldStudent
from licheng.archive.intake.models import Deposit


class IssuedReceipt(models.Model):
    """The signed receipt of one student for one deposit, byte for byte as it was issued."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="receipts")
    student = models.ForeignKey(HeldStudent, on_delete=models.PROTECT, related_name="receipts")
    body = models.BinaryField()
    issued_at = models.DateTimeField(_("開立時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("收訖明細")
        constraints = [models.UniqueConstraint(fields=["deposit", "student"], name="issued_once_per_student")]

    def __str__(self) -> str:
        return f"{self.deposit_id} {self.student_id}"
