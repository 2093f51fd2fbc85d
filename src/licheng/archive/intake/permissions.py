from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule

OPERATOR = "operator"
DEPOSITOR = "depositor"


def as_operator(actor: Actor) -> Q:
    """Everything, for the archive's operators."""
    return Q() if OPERATOR in actor.roles else Q(pk__in=())


def own_deposits(actor: Actor) -> Q:
    """A school's system reaches the deposits of that school; `person_id` is the registered school."""
    return Q(school=actor.person_id) if DEPOSITOR in actor.roles else Q(pk__in=())


def own_registration(actor: Actor) -> Q:
    """A school's system reaches the registration of that school."""
    return Q(pk=actor.person_id) if DEPOSITOR in actor.roles else Q(pk__in=())


SEE_BOARD = Rule("intake.see", _("只有中央操作人員可以看收件板。"), as_operator, tenant=None)
ANNOUNCE = Rule("intake.announce", _("學校系統只能為自己的學校登記封包。"), own_registration, tenant=None)
DEPOSIT = Rule("intake.deposit", _("學校系統只能送出與查詢自己學校的封包。"), own_deposits, tenant=None)
SEE_ACTS = Rule("intake.audit", _("只有中央操作人員可以查詢中央資料庫的稽核紀錄。"), as_operator, tenant=None)
