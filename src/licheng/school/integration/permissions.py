from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, with_role
from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import Role


def no_person(_actor: Actor) -> Q:
    """No row: people have pages, these are for machines."""
    return Q(pk__in=())


MANAGE = Rule(
    "integration.manage",
    _("只有系統管理員可以建立、查看與撤銷介接權杖；建立與撤銷前要再確認一次身分。"),
    with_role(Role.ADMINISTRATOR),
    tenant="pk",
    is_stepped_up=True,
)
READ_CLASSES = Rule(
    "integration.read_classes",
    _("介接系統要有「讀取班級」權限，才讀得到本校的班級。"),
    no_person,
    machine_scope=Scope.CLASSES_READ.value,
)
READ_STUDENTS = Rule(
    "integration.read_students",
    _("介接系統要有「讀取學生」權限，才讀得到本校學生的學號、姓名、班級與座號。"),
    no_person,
    machine_scope=Scope.STUDENTS_READ.value,
)
READ_PROGRESS = Rule(
    "integration.read_progress",
    _("介接系統要有「讀取進度」權限，才讀得到本校各班的件數。"),
    no_person,
    machine_scope=Scope.PROGRESS_READ.value,
)
