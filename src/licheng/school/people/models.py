import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.privacy import unseal
from licheng.school.calendar.queries import Place

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Authority(models.Model):
    """The authority above a school: the K-12 agency of the ministry or a special municipality."""

    code = models.CharField(_("代碼"), max_length=20, unique=True)
    name = models.CharField(_("主管機關"), max_length=60)

    class Meta:
        verbose_name = _("主管機關")

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """A senior-high school: the tenant. Codes are six characters, not digits (`12M301`)."""

    code = models.CharField(_("學校代碼"), max_length=6, unique=True)
    name = models.CharField(_("校名"), max_length=60)
    kind = models.CharField(_("課程類型"), max_length=1)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, verbose_name=_("主管機關"))
    active_year = models.PositiveSmallIntegerField(_("目前學年度"))
    active_semester = models.PositiveSmallIntegerField(_("目前學期"))

    class Meta:
        verbose_name = _("學校")
        constraints = [
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-Z]{6}$"), name="school_code_is_six")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Place:
        """Where this school stands for windows and limits now; needs `authority` loaded."""
        return Place(self.code, self.authority.code, self.active_year, self.active_semester)


class Role(models.TextChoices):
    """What a member of staff is for; the roster's own words."""

    TEACHER = "teacher", _("任課教師")
    HOMEROOM = "homeroom", _("導師")
    COUNSELLOR = "counsellor", _("課程諮詢教師")
    REGISTRAR = "registrar", _("註冊組")
    OUTCOME_SUBMITTER = "outcome_submitter", _("課程學習成果提交人員")
    ACTIVITY_SUBMITTER = "activity_submitter", _("多元表現提交人員")
    RECEIPT_OFFICER = "receipt_officer", _("收訖管理員")
    CURRICULUM = "curriculum", _("教學組")
    DATA_QUERY = "data_query", _("資料查詢人員")
    EXCHANGE_OFFICER = "exchange_officer", _("歷程交換人員")
    WORKING_GROUP = "working_group", _("工作小組")
    ADMINISTRATOR = "administrator", _("系統管理員")
    STUDENT = "student", _("學生")
    GUARDIAN = "guardian", _("家長")


class Person(models.Model):
    """Somebody at one school. `account` is the student number 學號 or the staff account."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, verbose_name=_("學校"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="person",
        verbose_name=_("帳號"),
    )
    account = models.CharField(_("學號或帳號"), max_length=20)
    name = models.CharField(_("姓名"), max_length=200)
    email = models.EmailField(_("電子郵件"), blank=True)
    is_student = models.BooleanField(_("是學生"))
    is_guardian = models.BooleanField(_("是家長"), default=False)
    left_on = models.DateField(_("離校日"), null=True, blank=True)
    anonymised_at = models.DateTimeField(_("去識別時間"), null=True, blank=True)

    student: "Student"
    roles: "RelatedManager[RoleGrant]"

    class Meta:
        verbose_name = _("人員")
        constraints = [
            models.UniqueConstraint(fields=["school", "account"], name="person_account_once_per_school"),
            models.CheckConstraint(
                condition=Q(is_student=False) | Q(is_guardian=False), name="person_is_student_or_guardian"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.name}"


class ClassGroup(models.Model):
    """A class 班級 of one school year, with its homeroom teacher."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    grade = models.PositiveSmallIntegerField(_("年級"))
    name = models.CharField(_("班級"), max_length=40)
    homeroom_teacher = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="homeroom_classes", verbose_name=_("導師")
    )

    class Meta:
        verbose_name = _("班級")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "school_year", "grade", "name"], name="class_once_per_year"
            ),
        ]

    def __str__(self) -> str:
        return self.name


PASS_MARK = 60  # of 100; some students pass at a lower mark (修課及格標準). Source: domain reference §2.4


def new_subject_key() -> str:
    """256 random bits, hexadecimal: opens a student's commitments in the ledgers and nothing else."""
    return secrets.token_hex(32)


