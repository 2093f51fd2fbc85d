from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class MachineToken(models.Model):
    """A secret that a school's or vendor's system presents; only its digest is kept."""

    name = models.CharField(_("用途"), max_length=60)
    holder = models.CharField(_("持有者"), max_length=6, db_index=True, help_text=_("學校代碼"))
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("權限範圍"))
    prefix = models.CharField(_("開頭"), max_length=12)  # tells tokens apart on a page; opens nothing
    sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(_("建立者"), max_length=120)
    made_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期限"))
    last_used_at = models.DateTimeField(_("最後使用"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤銷時間"), null=True, blank=True)
    revoked_by = models.CharField(_("撤銷者"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("機器權杖")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="token_is_kept_as_digest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.holder} {self.name}"


class TokenUse(models.Model):
    """One request of a machine: when, what, with which answer."""

    token = models.ForeignKey(
        MachineToken, on_delete=models.CASCADE, related_name="uses", verbose_name=_("機器權杖")
    )
    at = models.DateTimeField(_("時間"), auto_now_add=True)
    method = models.CharField(_("方法"), max_length=8)
    operation = models.CharField(_("操作"), max_length=80)
    status = models.PositiveSmallIntegerField(_("回應"))
    address = models.GenericIPAddressField(_("來源位址"), null=True)

    class Meta:
        verbose_name = _("權杖使用紀錄")
        indexes = [models.Index(fields=["token", "-at"], name="token_use_latest")]

    def __str__(self) -> str:
        return f"{self.method} {self.operation} {self.status}"
