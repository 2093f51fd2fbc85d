from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, allows, found, require
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ui.templatetags.licheng_ui import roc_date
from licheng.school.counselling import permissions, states
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.queries.lists import TONES, known_students, students_count, with_people
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.filing import SeenFile, ShownFile, role_of, shown_file
from licheng.school.people.models import Person, Role
from licheng.school.people.queries.readers import readers_of


@dataclass(frozen=True, slots=True)
class ConsultationPage:
    """One consultation as its reader sees it; `others` counts students whom she may not know of."""

    row: Consultation
    when: str
    state: str
    tone: str
    manner: str
    counsellor: str
    students: tuple[Person, ...]
    others: int
    file: ShownFile | None
    relation: str
    is_own: bool
    is_student: bool
    may_write: bool
    may_hold: bool
    may_cancel: bool
    may_plan_again: bool

    @property
    def student_ids(self) -> tuple[int, ...]:
        """Whose data is being shown by name."""
        return tuple(person.pk for person in self.students)


def consultation_seen_by(actor: Actor, consultation_id: UUID) -> Consultation:
    """One consultation with its file and people. Raises NotFound when it is out of the actor's sight."""
    rows = with_people(Consultation.objects.select_related("document__entry"), actor)
    return found(rows, actor, permissions.SEE, consultation_id)


def consultation_to_write(actor: Actor, consultation_id: UUID) -> Consultation:
    """One's own consultation, not cancelled. Raises NotFound, NotAllowed or WrongState."""
    consultation = consultation_seen_by(actor, consultation_id)
    require(actor, permissions.WRITE, consultation)
    if not states.HOLD.starts_from(consultation.state):
        states.CHANGE.apply(consultation.state)
    return consultation


def consultation_shown(actor: Actor, consultation_id: UUID) -> ConsultationPage:
    """One consultation for its pages. Raises NotFound when it is out of the actor's sight."""
    row = consultation_seen_by(actor, consultation_id)
    is_own = allows(actor, permissions.WRITE, row)
    students = tuple(known_students(row))
    return ConsultationPage(
        row=row,
        when=when_text(row),
        state=str(S(row.state).label),
        tone=TONES[S(row.state)],
        manner=str(Manner(row.manner).label),
        counsellor=row.counsellor.name,
        students=students,
        others=students_count(row) - len(students),
        file=_file(row, is_own=is_own),
        relation=relation_to(is_own=is_own),
        is_own=is_own,
        is_student=Role.STUDENT in actor.roles,
        may_write=is_own and states.HOLD.starts_from(row.state),
        may_hold=is_own and row.state == S.PLANNED,
        may_cancel=is_own and states.CANCEL.starts_from(row.state),
        may_plan_again=is_own and states.PLAN_AGAIN.starts_from(row.state),
    )


def when_text(row: Consultation) -> str:
    """Day, and the time where one was agreed on."""
    return f"{roc_date(row.held_on)} {row.starts_at:%H:%M}" if row.starts_at else roc_date(row.held_on)


def relation_to(*, is_own: bool) -> str:
    """How looks name a counsellor at her own consultation; empty where roles and class say it."""
    return str(Role.COUNSELLOR.value) if is_own else ""


def file_seen_by(actor: Actor, consultation_id: UUID, role: str) -> SeenFile:
    """The file of a consultation. Raises NotFound when it, or the consultation, is out of sight."""
    row = consultation_seen_by(actor, consultation_id)
    if role_of(role) != FileRole.DOCUMENT or row.document is None:
        raise NotFound
    return _seen_file(row, row.document, is_own=allows(actor, permissions.WRITE, row))


def file_shown(actor: Actor, consultation_id: UUID, role: str) -> ShownFile:
    """The same in words. Raises NotFound as above."""
    return shown_file(file_seen_by(actor, consultation_id, role), partial(_address, consultation_id))


def consultation_readers(actor: Actor, consultation_id: UUID) -> tuple[RuleReaders, ...]:
    """Who may read this now; who reads it through a student out of the actor's sight is not named.

    Raises NotFound when it is out of sight.
    """
    row = consultation_seen_by(actor, consultation_id)
    named = Consultation.students.through.objects.filter(consultation=row.pk)
    return readers_of(
        actor,
        row,
        [permissions.SEE, permissions.WRITE],
        students=list(named.values_list("person", flat=True)),
        known={person.pk for person in known_students(row)},
        more=[(row.counsellor_id, row.counsellor.name, _("課程諮詢教師"))],
    )


def _file(row: Consultation, *, is_own: bool) -> ShownFile | None:
    if row.document is None:
        return None
    return shown_file(_seen_file(row, row.document, is_own=is_own), partial(_address, row.pk))


def _seen_file(row: Consultation, stored: StoredFile, *, is_own: bool) -> SeenFile:
    first, *others = [person.pk for person in known_students(row)] or [0]
    item = f"consultation/{row.pk}"
    relation = relation_to(is_own=is_own)
    return SeenFile(stored, is_own, first, item, relation, tuple(others))


def _address(consultation_id: UUID, view: str, number: int | None = None) -> str:
    role = FileRole.DOCUMENT.value
    more = [] if number is None else [number]
    return reverse(f"counselling:{view}", args=[consultation_id, role, *more])
