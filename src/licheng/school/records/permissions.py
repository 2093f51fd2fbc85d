from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.people.relations import (
    classes_granted,
    granted_to,
    guarded_by,
    homeroom_classes,
    homeroom_of,
    in_staff_session,
    of,
    oneself,
)
from licheng.school.records.models import Enrolment, Sheet
from licheng.school.records.relations import taught_now, taught_or_shared


def of_own_course(actor: Actor) -> Q:
    """Deputyships in courses that the actor teaches now."""
    return taught_now(actor, "offering__")


def taught(actor: Actor) -> Q:
    """Courses that the actor teaches now; a deputy names no deputies."""
    return taught_now(actor, "")


DEPUTISE = Rule(
    "records.deputise",
    _("只有這門課現在的任課教師與教學組可以指定代理認證人，不能指定自己，而且要再確認一次身分。"),
    either(taught, with_role(Role.CURRICULUM)),
    is_stepped_up=True,
)
SEE_DEPUTY = Rule(
    "records.see_deputy",
    _("代理認證人本人、這門課現在的任課教師、教學組與系統管理員看得到代理的期間與事由。"),
    either(
        lambda actor: Q(deputy=actor.person_id),
        of_own_course,
        with_role(Role.CURRICULUM, Role.ADMINISTRATOR),
    ),
)
END_DEPUTY = Rule(
    "records.end_deputy",
    _("只有這門課現在的任課教師與教學組可以結束代理認證，而且要再確認一次身分。"),
    either(of_own_course, with_role(Role.CURRICULUM)),
    is_stepped_up=True,
)


def readers_of_records(student: str) -> Callable[[Actor], Q]:
    """Who reads a student's course records; `student` is the lookup to her Person."""
    return either(
        of(oneself, student),
        of(homeroom_of, student),
        of(guarded_by, student),
        granted_to(Role.COUNSELLOR, student),
        with_role(Role.REGISTRAR),
        in_staff_session,
    )


def of_taught_course(actor: Actor) -> Q:
    """Marks in a course of that semester which the actor teaches or shares, of students enrolled in it.

    The evening division's make-up exam 補考 is of the whole year, whichever semester's roster brings it.
    """
    of_year = Enrolment.objects.filter(
        taught_or_shared(actor, "offering__"),
        student=OuterRef("student"),
        offering__course__code=OuterRef("course_code"),
        offering__school_year=OuterRef("taken_year"),
    )
    of_semester = of_year.filter(offering__semester=OuterRef("taken_semester"))
    return Q(Exists(of_semester)) | Q(Exists(of_year), sheet=Sheet.EXAM)


def own_class(actor: Actor) -> Q:
    """Classes whose homeroom teacher, deputy of today or counsellor the actor is."""
    return Q(pk__in=homeroom_classes(actor)) | Q(pk__in=classes_granted(actor, Role.COUNSELLOR))


SEE_STUDENT = Rule(
    "records.see_student",
    _(
        "學生本人、家長（自己的孩子）、導師（含代理，自己班）、被指派的課程諮詢教師與註冊組可以看學生的修課紀錄；"
        "系統管理員只有在管理工作階段中才看得到。"
    ),
    lambda actor: Q(is_student=True) & readers_of_records("")(actor),
)
SEE_MARK = Rule(
    "records.see_mark",
    _(
        "看得到一位學生的修課紀錄的人看得到這位學生的成績；任課與協同教師只看得到自己那門課、那個學期、選課學生的成績"
        "（進修部補考算整個學年）。"
    ),
    either(readers_of_records("student__"), of_taught_course),
)
SEE_CADRE = Rule(
    "records.see_cadre",
    _(
        "校內幹部經歷由學校登錄，學生不能修改；學生本人、家長（自己的孩子）、導師（含代理，自己班）、"
        "被指派的課程諮詢教師與註冊組可以看，系統管理員只有在管理工作階段中才看得到。"
    ),
    readers_of_records("student__"),
)
SEE_TERM = Rule(
    "records.see_term",
    _(
        "學期學生資料有特殊身分別等個人資料，只有學生本人、導師（含代理，自己班）與註冊組可以看；系統管理員只有在管理工作階段中才看得到。"
    ),
    either(
        of(oneself, "student__"), of(homeroom_of, "student__"), with_role(Role.REGISTRAR), in_staff_session
    ),
)
READ_CLASS = Rule(
    "records.read_class",
    _(
        "導師（含代理）、被指派到這一班的課程諮詢教師與註冊組可以看全班的修課紀錄；系統管理員只有在管理工作階段中才看得到。"
    ),
    either(own_class, with_role(Role.REGISTRAR), in_staff_session),
)
READ_COURSE = Rule(
    "records.read_course",
    _("這門課現在的任課與協同教師、註冊組可以看選課學生的成績；系統管理員只有在管理工作階段中才看得到。"),
    either(lambda actor: taught_or_shared(actor, ""), with_role(Role.REGISTRAR), in_staff_session),
)
EXPORT_CLASS = Rule(
    "records.export_class",
    _("看得到全班修課紀錄的人再確認一次身分後，可以下載；下載本身也會記下。"),
    either(own_class, with_role(Role.REGISTRAR), in_staff_session),
    is_stepped_up=True,
)
EXPORT_COURSE = Rule(
    "records.export_course",
    _("看得到一門課成績的人再確認一次身分後，可以下載；下載本身也會記下。"),
    either(lambda actor: taught_or_shared(actor, ""), with_role(Role.REGISTRAR), in_staff_session),
    is_stepped_up=True,
)
