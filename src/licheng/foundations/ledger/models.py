from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerEntry(models.Model):
    """A leaf. Written with the change it acknowledges; `index` is set once the signed log holds it."""

    leaf = models.BinaryField(_("內容"))
    leaf_hash = models.CharField(_("雜湊"), max_length=64, db_index=True)
    index = models.BigIntegerField(_("序號"), null=True, unique=True)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("帳本項目")
        indexes = [models.Index(fields=["id"], name="ledger_pending", condition=models.Q(index__isnull=True))]

    def __str__(self) -> str:
        return f"{self.index if self.index is not None else '–'} {self.leaf_hash[:12]}"
