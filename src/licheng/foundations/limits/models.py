from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """How often one key was counted since its window began; `key` is a keyed digest."""

    key = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField(_("開始"))
    ends_at = models.DateTimeField(_("結束"), db_index=True)
    times = models.PositiveIntegerField(_("次數"))

    class Meta:
        verbose_name = _("次數限制")

    def __str__(self) -> str:
        return f"{self.times} since {self.began_at:%H:%M}"
