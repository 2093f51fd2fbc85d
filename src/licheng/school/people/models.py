import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
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
    ADMINISTRATOR = "administrator", _("系統管理員")
    STUDENT = "student", _("學生")


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
    left_on = models.DateField(_("離校日"), null=True, blank=True)

    student: "Student"
    roles: "RelatedManager[RoleGrant]"

    class Meta:
        verbose_name = _("人員")
        constraints = [
            models.UniqueConstraint(fields=["school", "account"], name="person_account_once_per_school")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.name}"


class RoleGrant(models.Model):
    """A role somebody holds, from one day on, until another if given."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("職務"), max_length=20, choices=Role)
    since = models.DateField(_("起"), auto_now_add=True)
    until = models.DateField(_("迄"), null=True, blank=True)

    class Meta:
        verbose_name = _("職務")
        constraints = [models.UniqueConstraint(fields=["person", "role"], name="role_once_per_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


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
        """The ID number in clear; only packages need it, and those who reveal it are written down."""
        return unseal(self.id_number_sealed, place=id_number_place(self.school_id, self.person_id))


def id_number_place(school_id: int, person_id: int) -> str:
    """What an ID number's ciphertext is bound to: table, column, school and row."""
    return f"people_student.id_number/{school_id}/{person_id}"
