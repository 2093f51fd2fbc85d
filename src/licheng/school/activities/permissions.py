from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role


def made_by(actor: Actor) -> Q:
    """Records of the student who asks."""
    return Q(student=actor.person_id)


def of_own_class(actor: Actor) -> Q:
    """Records of students whose homeroom teacher asks."""
    return Q(student__student__class_group__homeroom_teacher=actor.person_id)


SEE = Rule(
    "activities.see",
    _("學生本人、導師（自己班）與提交、收訖人員可以看多元表現。"),
    either(
        made_by, of_own_class, with_role(Role.ACTIVITY_SUBMITTER, Role.RECEIPT_OFFICER, Role.ADMINISTRATOR)
    ),
)
WRITE = Rule("activities.write", _("只有學生本人可以新增、修改、刪除自己的多元表現。"), made_by)
SUBMIT = Rule(
    "activities.submit", _("只有多元表現提交人員可以封裝與提交。"), with_role(Role.ACTIVITY_SUBMITTER)
)
