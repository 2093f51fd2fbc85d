from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.school.calendar.models import WindowKind
from licheng.school.people.models import ClassGroup, Person, School


class SettingChange(models.Model):
    """One decision of the working group: which setting, from what to what, by which minutes."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    setting = models.CharField(_("設定"), max_length=60)
    old = models.JSONField(_("原值"), null=True)
    new = models.JSONField(_("新值"), null=True)
    minutes = models.CharField(_("會議紀錄"), max_length=200)
    changed_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("設定者")
    )
    changed_at = models.DateTimeField(_("設定時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("設定變更")
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.setting} {self.school_year}"


class Extension(models.Model):
    """A later end of one of the school's windows for one class or one student, with its reason.

    Never later than the windows of ministry and authority allow.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    kind = models.CharField(_("項目"), max_length=10, choices=WindowKind)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    class_group = models.ForeignKey(
        ClassGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("班級")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人員")
    )
    closes_at = models.DateTimeField(_("延長到"))
    reason = models.CharField(_("事由"), max_length=200)
    granted_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("核准者")
    )
    granted_at = models.DateTimeField(_("核准時間"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("取消時間"), null=True, blank=True)

    class Meta:
        verbose_name = _("延長")
        constraints = [
            models.CheckConstraint(
                condition=Q(class_group__isnull=False, person__isnull=True)
                | Q(class_group__isnull=True, person__isnull=False),
                name="extension_is_for_a_class_or_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} until {self.closes_at:%Y-%m-%d %H:%M}"
