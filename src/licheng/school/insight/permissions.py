from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, with_role
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.models import Role
from licheng.school.people.relations import homeroom_of, of
from licheng.school.records.relations import certifies


def own(actor: Actor) -> Q:
    """What belongs to the student who asks."""
    return Q(student=actor.person_id)


def taught(actor: Actor) -> Q:
    """What was sent in courses that the actor teaches, or in which she deputises a teacher."""
    return certifies(actor, "enrolment__offering__") & ~Q(state=OutcomeState.DRAFT)


OWN = Rule("insight.own", _("首頁只看得到自己的紀錄。"), own)
TAUGHT = Rule(
    "insight.taught",
    _("任課教師與代理認證人在首頁看得到自己課程的待辦件數。"),
    taught,
)
CLASS = Rule("insight.class", _("導師（含代理）在首頁看得到自己班的進度。"), of(homeroom_of, "person__"))
IMPORTS = Rule(
    "insight.imports",
    _("註冊組與系統管理員在首頁看得到最近的名冊匯入。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
)
BATCHES = Rule(
    "insight.batches",
    _("提交人員在首頁看得到提交進度。"),
    with_role(Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER),
)
DISPUTES = Rule(
    "insight.disputes", _("收訖管理員在首頁看得到還沒回覆的回報。"), with_role(Role.RECEIPT_OFFICER)
)
