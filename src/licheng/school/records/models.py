from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School


class Course(models.Model):
    """A course of the school's plan: its 23-character code, name and credits of six semesters."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    code = models.CharField(_("課程代碼"), max_length=23)
    name = models.CharField(_("科目名稱"), max_length=30)
    credits = models.CharField(_("授課學期學分"), max_length=6)

    class Meta:
        verbose_name = _("課程")
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="course_once_per_school")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Offering(models.Model):
    """A course taught in one semester to one section 開課班級, with its teachers."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="offerings")
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    section = models.CharField(_("開課班級"), max_length=40)
    teachers = models.ManyToManyField(Person, related_name="offerings", verbose_name=_("任課教師"))

    class Meta:
        verbose_name = _("開課")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "course", "school_year", "semester", "section"], name="offering_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.school_year}-{self.semester} {self.section}"


class CourseDeputy(models.Model):
    """Somebody who certifies in a teacher's place (代理認證) for one offering, from one day to another."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    offering = models.ForeignKey(
        Offering, on_delete=models.CASCADE, related_name="deputies", verbose_name=_("開課")
    )
    deputy = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="deputised", verbose_name=_("代理認證人")
    )
    since = models.DateField(_("起"))
    until = models.DateField(_("迄"))
    reason = models.CharField(_("事由"), max_length=200)
    granted_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("授權者")
    )
    granted_at = models.DateTimeField(_("授權時間"), auto_now_add=True)
    ended_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("結束者")
    )

    class Meta:
        verbose_name = _("代理認證")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since") - timedelta(days=1)),
                name="deputy_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} in {self.offering_id}"


class Enrolment(models.Model):
    """A student in an offering 修課. `credits` is what it gives in that student's semester; 0 is none."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="enrolments")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    grade = models.PositiveSmallIntegerField(_("開課年級"))
    credits = models.PositiveSmallIntegerField(_("學分"))

    class Meta:
        verbose_name = _("修課")
        constraints = [models.UniqueConstraint(fields=["offering", "student"], name="enrolment_once")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.offering_id}"


class RosterKind(models.TextChoices):
    """What a roster file brings in; the order is the order in which a school imports them."""

    COURSE_CODES = "course-codes", _("課程代碼檔")
    STAFF = "staff", _("教職員名冊")
    CLASSES = "classes", _("班級名冊")
    STUDENTS = "students", _("學生名冊")
    ENROLMENTS = "enrolments", _("修課名冊")


class RosterImport(models.Model):
    """One attempt to bring a roster in: what was found, and whether it was applied. All or nothing."""

    class State(models.TextChoices):
        """An import with any error is refused whole."""

        REFUSED = "refused", _("未匯入")
        APPLIED = "applied", _("已匯入")

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    kind = models.CharField(_("名冊"), max_length=12, choices=RosterKind)
    file_name = models.CharField(_("檔名"), max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("結果"), max_length=8, choices=State)
    rows = models.PositiveIntegerField(_("列數"))
    accepted = models.PositiveIntegerField(_("可匯入"))
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("更新"), default=0)
    issues = models.JSONField(_("問題"), default=list)
    imported_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, verbose_name=_("匯入者"))
    imported_at = models.DateTimeField(_("時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("名冊匯入")
        ordering = ["-imported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name} {self.state}"
