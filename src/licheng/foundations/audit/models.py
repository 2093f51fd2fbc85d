from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One act. Holds ids and codes only: no names, no ID numbers, no text that a student wrote."""

    at = models.DateTimeField(_("時間"), auto_now_add=True)
    actor_label = models.CharField(_("行為者"), max_length=120)
    person_id = models.BigIntegerField(_("人員"), null=True)
    school_id = models.BigIntegerField(_("學校"), null=True)
    action = models.CharField(_("動作"), max_length=60)
    subject_type = models.CharField(_("對象類別"), max_length=60)
    subject_id = models.CharField(_("對象"), max_length=60)
    data = models.JSONField(_("內容"), default=dict)

    class Meta:
        verbose_name = _("稽核紀錄")
        indexes = [
            models.Index(fields=["school_id", "subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["school_id", "at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}/{self.subject_id}"
