import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.archive.intake.states import DepositState as S


class RegisteredSchool(models.Model):
    """A school that may deposit, with its published keys; its tokens are machine tokens it holds."""

    code = models.CharField(_("學校代碼"), max_length=6, unique=True)
    name = models.CharField(_("校名"), max_length=60)
    keys = models.TextField(_("公開金鑰"), help_text=_("每行一把 C2SP 驗證金鑰"))
    is_active = models.BooleanField(_("可提交"), default=True)

    class Meta:
        verbose_name = _("登記學校")
        constraints = [
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-Z]{6}$"), name="registered_code_is_six")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Deposit(models.Model):
    """One package of one school, from its announcement to the verdict."""

    # The package's own id, so that announcing twice is one deposit.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    school = models.ForeignKey(RegisteredSchool, on_delete=models.PROTECT, related_name="deposits")
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    package_sha256 = models.CharField(_("封包雜湊"), max_length=64)
    package_bytes = models.PositiveBigIntegerField(_("封包位元組"))
    password_sealed = models.BinaryField()
    state = models.CharField(_("狀態"), max_length=10, choices=S, default=S.ANNOUNCED)
    problems = models.JSONField(_("退回原因"), default=list)
    students = models.PositiveIntegerField(_("學生"), default=0)
    outcomes = models.PositiveIntegerField(_("課程學習成果"), default=0)
    activities = models.PositiveIntegerField(_("多元表現"), default=0)
    files = models.PositiveIntegerField(_("檔案"), default=0)
    announced_at = models.DateTimeField(_("登記時間"), auto_now_add=True)
    arrived_at = models.DateTimeField(_("送達時間"), null=True)
    decided_at = models.DateTimeField(_("查驗完成時間"), null=True)

    class Meta:
        verbose_name = _("收件")
        ordering = ["-announced_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=S.REFUSED) | ~Q(problems=[]), name="refusal_has_problems"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
