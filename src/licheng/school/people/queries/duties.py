"""Roles and deputyships as pages read them: who holds what, how far, until when, and who gave it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, allows, found, require, seen
from licheng.foundations.errors import Invalid, NotAllowed
from licheng.school.people.models import (
    ClassGroup,
    GrantScope,
    GrantSource,
    Look,
    Person,
    Role,
    RoleGrant,
    School,
    StaffSession,
    Student,
)
from licheng.school.people.permissions import (
    DEPUTISE_CLASS,
    END_GRANT,
    GRANT_ROLE,
    NAME_STAFF,
    OPEN_SESSION,
    SEE_GRANT,
    SEE_SCHOOL,
    SEE_SESSION,
)

PER_PAGE = 50
NEW_DAYS = 7  # own bound: how long a duty counts as new to the one who holds it
NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Duty:
    """One role or deputyship in words. `when` is now, later or ended."""

    pk: int
    person: str
    role: str
    reach: str
    since: date
    until: date | None
    reason: str
    given_by: str
    when: str
    is_new: bool
    may_end: bool = False

    @property
    def when_label(self) -> str:
        """The chip's word."""
        return {"now": _("有效"), "later": _("還沒開始"), "ended": _("已結束")}[self.when]

    @property
    def tone(self) -> str:
        """The chip's tone."""
        return {"now": "success", "later": "waiting", "ended": "neutral"}[self.when]


