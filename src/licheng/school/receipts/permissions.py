from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role


def own(actor: Actor) -> Q:
    """Receipts of the student who asks."""
    return Q(student=actor.person_id)


def of_own_class(actor: Actor) -> Q:
    """Receipts of students whose homeroom teacher asks."""
    return Q(student__student__class_group__homeroom_teacher=actor.person_id)


SEE = Rule(
    "receipts.see",
    _("學生本人、導師（自己班）、收訖管理員與系統管理員可以看收訖明細。"),
    either(own, of_own_class, with_role(Role.RECEIPT_OFFICER, Role.ADMINISTRATOR)),
)
SEE_ITEM = Rule("receipts.see_item", SEE.says, SEE.scope)
DECIDE = Rule("receipts.decide", _("只有學生本人可以確認或回報自己的收訖項目。"), own)
ANSWER = Rule("receipts.answer", _("只有收訖管理員可以回覆學生的回報。"), with_role(Role.RECEIPT_OFFICER))
DOWNLOAD = Rule("receipts.download", _("只有學生本人可以下載自己的收據。"), own)
