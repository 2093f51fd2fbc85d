import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from licheng.foundations.files.models import StoredFile
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Person, School

NOTE_CHARACTERS = 100  # code points, of the file's note 簡述. Source: domain reference §2.7
TOPIC_CHARACTERS = 60  # own bound
PLACE_CHARACTERS = 60  # own bound
CONTENT_CHARACTERS = 2_000  # own bound


class Manner(models.TextChoices):
    """How it was held 諮詢方式. Source: domain reference §2.7."""

    GROUP = "group", pgettext_lazy("諮詢方式", "團體")
    INDIVIDUAL = "individual", _("個別")


class Consultation(models.Model):
    """One course consultation 課程諮詢紀錄, planned or held, with the students it was for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    counsellor = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="consultations", verbose_name=_("課程諮詢教師")
    )
    students = models.ManyToManyField(Person, related_name="consulted", verbose_name=_("諮詢對象"))
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    held_on = models.DateField(_("日期"))
    starts_at = models.TimeField(_("開始時間"), null=True, blank=True)
    place = models.CharField(_("地點"), max_length=PLACE_CHARACTERS)
    manner = models.CharField(_("諮詢方式"), max_length=10, choices=Manner)
    topic = models.CharField(_("諮詢主題"), max_length=TOPIC_CHARACTERS)
    content = models.TextField(_("諮詢內容"), max_length=CONTENT_CHARACTERS, blank=True)
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("附件")
    )
    note = models.CharField(_("附件簡述"), max_length=NOTE_CHARACTERS, blank=True)
    state = models.CharField(_("狀態"), max_length=10, choices=S, default=S.PLANNED)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("更新時間"), auto_now=True)

    class Meta:
        verbose_name = _("課程諮詢紀錄")
        ordering = ["-held_on", "-created_at"]
        indexes = [models.Index(fields=["school", "counsellor", "held_on"], name="consultations_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=S.HELD) | ~Q(content=""), name="held_consultation_has_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.topic}"
