"""A student's guardians and their codes, as the student, the registrar and the guardian see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor, found, own_row, require, seen
from licheng.foundations.errors import NotFound
from licheng.school.people.models import GuardianCode, GuardianLink, Person, Role
from licheng.school.people.permissions import ADD_WARD, END_GUARDIAN, LINK_GUARDIAN, SEE_PERSON

NEWS_DAYS = 14  # own bound: how long a new link is told on the student's home


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """One link, open or ended."""

    link_id: int
    guardian_id: int
    guardian: str
    relation: str
    since: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code that still opens; the code itself was shown once."""

    code_id: int
    made_by: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GuardiansPage:
    """Everything about the guardians of one student; `is_own` for the student herself."""

    student_id: int
    student: str
    is_own: bool
    links: tuple[GuardianLine, ...]
    codes: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class WardLine:
    """One student whose guardian asks."""

    student_id: int
    link_id: int
    name: str
    class_name: str
    relation: str
    since: datetime


def guardians_page(actor: Actor, student_id: int | None) -> GuardiansPage:
    """The guardians of a student.

    Raises NotFound, or NotAllowed for everybody but the student and the registrar.
    """
    student = found(Person.objects.filter(is_student=True), actor, SEE_PERSON, student_id)
    require(actor, LINK_GUARDIAN, student)
    links = GuardianLink.objects.filter(student=student).select_related("guardian", "ended_by")
    codes = GuardianCode.objects.filter(
        student=student, used_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    return GuardiansPage(
        student_id=student.pk,
        student=student.name,
        is_own=student.pk == actor.person_id,
        links=tuple(_link_line(link) for link in links.order_by("ended_at", "-since", "pk")),
        codes=tuple(
            CodeLine(code.pk, code.made_by.name, code.made_at, code.expires_at)
            for code in codes.select_related("made_by").order_by("made_at", "pk")
        ),
    )


def link_to_end(actor: Actor, link_id: int) -> tuple[GuardianLine, str, bool]:
    """A link that the actor may end, the student's name, and whether the school must say why.

    Raises NotFound.
    """
    rows = GuardianLink.objects.filter(ended_at=None).select_related("guardian", "student", "ended_by")
    link = found(rows, actor, END_GUARDIAN, link_id)
    needs_reason = actor.person_id not in {link.student_id, link.guardian_id}
    return _link_line(link), link.student.name, needs_reason


def new_guardians(actor: Actor) -> QuerySet[GuardianLink]:
    """Links of the student who asks that are new and open: told on her home."""
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    rows = GuardianLink.objects.filter(student=actor.person_id, ended_at=None, since__gte=since)
    return seen(rows, actor, END_GUARDIAN).select_related("guardian").order_by("-since")


def wards_of(actor: Actor) -> list[WardLine]:
    """The students whose guardian asks; nobody for everybody else."""
    if Role.GUARDIAN not in actor.roles:
        return []
    rows = GuardianLink.objects.filter(guardian=actor.person_id, ended_at=None, student__left_on=None)
    related = seen(rows, actor, END_GUARDIAN).select_related("student__student__class_group")
    return [
        WardLine(
            student_id=link.student_id,
            link_id=link.pk,
            name=link.student.name,
            class_name=link.student.student.class_group.name,
            relation=link.relation,
            since=link.since,
        )
        for link in related.order_by("student__account")
    ]


def refuse_to_add_ward(actor: Actor) -> None:
    """Raises NotAllowed for whoever may not add a ward: the form is a guardian's."""
    own_row(Person.objects.all(), actor, ADD_WARD)


def ward_of(actor: Actor, student_id: int) -> WardLine:
    """One student whose guardian asks.

    Raises NotFound for everybody else.
    """
    for ward in wards_of(actor):
        if ward.student_id == student_id:
            return ward
    raise NotFound


def _link_line(link: GuardianLink) -> GuardianLine:
    return GuardianLine(
        link_id=link.pk,
        guardian_id=link.guardian_id,
        guardian=link.guardian.name,
        relation=link.relation,
        since=link.since,
        ended_at=link.ended_at,
        ended_by=link.ended_by.name if link.ended_by else "",
        end_reason=link.end_reason,
    )
