import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.models import FileRole, StoredFile
from licheng.school.people.models import Person, School
from licheng.school.uploads.states import PreparationKind, PreparationState, Quality, UploadState


class ItemKind(models.TextChoices):
    """What a file is handed in for."""

    OUTCOME = "outcome", _("課程學習成果")
    ACTIVITY = "activity", _("多元表現")
    CONSULTATION = "consult", _("課程諮詢紀錄")


class Upload(models.Model):
    """Bytes on their way to an item, resumable for some days; nothing of it is acknowledged before STORED.

    `student` is who sends them: for a consultation the counsellor.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="uploads")
    item_kind = models.CharField(_("項目種類"), max_length=8, choices=ItemKind)
    item_id = models.UUIDField(_("項目"))  # of whatever the kind says, asked for again at every step
    role = models.CharField(_("用途"), max_length=10, choices=FileRole)
    is_source = models.BooleanField(_("是合成用的照片"), default=False)
    position = models.PositiveSmallIntegerField(_("順序"), null=True)  # of a photo; new ones come last
    quarter_turns = models.PositiveSmallIntegerField(_("順時針轉幾個直角"), default=0)
    name = models.CharField(_("原始檔名"), max_length=255)
    size_bytes = models.PositiveBigIntegerField(_("位元組"))
    offset_bytes = models.PositiveBigIntegerField(_("已收到位元組"), default=0)
    promised_sha256 = models.CharField(
        max_length=64, blank=True
    )  # of the whole, as the sender knows it; compared once all of it is here
    sha256 = models.CharField(max_length=64, blank=True)  # of what arrived, once all of it is here
    state = models.CharField(_("狀態"), max_length=10, choices=UploadState, default=UploadState.RECEIVING)
    refusal = models.JSONField(_("沒有收下的原因"), null=True)  # {"code", "text_zh", "text_en"}
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="uploads")
    created_at = models.DateTimeField(_("開始時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("變動時間"), auto_now=True)
    expires_at = models.DateTimeField(_("保留到"))

    class Meta:
        verbose_name = _("上傳")
        indexes = [
            models.Index(fields=["school", "student", "item_id"], name="upload_of_item"),
            models.Index(fields=["expires_at"], name="upload_expires"),
            models.Index(
                fields=["changed_at"],
                name="upload_on_its_way",
                condition=models.Q(state=UploadState.RECEIVING),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offset_bytes__lte=models.F("size_bytes")), name="upload_not_longer"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=UploadState.STORED) | models.Q(file__isnull=False),
                name="stored_upload_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.offset_bytes}/{self.size_bytes}"


class Preparation(models.Model):
    """A version made on the server: a file made smaller, or photos made one PDF; the student decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="preparations")
    item_kind = models.CharField(_("項目種類"), max_length=8, choices=ItemKind)
    item_id = models.UUIDField(_("項目"))
    role = models.CharField(_("用途"), max_length=10, choices=FileRole)
    kind = models.CharField(_("做法"), max_length=8, choices=PreparationKind)
    quality = models.CharField(_("品質"), max_length=8, choices=Quality, default=Quality.HIGH)
    state = models.CharField(
        _("狀態"), max_length=10, choices=PreparationState, default=PreparationState.QUEUED
    )
    percent = models.PositiveSmallIntegerField(_("進度"), default=0)
    problem = models.JSONField(_("做不出來的原因"), null=True)  # {"code", "text_zh", "text_en"}
    result_name = models.CharField(_("結果檔名"), max_length=255, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    result_bytes = models.PositiveBigIntegerField(_("結果位元組"), null=True)
    result_facts = models.JSONField(_("結果內容"), default=dict)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="preparations")
    created_at = models.DateTimeField(_("開始時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("變動時間"), auto_now=True)

    class Meta:
        verbose_name = _("檔案準備")
        indexes = [models.Index(fields=["school", "student", "item_id"], name="preparation_of_item")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=PreparationState.ACCEPTED) | models.Q(file__isnull=False),
                name="accepted_preparation_has_file",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class PreparationPart(models.Model):
    """One source of a preparation, in the order and turned the way the student chose."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    preparation = models.ForeignKey(Preparation, on_delete=models.CASCADE, related_name="parts")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField(_("順序"))
    quarter_turns = models.PositiveSmallIntegerField(_("順時針轉幾個直角"), default=0)

    class Meta:
        verbose_name = _("檔案準備的來源")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["preparation", "position"], name="one_part_per_position"),
            models.CheckConstraint(
                condition=models.Q(quarter_turns__lt=4), name="turned_at_most_three_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}"
