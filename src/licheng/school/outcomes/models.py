import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.models import StoredFile
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Person, School
from licheng.school.records.models import Enrolment

NOTE_CHARACTERS = 100  # code points; domain reference §4.3

models.CharField.register_lookup(Length)
BEFORE_DECISION = [S.DRAFT, S.WAITING]
STANDS_CERTIFIED = [S.CERTIFIED, S.SELECTED, S.SEALED, S.SUBMITTED, S.RECEIVED, S.CONFIRMED, S.DISPUTED]


class Outcome(models.Model):
    """One course outcome 課程學習成果: document and/or media, a note, and the course it came from.

    `certified_*_sha256` name the bytes the teacher stood behind; other bytes are not certified.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="outcomes", verbose_name=_("學生")
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="outcomes", verbose_name=_("課程")
    )
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    note = models.CharField(_("成果簡述"), max_length=NOTE_CHARACTERS, blank=True)
    document = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("文件檔案"),
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
    sent_at = models.DateTimeField(_("送出時間"), null=True, blank=True)
    decided_at = models.DateTimeField(_("認證時間"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("認證教師")
    )
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("發佈時間"), null=True, blank=True)
    certified_document_sha256 = models.CharField(max_length=64, blank=True)
    certified_media_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    changed_at = models.DateTimeField(_("更新時間"), auto_now=True)

    class Meta:
        verbose_name = _("課程學習成果")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["school", "student", "school_year"], name="outcome_of_student"),
            models.Index(fields=["school", "state"], name="outcome_in_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=S.DRAFT) | Q(document__isnull=False) | Q(media__isnull=False),
                name="outcome_sent_has_a_file",
            ),
            models.CheckConstraint(
                condition=Q(state__in=BEFORE_DECISION)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="outcome_decided_has_certifier",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.HELD_BACK, S.RETURNED]) | ~Q(return_reason=""),
                name="outcome_returned_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=STANDS_CERTIFIED)
                | ~Q(certified_document_sha256="", certified_media_sha256=""),
                name="outcome_certified_names_bytes",
            ),
            models.CheckConstraint(
                condition=Q(note__length__lte=NOTE_CHARACTERS), name="outcome_note_within_100"
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(published_at__gte=F("decided_at")),
                name="outcome_published_after_decision",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
