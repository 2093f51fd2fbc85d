from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, with_role
from licheng.school.people.models import Role

EXTENDERS = (Role.REGISTRAR, Role.ADMINISTRATOR, Role.WORKING_GROUP)


def staff(actor: Actor) -> Q:
    """Every row inside the fence, for everybody who works at the school."""
    return Q() if actor.needs_factor else Q(pk__in=())


SEE = Rule("governance.see", _("全校教職員都可以看工作小組的設定。"), staff, tenant="pk")
SEE_CHANGE = Rule("governance.see_change", _("全校教職員都可以看設定的歷史。"), staff)
SET = Rule(
    "governance.set",
    _("只有工作小組可以訂本校的上限與期間。"),
    with_role(Role.WORKING_GROUP),
    tenant="pk",
    is_stepped_up=True,
)
SEE_EXTENSION = Rule(
    "governance.see_extension",
    _("註冊組、系統管理員與工作小組可以看延長的名單。"),
    with_role(*EXTENDERS),
)
EXTEND = Rule(
    "governance.extend",
    _("註冊組、系統管理員與工作小組可以為班級或個人延長期限。"),
    with_role(*EXTENDERS),
    tenant="pk",
    is_stepped_up=True,
)
WITHDRAW = Rule(
    "governance.withdraw",
    _("註冊組、系統管理員與工作小組可以取消延長。"),
    with_role(*EXTENDERS),
    is_stepped_up=True,
)
