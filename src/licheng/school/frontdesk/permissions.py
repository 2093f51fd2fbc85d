from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role

AUTHORS = (Role.REGISTRAR, Role.ADMINISTRATOR, Role.WORKING_GROUP)
DESK = (Role.REGISTRAR, Role.ADMINISTRATOR)


def asked_by(actor: Actor) -> Q:
    """Questions that the actor asked while signed in."""
    return Q(person=actor.person_id)


ANNOUNCE = Rule(
    "frontdesk.announce",
    _("註冊組、系統管理員與工作小組可以發布公告。"),
    with_role(*AUTHORS),
    tenant="pk",
)
SEE_BOARD = Rule(
    "frontdesk.see_board",
    _("註冊組、系統管理員與工作小組可以看全部公告，包含還沒開始與已撤下的。"),
    with_role(*AUTHORS),
)
WITHDRAW = Rule("frontdesk.withdraw", _("註冊組、系統管理員與工作小組可以撤下公告。"), with_role(*AUTHORS))
SEE_DESK = Rule(
    "frontdesk.see_desk", _("註冊組與系統管理員看得到服務臺的清單。"), with_role(*DESK), tenant="pk"
)
SEE_QUESTION = Rule(
    "frontdesk.see_question",
    _("提問者看得到自己的詢問；註冊組與系統管理員看得到全部。"),
    either(asked_by, with_role(*DESK)),
)
FOLLOW = Rule("frontdesk.follow", _("只有提問者可以在自己的詢問裡補充或結束。"), asked_by)
ANSWER = Rule(
    "frontdesk.answer", _("註冊組與系統管理員可以回覆、結束、重新打開或刪除詢問。"), with_role(*DESK)
)
