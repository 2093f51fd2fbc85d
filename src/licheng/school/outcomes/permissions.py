from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role


def made_by(actor: Actor) -> Q:
    """Outcomes, or enrolments, of the student who asks."""
    return Q(student=actor.person_id)


def taught_by(actor: Actor) -> Q:
    """Outcomes of courses that the actor teaches."""
    return Q(enrolment__offering__teachers=actor.person_id)


def taught_and_sent(actor: Actor) -> Q:
    """Outcomes of courses that the actor teaches, once the student has sent them."""
    return taught_by(actor) & ~Q(state=S.DRAFT)


def of_own_class(actor: Actor) -> Q:
    """Outcomes of students whose homeroom teacher asks."""
    return Q(student__student__class_group__homeroom_teacher=actor.person_id)


SEE = Rule(
    "outcomes.see",
    _("學生本人、任課教師（送出之後）、導師（自己班）與提交、收訖人員可以看課程學習成果。"),
    either(
        made_by,
        taught_and_sent,
        of_own_class,
        with_role(Role.OUTCOME_SUBMITTER, Role.RECEIPT_OFFICER, Role.ADMINISTRATOR),
    ),
)
WRITE = Rule("outcomes.write", _("只有學生本人可以新增、修改、刪除、送出自己的課程學習成果。"), made_by)
CERTIFY = Rule("outcomes.certify", _("只有這門課的任課教師可以認證它的課程學習成果。"), taught_by)
SUBMIT = Rule(
    "outcomes.submit", _("只有課程學習成果提交人員可以封裝與提交。"), with_role(Role.OUTCOME_SUBMITTER)
)
START = Rule("outcomes.start", _("學生只能為自己修的課新增課程學習成果。"), made_by)
