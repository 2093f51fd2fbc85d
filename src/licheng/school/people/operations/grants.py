"""Roles by hand, with a scope, an end and a reason; they end by their date, without any job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import Invalid, NotFound
from licheng.school.people.errors import AlreadyHeld, NotToOneself
from licheng.school.people.models import (
    ClassGroup,
    GrantScope,
    GrantSource,
    Person,
    Role,
    RoleGrant,
    School,
    Student,
)
from licheng.school.people.operations.codes import withdraw_code_of_administrator
from licheng.school.people.permissions import (
    DEPUTISE_CLASS,
    END_GRANT,
    GRANT_ROLE,
    NAME_STAFF,
    SEE_GRANT,
    SEE_SCHOOL,
)

REASON_CHARACTERS = 200
# In which scopes a role may be given. Homeroom teachers come from rosters; only their deputies do not.
SCOPES: dict[str, frozenset[str]] = {
    **{role: frozenset({GrantScope.SCHOOL}) for role in Role if role not in {Role.STUDENT, Role.GUARDIAN}},
    Role.HOMEROOM: frozenset({GrantScope.CLASS}),
    Role.COUNSELLOR: frozenset({GrantScope.CLASS, GrantScope.STUDENTS}),
    Role.DATA_QUERY: frozenset(GrantScope),
}


@dataclass(frozen=True, slots=True)
class Term:
    """From which day to which (both included), and why."""

    since: date
    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a role goes: the school, one class, or some students by their person's key."""

    scope: GrantScope = GrantScope.SCHOOL
    class_id: int | None = None
    student_ids: tuple[int, ...] = ()


@transaction.atomic
def grant_role(*, actor: Actor, person_id: int, role: Role, reach: Reach, term: Term) -> RoleGrant:
    """Give a member of staff one more role for a time.

    Raises NotFound for people, classes and students of other schools and for people who are not staff,
    NotAllowed or StepUpNeeded, NotToOneself, AlreadyHeld, or Invalid for a scope or days that cannot be.
    """
    school = found(School.objects.all(), actor, SEE_SCHOOL, actor.school_id)
    person = colleague(actor, person_id)
    require(actor, GRANT_ROLE, school)
    if reach.scope not in SCOPES.get(role, frozenset()):
        raise Invalid(field=_("範圍"), reason=_("這個職務不能用這個範圍授予。"))
    check_term(term, most_days=settings.GRANT_DAYS)
    group = _class_of(school, reach)
    students = _students_of(school, reach)
    withdraw_code_of_administrator(actor=actor, person=person, roles={role})
    return _grant(actor, person, role, Given(reach.scope, group, students, term))


@transaction.atomic
def deputise_class(*, actor: Actor, person_id: int, class_id: int, term: Term) -> RoleGrant:
    """Name a deputy of a class's homeroom teacher.

    Raises NotFound for people and classes of other schools, NotAllowed or StepUpNeeded, NotToOneself,
    AlreadyHeld, or Invalid for days that cannot be.
    """
    person = colleague(actor, person_id)
    group = ClassGroup.objects.filter(pk=class_id, school=actor.school_id).first()
    if group is None:
        raise NotFound
    require(actor, DEPUTISE_CLASS, group)
    if group.homeroom_teacher_id == person.pk:
        raise Invalid(field=_("代理人"), reason=_("這位就是這一班的導師。"))
    check_term(term, most_days=settings.DEPUTY_DAYS)
    return _grant(actor, person, Role.HOMEROOM, Given(GrantScope.CLASS, group, (), term))


@transaction.atomic
def end_grant(*, actor: Actor, grant_id: int) -> RoleGrant:
    """End a role given by hand, from this moment on; one that has ended stays as it is.

    Raises NotFound when it is out of sight, NotAllowed or StepUpNeeded.
    """
    found(RoleGrant.objects.all(), actor, SEE_GRANT, grant_id)
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related("person").get(pk=grant_id)
    require(actor, END_GRANT, grant)
    today = timezone.localdate()
    if grant.until is not None and grant.until < max(today, grant.since):
        return grant
    grant.until = max(today, grant.since) - timedelta(days=1)  # one that has not begun never will
    grant.ended_by_id = actor.person_id
    grant.save(update_fields=["until", "ended_by"])
    record(actor=actor, action="role.ended", subject=grant.person, grant=grant.pk, role=grant.role)
    return grant