class Student(models.Model):
    """What only students have. The ID number is sealed; never a key, a credential or a name of anything."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="student")
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    id_number_sealed = models.BinaryField(_("身分證號（加密）"))
    id_number_index = models.CharField(max_length=64)
    birth_date = models.DateField(_("出生日期"))
    gender = models.CharField(_("性別"), max_length=1, choices=[("1", _("男")), ("2", _("女"))])
    class_group = models.ForeignKey(
        ClassGroup, on_delete=models.PROTECT, related_name="students", verbose_name=_("班級")
    )
    seat_no = models.PositiveSmallIntegerField(_("座號"))
    pass_mark = models.PositiveSmallIntegerField(_("修課及格標準"), default=PASS_MARK)
    subject_key = models.CharField(max_length=64, default=new_subject_key)

    class Meta:
        verbose_name = _("學生")
        constraints = [
            models.UniqueConstraint(fields=["school", "id_number_index"], name="id_number_once_per_school"),
        ]

    def __str__(self) -> str:
        return f"student {self.person_id}"

    @property
    def id_number(self) -> str:
        """The ID number in clear, empty once destroyed; packages need it, and revealing is written down."""
        if not self.id_number_sealed:
            return ""
        return unseal(self.id_number_sealed, place=id_number_place(self.school_id, self.person_id))


def id_number_place(school_id: int, person_id: int) -> str:
    """What an ID number's ciphertext is bound to: table, column, school and row."""
    return f"people_student.id_number/{school_id}/{person_id}"


class GrantSource(models.TextChoices):
    """Where a role comes from; a roster takes away only what a roster gave."""

    ROSTER = "roster", _("名冊")
    GRANTED = "granted", _("授權")


class GrantScope(models.TextChoices):
    """How far a role reaches. Written down: a grant that lost its last student must not reach everybody."""

    SCHOOL = "school", _("全校")
    CLASS = "class", _("一個班")
    STUDENTS = "students", _("指定的學生")


