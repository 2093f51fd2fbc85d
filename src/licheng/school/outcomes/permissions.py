from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from licheng.school.people.relations import granted_to, guarded_by, homeroom_of, in_staff_session, of
from licheng.school.records.relations import certifies


def made_by(actor: Actor) -> Q:
    """Outcomes, or enrolments, of the student who asks."""
    return Q(student=actor.person_id)


def taught(actor: Actor) -> Q:
    """Outcomes of courses that the actor teaches now, or in which she deputises a teacher today."""
    return certifies(actor, "enrolment__offering__")


READERS = either(
    taught,
    granted_to(Role.COUNSELLOR, "student__"),
    of(guarded_by, "student__"),
    with_role(Role.OUTCOME_SUBMITTER, Role.RECEIPT_OFFICER),
)


def once_sent(actor: Actor) -> Q:
    """What others than the student and her homeroom teacher see of her: nothing that is a draft."""
    return READERS(actor) & ~Q(state=S.DRAFT)


def to_certify(actor: Actor) -> Q:
    """What the student has sent in courses that the actor teaches or deputises."""
    return taught(actor) & ~Q(state=S.DRAFT)


SEE = Rule(
    "outcomes.see",
    _(
        "學生本人與導師（含代理，自己班）可以看課程學習成果；送出之後，這門課的任課教師與代理認證人、"
        "被指派的課程諮詢教師、家長（自己的孩子）、課程學習成果提交人員與收訖管理員也可以看；"
        "系統管理員只有在管理工作階段中才看得到。"
    ),
    either(made_by, of(homeroom_of, "student__"), once_sent, in_staff_session),
)
WRITE = Rule("outcomes.write", _("只有學生本人可以新增、修改、刪除、送出自己的課程學習成果。"), made_by)
CERTIFY = Rule(
    "outcomes.certify",
    _("只有這門課現在的任課教師與代理期間內的代理認證人可以認證學生送出的課程學習成果。"),
    to_certify,
)
START = Rule("outcomes.start", _("學生只能為自己修的課新增課程學習成果。"), made_by)
