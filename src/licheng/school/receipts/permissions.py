from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.people.relations import granted_to, guarded_by, homeroom_of, in_staff_session, of


def own(actor: Actor) -> Q:
    """Receipts of the student who asks."""
    return Q(student=actor.person_id)


SEE = Rule(
    "receipts.see",
    _(
        "學生本人、導師（含代理，自己班）、被指派的課程諮詢教師、家長（自己的孩子）與收訖管理員可以看收訖明細；"
        "系統管理員只有在管理工作階段中才看得到。"
    ),
    either(
        own,
        of(homeroom_of, "student__"),
        granted_to(Role.COUNSELLOR, "student__"),
        of(guarded_by, "student__"),
        with_role(Role.RECEIPT_OFFICER),
        in_staff_session,
    ),
)
SEE_ITEM = Rule("receipts.see_item", SEE.says, SEE.scope)
DECIDE = Rule("receipts.decide", _("只有學生本人可以確認或回報自己的收訖項目。"), own)
ANSWER = Rule("receipts.answer", _("只有收訖管理員可以回覆學生的回報。"), with_role(Role.RECEIPT_OFFICER))
DOWNLOAD = Rule("receipts.download", _("只有學生本人可以下載自己的收據。"), own)
