from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.records.relations import taught_now


def of_own_course(actor: Actor) -> Q:
    """Deputyships in courses that the actor teaches now."""
    return taught_now(actor, "offering__")


def taught(actor: Actor) -> Q:
    """Courses that the actor teaches now; a deputy names no deputies."""
    return taught_now(actor, "")


DEPUTISE = Rule(
    "records.deputise",
    _("只有這門課現在的任課教師與教學組可以指定代理認證人，不能指定自己，而且要再確認一次身分。"),
    either(taught, with_role(Role.CURRICULUM)),
    is_stepped_up=True,
)
SEE_DEPUTY = Rule(
    "records.see_deputy",
    _("代理認證人本人、這門課現在的任課教師、教學組與系統管理員看得到代理的期間與事由。"),
    either(
        lambda actor: Q(deputy=actor.person_id),
        of_own_course,
        with_role(Role.CURRICULUM, Role.ADMINISTRATOR),
    ),
)
END_DEPUTY = Rule(
    "records.end_deputy",
    _("只有這門課現在的任課教師與教學組可以結束代理認證，而且要再確認一次身分。"),
    either(of_own_course, with_role(Role.CURRICULUM)),
    is_stepped_up=True,
)
