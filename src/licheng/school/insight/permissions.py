from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, with_role
from licheng.school.people.models import Role


def own(actor: Actor) -> Q:
    """What belongs to the student who asks."""
    return Q(student=actor.person_id)


def taught(actor: Actor) -> Q:
    """Outcomes of courses that the actor teaches."""
    return Q(enrolment__offering__teachers=actor.person_id)


def in_own_class(actor: Actor) -> Q:
    """Students of the actor's own class."""
    return Q(class_group__homeroom_teacher=actor.person_id)


OWN = Rule("insight.own", _("首頁只看得到自己的紀錄。"), own)
TAUGHT = Rule("insight.taught", _("任課教師在首頁看得到自己課程的待辦件數。"), taught)
CLASS = Rule("insight.class", _("導師在首頁看得到自己班的進度。"), in_own_class)
IMPORTS = Rule(
    "insight.imports",
    _("註冊組與系統管理員在首頁看得到最近的名冊匯入。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
)
BATCHES = Rule(
    "insight.batches",
    _("提交人員與系統管理員在首頁看得到提交進度。"),
    with_role(Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER, Role.ADMINISTRATOR),
)
DISPUTES = Rule(
    "insight.disputes", _("收訖管理員在首頁看得到還沒回覆的回報。"), with_role(Role.RECEIPT_OFFICER)
)
