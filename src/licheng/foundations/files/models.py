import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.foundations.ledger.models import LedgerEntry


class FileRole(models.TextChoices):
    """What a file is for; it decides which types and sizes the policy of the year allows."""

    DOCUMENT = "document", _("文件")
    MEDIA = "media", _("影音")


class ScanState(models.TextChoices):
    """What the malware scanner said; nothing counts as clean before it answered so."""

    SCANNING = "scanning", _("掃毒中")
    CLEAN = "clean", _("掃毒未發現問題")
    NOT_SCANNED = "not-scanned", _("沒有掃毒")  # no scanner is configured
    INFECTED = "infected", _("發現惡意程式")


class StoredFile(models.Model):
    """One file as it was handed in. Its bytes never change; a replacement is another StoredFile."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(_("學校代碼"), max_length=6, db_index=True)
    role = models.CharField(_("用途"), max_length=10, choices=FileRole)
    original_name = models.CharField(_("原始檔名"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    md5 = models.CharField(
        max_length=32
    )  # the exchange format of 2018 asks for it; nothing here relies on it
    size_bytes = models.PositiveBigIntegerField(_("位元組"))
    media_type = models.CharField(_("類型"), max_length=40)
    facts = models.JSONField(_("檢查所得"), default=dict)
    cleaning = models.JSONField(
        _("供閱版要移除的內容"), default=list
    )  # reason codes; empty: nothing to remove
    scan = models.CharField(_("掃毒"), max_length=12, choices=ScanState, default=ScanState.NOT_SCANNED)
    scanned_at = models.DateTimeField(_("掃毒時間"), null=True)
    made_from = models.JSONField(
        _("縮小前的原檔"), null=True
    )  # {"sha256", "size", "how"} of what it was reduced from
    entry = models.OneToOneField(
        LedgerEntry, on_delete=models.PROTECT, related_name="+", verbose_name=_("帳本項目")
    )
    created_at = models.DateTimeField(_("收到時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("檔案")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_has_sha256"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="file_waits_for_scan", condition=models.Q(scan="scanning")
            )
        ]

    def __str__(self) -> str:
        return f"{self.original_name} ({self.size_bytes})"

    @property
    def is_pdf(self) -> bool:
        """Whether pages of it can be drawn."""
        return self.media_type == "application/pdf"

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.media_type.startswith("image/")

    @property
    def pages(self) -> int:
        """Pages of a document; a picture is one page, media have none."""
        return int(self.facts.get("pages", 1 if self.is_image else 0))
