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
            models.Index(fields=["school_id", "at", "id"], name="audit_by_time"),
            models.Index(fields=["school_id", "person_id", "at", "id"], name="audit_by_person"),
            models.Index(fields=["school_id", "action", "at", "id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}/{self.subject_id}"


class AuditLink(models.Model):
    """The place of an act in its chain, written by the database itself when the act is committed.

    `chain` is the school, 0 for acts of no school. `hash` covers the hash before it and the whole act.
    """

    entry = models.OneToOneField(
        AuditEntry,
        on_delete=models.PROTECT,
        primary_key=True,
        db_constraint=False,  # its check would lock; the verification asks instead
        related_name="link",
        verbose_name=_("稽核紀錄"),
    )
    chain = models.BigIntegerField(_("鏈"))
    sequence = models.BigIntegerField(_("序號"))
    hash = models.BinaryField(_("雜湊"))

    class Meta:
        verbose_name = _("稽核鏈環節")
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_link_place")]

    def __str__(self) -> str:
        return f"{self.chain}/{self.sequence}"


class AuditHead(models.Model):
    """The newest link of a chain; writers of one school wait for its row, during their commit alone."""

    chain = models.BigIntegerField(_("鏈"), primary_key=True)
    sequence = models.BigIntegerField(_("序號"))
    hash = models.BinaryField(_("雜湊"))

    class Meta:
        verbose_name = _("稽核鏈頭")

    def __str__(self) -> str:
        return f"{self.chain}/{self.sequence}"


class AuditAnchor(models.Model):
    """A place up to which a chain stands in the signed log; only saves the log from saying it twice."""

    chain = models.BigIntegerField(_("鏈"))
    sequence = models.BigIntegerField(_("序號"))
    at = models.DateTimeField(_("時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("稽核錨點")
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_anchor_once")]

    def __str__(self) -> str:
        return f"{self.chain}/{self.sequence}"
