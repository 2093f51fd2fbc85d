from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.offices.models import Duty
from licheng.foundations.authz import Actor, Rule


def as_operator(actor: Actor) -> Q:
    """Everything, for the platform's operators."""
    return Q() if Duty.OPERATOR in actor.roles else Q(pk__in=())


SEE_DIRECTORY = Rule(
    "offices.see_directory", _("只有平臺管理人員可以看學校名錄與人員。"), as_operator, tenant=None
)
NAME_OFFICERS = Rule(
    "offices.name_officers",
    _("只有平臺管理人員可以開立、結束和重新啟用帳號。"),
    as_operator,
    tenant=None,
    is_stepped_up=True,
)
