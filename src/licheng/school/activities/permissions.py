from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.activities.states import ActivityState as S
from licheng.school.people.models import Role
from licheng.school.people.relations import (
    granted_to,
    guarded_by,
    homeroom_of,
    in_staff_session,
    of,
    students_oneself,
)


def made_by(actor: Actor) -> Q:
    """Records of the student who asks."""
    return Q(student=actor.person_id)


READERS = either(of(guarded_by, "student__"), with_role(Role.ACTIVITY_SUBMITTER, Role.RECEIPT_OFFICER))


def once_selected(actor: Actor) -> Q:
    """What guardians and those who submit see of her: nothing that she has not selected."""
    return READERS(actor) & ~Q(state=S.DRAFT)


SEE = Rule(
    "activities.see",
    _(
        "學生本人、導師（含代理，自己班）與被指派的課程諮詢教師可以看多元表現；勾選之後，"
        "家長（自己的孩子）、多元表現提交人員與收訖管理員也可以看；系統管理員只有在管理工作階段中才看得到。"
    ),
    either(
        made_by,
        of(homeroom_of, "student__"),
        granted_to(Role.COUNSELLOR, "student__"),
        once_selected,
        in_staff_session,
    ),
)
START = Rule("activities.start", _("只有學生本人可以為自己新增多元表現。"), students_oneself)
WRITE = Rule("activities.write", _("只有學生本人可以修改、刪除自己的多元表現。"), made_by)
