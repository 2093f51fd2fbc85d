import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class CopyState(models.TextChoices):
    """What a copy gave back when it was last read."""

    GOOD = "good", _("相符")
    CHANGED = "changed", _("內容改變")
    MISSING = "missing", _("不見了")


class DefectKind(models.TextChoices):
    """What can be wrong with a copy; the words of archival fixity checks."""

    CHANGED = "changed", _("內容改變")
    MISSING = "missing", _("不見了")
    UNTRACKED = "untracked", _("沒有登記")


class Job(models.TextChoices):
    """The clocks of custody."""

    GUARD = "guard", _("啟動檢查")
    WATCH = "watch", _("收訖後回讀")
    SCRUB = "scrub", _("逐檔檢驗")
    COMPARE = "compare", _("副本比對")
    SWEEP = "sweep", _("清理")
    THIRD = "third", _("第三份副本")
    RESTORE_DRILL = "restore-drill", _("還原演練")


class WantedContents(models.Manager["Content"]):
    """Contents that every copy must hold: not those that were removed."""

    def get_queryset(self) -> models.QuerySet["Content"]:
        """Leave out what was removed; only `every` sees it."""
        return super().get_queryset().filter(removed_at__isnull=True)


class Content(models.Model):
    """One sequence of bytes that was acknowledged: every copy keeps it under its SHA-256.

    The row of a removed content stays, so that the same bytes cannot be acknowledged again unread.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.PositiveBigIntegerField(_("位元組"))
    kept_at = models.DateTimeField(_("收到時間"), auto_now_add=True, db_index=True)
    reads_done = models.PositiveSmallIntegerField(_("收訖後回讀次數"), default=0)  # 0..3: +1 min, +1 h, +1 d
    set_aside_at = models.DateTimeField(
        _("首次查無引用"), null=True
    )  # the first of two checks before removal
    removed_at = models.DateTimeField(_("移除時間"), null=True)

    objects = WantedContents()
    every = models.Manager["Content"]()

    class Meta:
        verbose_name = _("保存內容")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="content_has_sha256"
            )
        ]
        indexes = [
            models.Index(fields=["kept_at"], name="content_watched", condition=models.Q(reads_done__lt=3)),
            models.Index(
                fields=["set_aside_at"],
                name="content_set_aside",
                condition=models.Q(set_aside_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class KeptCopy(models.Model):
    """What one copy gave back for one content, and when that was read, never assumed."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="copies")
    copy = models.CharField(
        _("副本"), max_length=8
    )  # a, b, c: the order of LICHENG_COPIES, then the third copy
    state = models.CharField(_("狀態"), max_length=8, choices=CopyState)
    verified_at = models.DateTimeField(_("上次讀回"), db_index=True)

    class Meta:
        verbose_name = _("副本狀態")
        constraints = [models.UniqueConstraint(fields=["content", "copy"], name="kept_once_per_copy")]
        indexes = [
            models.Index(fields=["copy", "verified_at"], name="kept_oldest_first"),
            models.Index(fields=["content"], name="kept_not_good", condition=~models.Q(state=CopyState.GOOD)),
        ]

    def __str__(self) -> str:
        return f"{self.copy}: {self.state}"


class Volume(models.Model):
    """The device behind a copy as it was when the site last opened: who it is and how often it was opened."""

    copy = models.CharField(_("副本"), max_length=8, unique=True)
    uuid = models.UUIDField()
    epoch = models.PositiveBigIntegerField(_("開啟次數"))
    opened_at = models.DateTimeField(_("上次開啟"))

    class Meta:
        verbose_name = _("儲存區")

    def __str__(self) -> str:
        return f"{self.copy}: {self.epoch}"


class Defect(models.Model):
    """Something a check found wrong with a copy; it stays open until the copy was healed and read again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    copy = models.CharField(_("副本"), max_length=8)
    sha256 = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(_("種類"), max_length=10, choices=DefectKind)
    found_by = models.CharField(_("由誰發現"), max_length=14, choices=Job)
    found_at = models.DateTimeField(_("發現時間"), auto_now_add=True)
    healed_at = models.DateTimeField(_("修復時間"), null=True)

    class Meta:
        verbose_name = _("副本缺損")
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "sha256"], name="one_open_defect", condition=models.Q(healed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.copy} {self.kind} {self.sha256[:12]}"


class CustodyRun(models.Model):
    """One run of a clock: when, whether it found everything right, and its figures."""

    job = models.CharField(_("工作"), max_length=14, choices=Job)
    began_at = models.DateTimeField(_("開始"), auto_now_add=True)
    ended_at = models.DateTimeField(_("結束"), null=True)
    is_good = models.BooleanField(_("全部相符"), null=True)  # null: still running, or ended by a crash
    figures = models.JSONField(_("數字"), default=dict)

    class Meta:
        verbose_name = _("典藏工作紀錄")
        indexes = [
            models.Index(fields=["job", "-began_at"], name="custody_newest_run"),
            models.Index(fields=["job"], name="custody_open_run", condition=models.Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.began_at:%Y-%m-%d %H:%M}"
