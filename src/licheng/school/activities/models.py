import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.models import StoredFile
from licheng.school.activities.states import ActivityState as S
from licheng.school.people.models import Person, School

NOTE_CHARACTERS = 100  # code points; domain reference §4.3

models.CharField.register_lookup(Length)


class Category(models.TextChoices):
    """The categories that can be recorded; the words are the roster's sheet names."""

    COMPETITION = "competition", _("競賽參與紀錄")
    FLEXIBLE_LEARNING = "flexible_learning", _("彈性學習時間紀錄")


class Activity(models.Model):
    """One activity record 多元表現: fields of its category, a note, and evidence."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="activities", verbose_name=_("學生")
    )
    category = models.CharField(_("類別"), max_length=20, choices=Category)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    title = models.CharField(_("名稱"), max_length=60, blank=True)
    fields = models.JSONField(_("內容"), default=dict)
    note = models.CharField(_("內容簡述"), max_length=NOTE_CHARACTERS, blank=True)
    link = models.URLField(_("外部影音連結"), max_length=500, blank=True)
    document = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("證明文件"),
    )
    media = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("影音檔案"),
    )
    state = models.CharField(_("狀態"), max_length=10, choices=S, default=S.DRAFT)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("更新時間"), auto_now=True)

    class Meta:
        verbose_name = _("多元表現")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["school", "student", "school_year"], name="activity_of_student")]
        constraints = [
            models.CheckConstraint(
                condition=Q(note__length__lte=NOTE_CHARACTERS), name="activity_note_within_100"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
