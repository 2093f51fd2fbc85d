from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PlanAuthority(models.Model):
    """The authority 主管機關 that takes note of the plans of its schools."""

    code = models.CharField(_("代碼"), max_length=20, unique=True)
    name = models.CharField(_("主管機關"), max_length=60)

    class Meta:
        verbose_name = _("課程計畫主管機關")

    def __str__(self) -> str:
        return self.name


class PlanSchool(models.Model):
    """A school of the directory 學校名錄. Codes are six characters, not digits."""

    code = models.CharField(_("學校代碼"), max_length=6, unique=True)
    name = models.CharField(_("校名"), max_length=60)
    county = models.CharField(_("縣市"), max_length=20, blank=True)
    authority = models.ForeignKey(PlanAuthority, on_delete=models.PROTECT, verbose_name=_("主管機關"))

    class Meta:
        verbose_name = _("課程計畫學校")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-Z]{6}$"), name="plan_school_code_is_six")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Duty(models.TextChoices):
    """What an officer does at the platform."""

    EDITOR = "editor", _("課程計畫填報人員")
    REVIEWER = "reviewer", _("校內審查人員")
    AUTHORITY = "authority", _("主管機關承辦人員")
    OPERATOR = "operator", _("平臺管理人員")


AT_SCHOOL = frozenset({Duty.EDITOR, Duty.REVIEWER})


class Officer(models.Model):
    """Somebody who works here: for one school, for one authority, or for the platform."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="officer", verbose_name=_("帳號")
    )
    name = models.CharField(_("姓名"), max_length=200)
    duty = models.CharField(_("職務"), max_length=10, choices=Duty)
    plan_school = models.ForeignKey(
        PlanSchool, on_delete=models.PROTECT, null=True, blank=True, related_name="officers"
    )
    authority = models.ForeignKey(
        PlanAuthority, on_delete=models.PROTECT, null=True, blank=True, related_name="officers"
    )
    ended_on = models.DateField(_("離職日"), null=True, blank=True)

    class Meta:
        verbose_name = _("課程計畫人員")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    duty__in=["editor", "reviewer"], plan_school__isnull=False, authority__isnull=True
                )
                | Q(duty="authority", plan_school__isnull=True, authority__isnull=False)
                | Q(duty="operator", plan_school__isnull=True, authority__isnull=True),
                name="officer_works_for_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.duty}"
