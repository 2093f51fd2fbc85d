from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Who set a window or a limit; all three must agree."""

    MINISTRY = "ministry", _("教育部")
    AUTHORITY = "authority", _("主管機關")
    SCHOOL = "school", _("學校")


class WindowKind(models.TextChoices):
    """What a window opens."""

    UPLOAD = "upload", _("學生上傳與送出認證")
    CERTIFY = "certify", _("教師認證")
    SELECT = "select", _("學生勾選")
    SUBMIT = "submit", _("學校提交")
    CONFIRM = "confirm", _("收訖明細確認")


class Window(models.Model):
    """From when to when one level lets something be done in a semester."""

    level = models.CharField(_("層級"), max_length=10, choices=Level)
    code = models.CharField(
        _("代碼"), max_length=20, blank=True, help_text=_("主管機關或學校代碼；教育部為空白")
    )
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    kind = models.CharField(_("項目"), max_length=10, choices=WindowKind)
    opens_at = models.DateTimeField(_("開始"))
    closes_at = models.DateTimeField(_("結束"))
    source = models.CharField(_("依據"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("期間")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="window_closes_after_it_opens"
            ),
            models.UniqueConstraint(
                fields=["level", "code", "school_year", "semester", "kind"], name="window_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.school_year}-{self.semester} {self.level} {self.code}"


class Policy(models.Model):
    """Limits an authority or school adds for a school year; only ever stricter than the national ones."""

    level = models.CharField(_("層級"), max_length=10, choices=Level)
    code = models.CharField(_("代碼"), max_length=20, blank=True)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    outcomes_selected_per_year = models.PositiveSmallIntegerField(
        _("每學年勾選課程學習成果"), null=True, blank=True
    )
    outcomes_selected_per_semester = models.PositiveSmallIntegerField(
        _("每學期勾選課程學習成果"), null=True, blank=True
    )
    activities_selected_per_year = models.PositiveSmallIntegerField(
        _("每學年勾選多元表現"), null=True, blank=True
    )
    outcomes_per_semester = models.PositiveSmallIntegerField(
        _("每學期上傳課程學習成果"), null=True, blank=True
    )
    outcomes_per_course = models.PositiveSmallIntegerField(
        _("每學期每科上傳課程學習成果"), null=True, blank=True
    )
    activities_per_year = models.PositiveSmallIntegerField(_("每學年上傳多元表現"), null=True, blank=True)
    source = models.CharField(_("依據"), max_length=200)

    class Meta:
        verbose_name = _("上限")
        constraints = [models.UniqueConstraint(fields=["level", "code", "school_year"], name="policy_once")]

    def __str__(self) -> str:
        return f"{self.school_year} {self.level} {self.code}"
