from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role

OFFICES = (
    Role.REGISTRAR,
    Role.ADMINISTRATOR,
    Role.OUTCOME_SUBMITTER,
    Role.ACTIVITY_SUBMITTER,
    Role.RECEIPT_OFFICER,
)


def oneself(actor: Actor) -> Q:
    """The actor's own row."""
    return Q(pk=actor.person_id)


def in_own_class(actor: Actor) -> Q:
    """Students of the classes whose homeroom teacher the actor is."""
    return Q(student__class_group__homeroom_teacher=actor.person_id)


SEE_PERSON = Rule(
    "people.see",
    _("本人、導師（自己班的學生）與註冊、提交、收訖人員可以看人員資料。"),
    either(oneself, in_own_class, with_role(*OFFICES)),
)
ISSUE_PASSWORD = Rule(
    "people.issue_password",
    _("只有註冊組與系統管理員可以發初始密碼。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
)
SEE_SCHOOL = Rule("people.see_school", _("只看得到自己的學校。"), lambda _actor: Q(), tenant="pk")
IMPORT_ROSTERS = Rule(
    "people.import_rosters",
    _("只有註冊組與系統管理員可以匯入名冊。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
    tenant="pk",
)