@dataclass(frozen=True, slots=True)
class GrantsBoard:
    """The page of roles by hand: what may be given by this actor, and what was given."""

    page: Page[Duty]
    may_grant: bool
    classes: list[tuple[int, str]]
    colleagues: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One staff session: who, why, from when to when."""

    session: StaffSession
    ends: datetime
    is_open: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class SessionsBoard:
    """The page of staff sessions: one's own open one, and everybody's."""

    page: Page[SessionLine]
    current: SessionLine | None
    may_open: bool


def when_of(since: date, until: date | None) -> str:
    """Whether a term holds today, later, or no more; one ended before it began never holds."""
    today = timezone.localdate()
    if until is not None and (until < today or until < since):
        return "ended"
    return "now" if since <= today else "later"


def is_new_to_holder(granted_on: date, when: str) -> bool:
    """Whether the one who holds it should be told."""
    return when != "ended" and granted_on > timezone.localdate() - timedelta(days=NEW_DAYS)


def colleagues_of(actor: Actor) -> list[tuple[int, str]]:
    """Staff whom the actor may name, by name; never the actor."""
    rows = (
        seen(Person.objects.all(), actor, NAME_STAFF)
        .exclude(pk=actor.person_id or 0)
        .order_by("name", "account")
    )
    return [
        (pk, _("%(name)s（%(account)s）") % {"name": name, "account": account})
        for pk, name, account in rows.values_list("pk", "name", "account")
    ]


def grants_board(actor: Actor, page: str = "1") -> GrantsBoard:
    """Roles by hand at the actor's school, as far as the actor may end them.

    Homeroom teachers without a class find it empty. Raises NotAllowed for all others who may give nothing.
    """
    school = found(School.objects.all(), actor, SEE_SCHOOL, actor.school_id)
    may_grant = allows(actor, GRANT_ROLE, school)
    groups = seen(ClassGroup.objects.filter(school_year=school.active_year), actor, DEPUTISE_CLASS)
    classes = [(group.pk, group.name) for group in groups.order_by("grade", "name")]
    if not may_grant and not classes and Role.HOMEROOM not in actor.roles:
        raise NotAllowed(rule=DEPUTISE_CLASS.says)
    rows = seen(_in_words(RoleGrant.objects.filter(source=GrantSource.GRANTED)), actor, END_GRANT)
    sheet = Paginator(rows.order_by("-until", "-pk"), PER_PAGE).get_page(page)
    duties = [duty_of(grant, may_end=True) for grant in sheet.object_list]
    shown = Page(duties, sheet.number, sheet.paginator)  # type: ignore[misc]  # rows in words
    return GrantsBoard(shown, may_grant, classes, colleagues_of(actor))


def duties_held(actor: Actor) -> list[Duty]:
    """Every role of the actor that holds or will hold, and what ended in the last days."""
    recent = Q(until=None) | Q(until__gte=timezone.localdate() - timedelta(days=NEW_DAYS))
    rows = seen(_in_words(RoleGrant.objects.filter(recent, person=actor.person_id)), actor, SEE_GRANT)
    return [duty_of(grant) for grant in rows.order_by("since", "pk")]


def duty_of(grant: RoleGrant, *, may_end: bool = False) -> Duty:
    """A role in words."""
    when = when_of(grant.since, grant.until)
    is_by_hand = grant.source == GrantSource.GRANTED
    return Duty(
        pk=grant.pk,
        person=_("%(name)s（%(account)s）") % {"name": grant.person.name, "account": grant.person.account},
        role=_("代理導師") if is_by_hand and grant.role == Role.HOMEROOM else str(Role(grant.role).label),
        reach=_reach(grant),
        since=grant.since,
        until=grant.until,
        reason=grant.reason,
        given_by=(grant.granted_by.name if grant.granted_by else "") if is_by_hand else _("教職員名冊"),
        when=when,
        is_new=is_by_hand and is_new_to_holder(timezone.localdate(grant.granted_at), when),
        may_end=may_end and when != "ended",
    )


def _in_words(rows: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    students = Student.objects.select_related("person").order_by("person__account")
    return rows.select_related("person", "class_group", "granted_by").prefetch_related(
        Prefetch("students", queryset=students)
    )


def _reach(grant: RoleGrant) -> str:
    if grant.scope == GrantScope.CLASS and grant.class_group is not None:
        return grant.class_group.name
    if grant.scope == GrantScope.STUDENTS:
        students = list(grant.students.all())
        names = _("、").join(student.person.name for student in students[:NAMES_SHOWN])
        return names + (_("等 %(n)d 人") % {"n": len(students)} if len(students) > NAMES_SHOWN else "")
    return str(GrantScope(grant.scope).label)


def students_named(actor: Actor, text: str) -> tuple[int, ...]:
    """The keys of students whose numbers somebody typed, who may give roles for them.

    Raises NotAllowed or StepUpNeeded before any number is looked for, else the answer would tell which
    students there are; Invalid naming those that are not at the actor's school.
    """
    require(actor, GRANT_ROLE, found(School.objects.all(), actor, SEE_SCHOOL, actor.school_id))
    numbers = list(dict.fromkeys(text.replace(",", " ").replace("、", " ").split()))
    rows = Person.objects.filter(school=actor.school_id, is_student=True, account__in=numbers)
    known = dict(rows.values_list("account", "pk"))
    missing = [number for number in numbers if number not in known]
    if missing:
        raise Invalid(field=_("學生"), reason=_("找不到學號 %(n)s。") % {"n": _("、").join(missing[:5])})
    return tuple(known[number] for number in numbers)


def sessions_board(actor: Actor, page: str = "1") -> SessionsBoard:
    """Staff sessions of the school, newest first.

    Raises NotAllowed for those who may neither open nor read them.
    """
    school = found(School.objects.all(), actor, SEE_SCHOOL, actor.school_id)
    may_open = allows(actor, OPEN_SESSION, school)
    rows = seen(StaffSession.objects.select_related("person"), actor, SEE_SESSION)
    if not may_open and not rows.exists():
        raise NotAllowed(rule=SEE_SESSION.says)
    sheet = Paginator(rows.order_by("-opened_at"), PER_PAGE).get_page(page)
    lines = [_session_line(actor, session) for session in sheet.object_list]
    shown = Page(lines, sheet.number, sheet.paginator)  # type: ignore[misc]  # rows in words
    current = next((line for line in lines if line.is_open and line.is_own), None)
    return SessionsBoard(shown, current, may_open)


def session_page(actor: Actor, session_id: int, page: str = "1") -> tuple[SessionLine, Page[Look]]:
    """One staff session with what was looked at in it.

    Looks are kept once a day for each thing: one looked at in two sessions of a day is listed in both.
    Raises NotFound when it is out of sight.
    """
    session = found(StaffSession.objects.select_related("person"), actor, SEE_SESSION, session_id)
    line = _session_line(actor, session)
    looks = Look.objects.filter(
        school=session.school_id,
        viewer=session.person_id,
        capacity="staff-session",
        first_at__lte=line.ends,
        last_at__gte=session.opened_at,
    ).select_related("student")
    return line, Paginator(looks.order_by("-last_at"), PER_PAGE).get_page(page)


def _session_line(actor: Actor, session: StaffSession) -> SessionLine:
    ends = session.closed_at or session.expires_at
    is_own = session.person_id == actor.person_id
    return SessionLine(session, ends, ends > timezone.now(), is_own)