class RoleGrant(models.Model):
    """A role somebody holds from one day to another: at the whole school, in a class, or for some students.

    A homeroom role with a class is a deputy (代理) of that class's homeroom teacher.
    Deputies who certify stand in `records.CourseDeputy`.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("職務"), max_length=20, choices=Role)
    source = models.CharField(_("來源"), max_length=8, choices=GrantSource, default=GrantSource.ROSTER)
    since = models.DateField(_("起"), default=timezone.localdate)
    until = models.DateField(_("迄"), null=True, blank=True)
    scope = models.CharField(_("範圍"), max_length=8, choices=GrantScope, default=GrantScope.SCHOOL)
    class_group = models.ForeignKey(
        "ClassGroup",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("班級"),
    )
    students = models.ManyToManyField(Student, blank=True, related_name="+", verbose_name=_("學生"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    granted_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("授權者")
    )
    granted_at = models.DateTimeField(_("授權時間"), default=timezone.now)
    ended_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("結束者")
    )

    class Meta:
        verbose_name = _("職務")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=Q(source=GrantSource.ROSTER),
                name="roster_role_once_per_person",
            ),
            models.CheckConstraint(
                condition=Q(source=GrantSource.ROSTER)
                | (Q(until__isnull=False) & Q(granted_by__isnull=False) & ~Q(reason="")),
                name="grant_has_end_giver_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since") - timedelta(days=1)),
                name="grant_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(scope=GrantScope.CLASS, class_group__isnull=False)
                | (~Q(scope=GrantScope.CLASS) & Q(class_group=None)),
                name="grant_names_its_class",
            ),
            models.CheckConstraint(
                condition=Q(source=GrantSource.GRANTED) | Q(scope=GrantScope.SCHOOL),
                name="roster_role_is_school_wide",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


class GuardianContact(models.Model):
    """A guardian as the school's own list names one; an account comes only by a code."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="guardian_contacts", verbose_name=_("學生")
    )
    name = models.CharField(_("家長姓名"), max_length=200)
    relation = models.CharField(_("關係"), max_length=20)
    email = models.EmailField(_("電子郵件"), blank=True)
    phone = models.CharField(_("電話"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("家長聯絡資料")
        constraints = [models.UniqueConstraint(fields=["student", "name"], name="guardian_contact_once")]

    def __str__(self) -> str:
        return f"contact of {self.student_id}"


class GuardianCode(models.Model):
    """A single-use code from the student or the school that links a guardian; kept as a keyed digest."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("學生"))
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("發給者"))
    made_at = models.DateTimeField(_("發給時間"), auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期限"))
    used_at = models.DateTimeField(_("使用時間"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("作廢時間"), null=True, blank=True)

    class Meta:
        verbose_name = _("家長連結碼")

    def __str__(self) -> str:
        return f"guardian code for {self.student_id}"


class GuardianLink(models.Model):
    """A guardian of a student, read-only, until the student, the school or the guardian ends it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    guardian = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="wards", verbose_name=_("家長")
    )
    student = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="guardian_links", verbose_name=_("學生")
    )
    relation = models.CharField(_("關係"), max_length=20)
    since = models.DateTimeField(_("起"), auto_now_add=True)
    ended_at = models.DateTimeField(_("結束時間"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("結束者")
    )
    end_reason = models.CharField(_("結束事由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("家長連結")
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "student"], condition=Q(ended_at=None), name="guardian_linked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} for {self.student_id}"


class StaffSession(models.Model):
    """A timed session in which an administrator may look at people's records; its reason is written down."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="staff_sessions", verbose_name=_("管理員")
    )
    reason = models.CharField(_("事由"), max_length=200)
    opened_at = models.DateTimeField(_("開始"), auto_now_add=True)
    expires_at = models.DateTimeField(_("到期"))
    closed_at = models.DateTimeField(_("結束"), null=True, blank=True)

    class Meta:
        verbose_name = _("管理工作階段")

    def __str__(self) -> str:
        return f"{self.person_id} {self.opened_at:%Y-%m-%d %H:%M}"


class LookedAt(models.TextChoices):
    """What of a student's somebody looked at."""

    PERSON = "person", _("基本資料")
    ID_NUMBER = "id-number", _("身分證號")
    RECORDS = "records", _("修課紀錄")
    OUTCOME = "outcome", _("課程學習成果")
    ACTIVITY = "activity", _("多元表現")
    FILE = "file", _("檔案")
    SELECTION = "selection", _("勾選結果")
    RECEIPT = "receipt", _("收訖明細")
    CLASS_LIST = "class-list", _("班級名單")
    CONSULTATION = "consultation", _("課程諮詢紀錄")
    EXPORT = "export", _("匯出")


class Look(models.Model):
    """That somebody looked at something of a student: one row a day per thing; the student reads these."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    student = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="looks", verbose_name=_("學生")
    )
    viewer = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("查閱者")
    )
    machine = models.CharField(
        _("機器"), max_length=120, blank=True
    )  # the actor's label when no person looked
    capacity = models.CharField(_("以什麼身分"), max_length=40)
    what = models.CharField(_("查閱的資料"), max_length=12, choices=LookedAt)
    item_id = models.CharField(max_length=60, blank=True)
    on_day = models.DateField(_("日期"))
    first_at = models.DateTimeField(_("第一次"), auto_now_add=True)
    last_at = models.DateTimeField(_("最後一次"), auto_now=True)
    times = models.PositiveIntegerField(_("次數"), default=1)

    class Meta:
        verbose_name = _("查閱紀錄")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "viewer", "machine", "capacity", "what", "item_id", "on_day"],
                nulls_distinct=False,
                name="look_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(viewer=None, machine__gt="") | Q(viewer__isnull=False, machine=""),
                name="look_has_a_viewer_or_a_machine",
            ),
        ]
        indexes = [models.Index(fields=["student", "-on_day"], name="look_latest")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.what} of {self.student_id}"
