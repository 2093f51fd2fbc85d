from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import Person, School

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


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
    co_teachers = models.ManyToManyField(
        Person, related_name="co_taught", blank=True, verbose_name=_("協同教師")
    )  # see the class, certify only as deputies

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


class Sheet(models.TextChoices):
    """Which sheet of the mark roster 學生成績名冊 a row stands on. Source: domain reference §2.4."""

    SEMESTER = "semester", _("學期成績")
    MAKE_UP = "make-up", _("補修成績")
    TRANSFER = "transfer", _("轉學轉科成績")
    RETAKE = "retake", _("重修成績")
    REPEAT = "repeat", _("重讀成績")
    EXAM = "exam", _("補考成績")  # 進修部 alone; 日間部 keeps it beside the mark


class Counting(models.IntegerChoices):
    """Whether a course counts for credits 是否採計學分. Source: domain reference §2.4."""

    COUNTED = 1, _("採計")
    NOT_COUNTED = 2, _("不採計")
    GRANTED = 3, _("充實補強授予學分或不需評分")


def mark_field(name: "_StrPromise") -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A mark of 0 to 100 as the school stored it; the rosters' -1, no mark, is NULL."""
    return models.DecimalField(name, max_digits=5, decimal_places=2, null=True, blank=True)


class CourseMark(models.Model):
    """One row of a mark roster 修課紀錄: what a student got in one course of one semester.

    `school_year` and `semester` are the roster's; `taken_*` say for which semester the course stands (應修,
    對應, 原修). `credits` are periods 節數 in the evening division 進修部. `passed` is NULL where the
    roster says -1.
    """

    # 150,000 rows come at once, and every further key and index is paid for by each (ADR 0026). The index and
    # the constraint below begin with these two; that a row's school exists, the fence has asked already.
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    student = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="marks", db_index=False, verbose_name=_("學生")
    )
    sheet = models.CharField(_("成績名冊"), max_length=8, choices=Sheet)
    is_evening = models.BooleanField(_("進修部"), default=False)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    taken_year = models.PositiveSmallIntegerField(_("修課學年度"))
    taken_semester = models.PositiveSmallIntegerField(_("修課學期"))
    course_code = models.CharField(_("課程代碼"), max_length=23)
    course_name = models.CharField(_("科目名稱"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("開課年級"))
    credits = models.DecimalField(_("修課學分"), max_digits=4, decimal_places=1)
    second_credits = models.DecimalField(
        _("第二學期修課節數"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    score = mark_field(_("成績"))
    passed = models.BooleanField(_("及格"), null=True, blank=True)
    exam_score = mark_field(_("補考成績"))
    exam_passed = models.BooleanField(_("補考及格"), null=True, blank=True)
    second_exam_score = mark_field(_("第二次補考成績"))
    second_exam_passed = models.BooleanField(_("第二次補考及格"), null=True, blank=True)
    year_score = mark_field(_("學年學業成績"))
    year_passed = models.BooleanField(_("學年及格"), null=True, blank=True)
    counting = models.PositiveSmallIntegerField(_("是否採計"), choices=Counting, null=True, blank=True)
    manner = models.CharField(_("修習方式"), max_length=2, blank=True)  # 補修方式 or 重修方式
    standing = models.CharField(_("身分別"), max_length=1, blank=True)  # of 轉學轉科
    repeat_mark = models.CharField(_("重讀註記"), max_length=1, blank=True)
    remark = models.TextField(_("質性文字描述"), blank=True)

    class Meta:
        verbose_name = _("修課紀錄")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "student",
                    "sheet",
                    "school_year",
                    "semester",
                    "taken_year",
                    "taken_semester",
                    "course_code",
                ],
                name="mark_once",
            )
        ]
        indexes = [models.Index(fields=["school", "school_year", "semester"], name="marks_of_semester")]

    def __str__(self) -> str:
        return f"{self.student_id} {self.course_code} {self.school_year}-{self.semester}"


class StudentTerm(models.Model):
    """A student in one semester as the roster 學生資料名冊 tells it. Source: domain reference §2.1."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="terms", verbose_name=_("學生")
    )
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    gender_code = models.CharField(_("性別代碼"), max_length=1)
    birth_date = models.DateField(_("出生日期"))
    group_code = models.CharField(_("群別代碼"), max_length=2)
    department_code = models.CharField(_("科班學程別代碼"), max_length=3)
    division_code = models.CharField(_("部別代碼"), max_length=2)
    class_type = models.CharField(_("班別"), max_length=2)
    grade = models.PositiveSmallIntegerField(_("年級"))
    class_name = models.CharField(_("班級名稱"), max_length=40)
    seat_no = models.PositiveSmallIntegerField(_("座號"))
    special_status = models.CharField(_("特殊身分別"), max_length=20)  # up to three codes, comma between
    indigenous_group = models.CharField(_("原住民族別"), max_length=10, blank=True)
    indigenous_status = models.CharField(_("原住民身分別"), max_length=4, blank=True)
    language_dialect = models.CharField(_("族語認證報考方言"), max_length=30, blank=True)
    language_year = models.PositiveSmallIntegerField(_("族語認證報考年度"), null=True, blank=True)
    language_valid_until = models.DateField(_("族語認證有效日期"), null=True, blank=True)
    experiment_class = models.CharField(_("實驗班名稱"), max_length=40, blank=True)
    admission_way = models.CharField(_("入學方式"), max_length=20)
    enrol_status = models.CharField(_("學籍狀態"), max_length=10)
    status_changed_on = models.DateField(_("學籍異動日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("學期學生資料")
        constraints = [
            models.UniqueConstraint(fields=["student", "school_year", "semester"], name="term_once")
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.school_year}-{self.semester}"


class BorrowedStudy(models.Model):
    """A student who studies at another school for a time 借讀. Source: domain reference §2.2."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("學生"))
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    home_school_code = models.CharField(_("所屬學校代碼"), max_length=6)
    host_school_code = models.CharField(_("借讀學校代碼"), max_length=6)
    group_code = models.CharField(_("群別"), max_length=2)
    department_code = models.CharField(_("借讀科班學程別"), max_length=3)
    borrow_code = models.CharField(_("借讀代碼"), max_length=10)
    since = models.DateField(_("申請開始日期"))
    until = models.DateField(_("申請結束日期"))

    class Meta:
        verbose_name = _("借讀")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "school_year", "semester", "host_school_code", "since"],
                name="borrowed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="borrowed_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} at {self.host_school_code}"


class CadreRecord(models.Model):
    """An office a student held at school 校內幹部經歷: the school writes it, the student reads it.

    Source: domain reference §2.3.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="cadres", verbose_name=_("學生")
    )
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    unit = models.CharField(_("單位名稱"), max_length=20)
    since = models.DateField(_("開始日期"))
    until = models.DateField(_("結束日期"))
    duty = models.CharField(_("擔任職務"), max_length=20)
    level = models.CharField(_("幹部等級"), max_length=1)

    class Meta:
        verbose_name = _("校內幹部經歷")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "school_year", "semester", "unit", "duty", "since"], name="cadre_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="cadre_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.duty}"
