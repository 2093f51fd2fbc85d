import uuid

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School
from licheng.school.rosters.states import ImportState as S


class RosterKind(models.TextChoices):
    """What a roster file brings in, by the names of `licheng-exchange`, in the order of importing."""

    COURSE_CODES = "course-codes", _("課程代碼檔")
    STAFF = "staff", _("教職員名冊")
    CLASSES = "classes", _("班級名冊")
    STUDENTS = "students", _("學生名冊")
    GUARDIANS = "guardians", _("家長名冊")
    ENROLMENTS = "enrolments", _("修課名冊")
    TERMS = "學生資料", _("學生資料名冊")
    BORROWED = "借讀", _("學生借讀資料")
    CADRES = "校內幹部經歷", _("校內幹部經歷名冊")
    MARKS = "學期成績", _("學期成績")
    MAKE_UP = "補修", _("補修成績")
    TRANSFER = "轉學轉科", _("轉學轉科成績")
    RETAKE = "重修", _("重修成績")
    REPEAT = "重讀", _("重讀成績")
    EVENING_MARKS = "進修部學期成績", _("進修部學期成績")
    EVENING_EXAMS = "進修部補考", _("進修部補考成績")
    EVENING_TRANSFER = "進修部轉學轉科", _("進修部轉學轉科成績")
    WORKBOOK = "成績名冊", _("整本成績名冊")  # every sheet of it is one of the kinds above


class RosterMode(models.TextChoices):
    """Whether rows that the file does not name stay or are taken away."""

    MERGE = "merge", _("只新增與更新")
    REPLACE = "replace", _("這是完整名冊，檔案裡沒有的移除")


class RosterImport(models.Model):
    """One roster file: received, checked, previewed, applied whole or not at all, undone while it can be.

    `content_sealed` is the file itself, encrypted, until it is applied, dropped or `keeps_until` is over.
    `kind` is empty while nobody said what the file is and no worker has read its columns.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    kind = models.CharField(_("名冊"), max_length=16, choices=RosterKind, blank=True, default="")
    mode = models.CharField(_("方式"), max_length=8, choices=RosterMode, default=RosterMode.MERGE)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    file_name = models.CharField(_("檔名"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField(_("位元組"))
    content_sealed = models.BinaryField(null=True)
    state = models.CharField(_("狀態"), max_length=10, choices=S, default=S.RECEIVED)
    stage = models.CharField(_("進度"), max_length=40, blank=True)
    stages_done = models.PositiveSmallIntegerField(default=0)  # of rosters.stages.STAGES
    rows = models.PositiveIntegerField(_("列數"), default=0)
    accepted = models.PositiveIntegerField(_("可匯入"), default=0)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("更新"), default=0)
    removed = models.PositiveIntegerField(_("移除"), default=0)
    summary = models.JSONField(default=dict)  # rows by table and act, as previewed
    issues = models.JSONField(_("問題"), default=list)
    idempotency_key = models.CharField(max_length=64, blank=True)
    imported_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("匯入者")
    )
    sender = models.CharField(_("送件系統"), max_length=60, blank=True)  # a machine's label
    fetched_as = models.CharField(
        max_length=110, blank=True
    )  # course plans: entry year and ETag of the answer
    imported_at = models.DateTimeField(_("收到時間"), auto_now_add=True)
    applied_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("確認者")
    )
    applied_at = models.DateTimeField(_("匯入時間"), null=True)
    undone_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("復原者")
    )
    undone_at = models.DateTimeField(_("復原時間"), null=True)
    keeps_until = models.DateTimeField(_("檔案保留到"))

    class Meta:
        verbose_name = _("名冊匯入")
        ordering = ["-imported_at", "-pk"]
        indexes = [models.Index(fields=["school", "kind", "-imported_at"], name="imports_of_kind")]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="import_once_per_key",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.APPLIED) | Q(applied_at__isnull=False), name="applied_import_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(kind="") | ~Q(state__in=[S.READY, S.APPLYING, S.APPLIED, S.UNDONE]),
                name="previewed_import_has_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name} {self.state}"

    @property
    def kind_label(self) -> str | Promise:
        """What kind of roster it is, in words."""
        return RosterKind(self.kind).label if self.kind else _("種類未定的名冊")

    @property
    def total(self) -> int:
        """How many things it adds, changes and removes."""
        return self.added + self.changed + self.removed


class Act(models.TextChoices):
    """What an import does to a row."""

    ADDED = "added", _("新增")
    CHANGED = "changed", _("更新")
    REMOVED = "removed", _("移除")


class RosterChange(models.Model):
    """One row of any table that an import wrote, noted by a trigger: what undoing needs, and no more.

    `before` and `after` hold the columns that changed; a removed row is whole in `before`; an added row is
    known by a digest, so that a later change of it is noticed.
    """

    id = models.BigAutoField(primary_key=True)
    # One note for each of 150,000 rows, and each key is asked for each: the trigger names an import that the
    # worker holds, and the index below begins with it (ADR 0026).
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    roster_import = models.ForeignKey(
        RosterImport, on_delete=models.CASCADE, related_name="changes", db_index=False, db_constraint=False
    )
    act = models.CharField(max_length=8, choices=Act)
    table_name = models.CharField(max_length=63)
    row_key = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    after_digest = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("名冊變動")
        indexes = [models.Index(fields=["roster_import", "table_name"], name="changes_of_import")]

    def __str__(self) -> str:
        return f"{self.act} {self.table_name} {self.row_key}"


class RosterEffect(models.Model):
    """What an import does to one person, or to one course or class: a line of the preview."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="effects")
    subject = models.CharField(_("對象"), max_length=240)  # account and name, or the course and section
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("更新"), default=0)
    removed = models.PositiveIntegerField(_("移除"), default=0)
    details = models.JSONField(default=list)  # [{"what", "field", "before", "after"}], the first few

    class Meta:
        verbose_name = _("名冊影響")
        indexes = [models.Index(fields=["roster_import", "id"], name="effects_of_import")]

    def __str__(self) -> str:
        return self.subject