def check_term(term: Term, *, most_days: int) -> None:
    """Days that can be, and a reason.

    Units: whole days, both ends included. Raises Invalid.
    """
    today = timezone.localdate()
    if not plain(term.reason):
        raise Invalid(field=_("事由"), reason=_("請寫明事由。"))
    if len(plain(term.reason)) > REASON_CHARACTERS:
        raise Invalid(field=_("事由"), reason=_("最多 %(n)d 字。") % {"n": REASON_CHARACTERS})
    if term.since < today:
        raise Invalid(field=_("起日"), reason=_("不能早於今天。"))
    if (term.since - today).days > most_days:  # else one term after another could be given for years ahead
        raise Invalid(field=_("起日"), reason=_("不能晚於 %(n)d 天之後。") % {"n": most_days})
    if term.until < term.since:
        raise Invalid(field=_("迄日"), reason=_("不能早於起日。"))
    if (term.until - term.since).days >= most_days:
        raise Invalid(
            field=_("迄日"), reason=_("期間最長 %(n)d 天；到期前可以再授權一次。") % {"n": most_days}
        )


def overlapping(term: Term) -> Q:
    """Rows with `since` and `until` that share a day with this term; ended before they began, none do."""
    ever, then = Q(until__gte=F("since")), Q(until__gte=term.since, since__lte=term.until)
    return ever & then | Q(until=None, since__lte=term.until)


def plain(reason: str) -> str:
    """The reason on one line."""
    return "".join(letter for letter in reason if letter.isprintable()).strip()


def colleague(actor: Actor, person_id: int) -> Person:
    """A member of staff of the actor's school who has not left, locked: one grant at a time.

    Raises NotFound for anybody else, NotToOneself for the actor.
    """
    found(Person.objects.all(), actor, NAME_STAFF, person_id)
    if person_id == actor.person_id:
        raise NotToOneself
    return Person.objects.select_for_update(of=("self",)).get(pk=person_id)


@dataclass(frozen=True, slots=True)
class Given:
    """A grant before it is written."""

    scope: GrantScope
    group: ClassGroup | None
    students: Sequence[Student]
    term: Term


def _class_of(school: School, reach: Reach) -> ClassGroup | None:
    if reach.scope != GrantScope.CLASS:
        return None
    if reach.class_id is None:
        raise Invalid(field=_("班級"), reason=_("請選擇班級。"))
    group = ClassGroup.objects.filter(pk=reach.class_id, school=school).first()
    if group is None:
        raise NotFound
    return group


def _students_of(school: School, reach: Reach) -> list[Student]:
    if reach.scope != GrantScope.STUDENTS:
        return []
    wanted = set(reach.student_ids)
    students = list(Student.objects.filter(pk__in=wanted, school=school))
    if not wanted:
        raise Invalid(field=_("學生"), reason=_("請至少指定一位學生。"))
    if len(students) != len(wanted):
        raise NotFound
    return students


def _grant(actor: Actor, person: Person, role: Role, given: Given) -> RoleGrant:
    term = given.term
    same = RoleGrant.objects.filter(
        overlapping(term), person=person, role=role, scope=given.scope, class_group=given.group
    )
    if given.scope == GrantScope.STUDENTS:
        same = same.filter(students__in=given.students)
    if same.exists():
        raise AlreadyHeld(person=person.name, role=role.label)
    grant = RoleGrant.objects.create(
        school_id=person.school_id,
        person=person,
        role=role,
        source=GrantSource.GRANTED,
        scope=given.scope,
        class_group=given.group,
        since=term.since,
        until=term.until,
        reason=plain(term.reason),
        granted_by_id=actor.person_id,
    )
    grant.students.set(given.students)
    record(
        actor=actor,
        action="role.granted",
        subject=person,
        grant=grant.pk,
        role=role,
        scope=given.scope,
        class_group=given.group.pk if given.group else None,
        students=len(given.students),
        since=term.since.isoformat(),
        until=term.until.isoformat(),
    )
    return grant
