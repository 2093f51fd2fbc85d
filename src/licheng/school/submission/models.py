import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School
from licheng.school.submission.states import BatchState as S

UNDER_WAY = [S.SEALING, S.SEALED, S.SENDING, S.SENT, S.ACCEPTED]


class ItemKind(models.TextChoices):
    """What an item of a package is."""

    OUTCOME = "outcome", _("課程學習成果")
    ACTIVITY = "activity", _("多元表現")


class Batch(models.Model):
    """One submission of a school: the items that were selected when it was sealed, and their package."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    round = models.CharField(_("梯次"), max_length=10, default="normal")
    state = models.CharField(_("狀態"), max_length=10, choices=S, default=S.SEALING)
    sealed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("封裝者")
    )
    created_at = models.DateTimeField(_("開始時間"), auto_now_add=True)
    sealed_at = models.DateTimeField(_("封裝時間"), null=True)
    sent_at = models.DateTimeField(_("提交時間"), null=True)
    answered_at = models.DateTimeField(_("中央回覆時間"), null=True)
    package_sha256 = models.CharField(_("封包雜湊"), max_length=64, blank=True)
    package_bytes = models.PositiveBigIntegerField(_("封包位元組"), default=0)
    password_sealed = models.BinaryField(default=b"")
    problems = models.JSONField(_("退回原因"), default=list)

    class Meta:
        verbose_name = _("提交批次")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "school_year", "round"],
                condition=Q(state__in=UNDER_WAY),
                name="one_batch_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.SEALING, S.FAILED]) | ~Q(package_sha256=""),
                name="batch_sealed_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.school_year} {self.state}"


class BatchItem(models.Model):
    """One item as it stands in a package: its record is frozen here, word for word."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("種類"), max_length=8, choices=ItemKind)
    item_id = models.UUIDField()
    record = models.JSONField()

    class Meta:
        verbose_name = _("批次項目")
        constraints = [models.UniqueConstraint(fields=["batch", "item_id"], name="item_once_per_batch")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
