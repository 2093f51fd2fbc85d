from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.people.relations import granted_to, guarded_by, homeroom_of, in_staff_session, of


def own(actor: Actor) -> Q:
    """Items of the student who asks."""
    return Q(student=actor.person_id)


SEE = Rule(
    "selection.see",
    _(
        "學生本人、導師（含代理，自己班）、被指派的課程諮詢教師、家長（自己的孩子）與提交人員可以看勾選結果；"
        "系統管理員只有在管理工作階段中才看得到。"
    ),
    either(
        own,
        of(homeroom_of, "student__"),
        granted_to(Role.COUNSELLOR, "student__"),
        of(guarded_by, "student__"),
        with_role(Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER),
        in_staff_session,
    ),
)
SELECT = Rule("selection.select", _("只有學生本人可以勾選或取消勾選自己的成果與多元表現。"), own)
