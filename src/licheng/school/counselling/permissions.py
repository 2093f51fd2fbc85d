from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, either, with_role
from licheng.school.counselling.models import Consultation
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import GrantScope, Role
from licheng.school.people.relations import (
    granted_to,
    held_today,
    homeroom_of,
    in_staff_session,
    of,
    oneself,
)

Named = Consultation.students.through


def for_students(relation: Callable[[Actor], Q]) -> Callable[[Actor], Q]:
    """Consultations for at least one student in this relation; `relation` asks rows with a key `person`."""

    def scope(actor: Actor) -> Q:
        return Q(pk__in=Named.objects.filter(relation(actor)).values("consultation"))

    return scope


def of_school(actor: Actor) -> Q:
    """Every consultation, for who is a counsellor of the whole school today."""
    held = held_today(actor, Role.COUNSELLOR).filter(scope=GrantScope.SCHOOL)
    return Q(school__in=held.values("school"))


in_reach = either(of_school, for_students(granted_to(Role.COUNSELLOR, "person__")))
other_readers = either(
    for_students(of(oneself, "person__")),
    for_students(of(homeroom_of, "person__")),
    with_role(Role.REGISTRAR),
    in_staff_session,
)


def own(actor: Actor) -> Q:
    """What the counsellor who asks planned, while somebody it is for is still hers to counsel."""
    return Q(counsellor=actor.person_id) & in_reach(actor)


def once_held(actor: Actor) -> Q:
    """Records of what took place, for those who read them: an appointment is the counsellor's alone."""
    return Q(state=S.HELD) & other_readers(actor)


COUNSEL = Rule(
    "counselling.counsel",
    _("只有課程諮詢教師（全校的，或被指派到班級或學生的）有諮詢行事曆、可以登錄課程諮詢。"),
    lambda actor: Q(pk__in=held_today(actor, Role.COUNSELLOR).values("school")),
    tenant="pk",
)
PLAN = Rule(
    "counselling.plan",
    _("課程諮詢教師登錄課程諮詢時可以選的學生：職務是全校的選全校學生，指派到班級或學生的只選那些學生。"),
    lambda actor: (
        Q(is_student=True)
        & either(with_role(Role.COUNSELLOR), granted_to(Role.COUNSELLOR, ""))(actor)
        & ~oneself(actor, "")
    ),
)
SEE = Rule(
    "counselling.see",
    _(
        "登錄的課程諮詢教師看得到自己的約定與紀錄；完成之後，諮詢的學生本人、她的導師（含代理）與註冊組也看得到，"
        "系統管理員只有在管理工作階段中才看得到。家長看不到課程諮詢紀錄。"
    ),
    either(own, once_held),
)
WRITE = Rule(
    "counselling.write",
    _("只有登錄的課程諮詢教師可以修改、完成、取消與恢復自己的課程諮詢，而且諮詢的學生仍在自己的範圍內。"),
    own,
)
SEE_NAMES = Rule(
    "counselling.see_names",
    _(
        "團體諮詢裡有誰：課程諮詢教師看得到自己範圍內的學生，導師（含代理）只看得到自己班的，學生只看得到自己，"
        "註冊組與管理工作階段中的系統管理員看得到全部。"
    ),
    lambda actor: (
        Q(is_student=True)
        & either(
            of(oneself, ""),
            of(homeroom_of, ""),
            granted_to(Role.COUNSELLOR, ""),
            with_role(Role.COUNSELLOR, Role.REGISTRAR),
            in_staff_session,
        )(actor)
    ),
)
