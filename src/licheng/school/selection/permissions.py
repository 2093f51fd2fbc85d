from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role


def own(actor: Actor) -> Q:
    """Items of the student who asks."""
    return Q(student=actor.person_id)


def of_own_class(actor: Actor) -> Q:
    """Items of students whose homeroom teacher asks."""
    return Q(student__student__class_group__homeroom_teacher=actor.person_id)


SEE = Rule(
    "selection.see",
    _("學生本人、導師（自己班）、提交人員與系統管理員可以看勾選結果。"),
    either(
        own,
        of_own_class,
        with_role(Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER, Role.ADMINISTRATOR),
    ),
)
SELECT = Rule("selection.select", _("只有學生本人可以勾選或取消勾選自己的成果與多元表現。"), own)
