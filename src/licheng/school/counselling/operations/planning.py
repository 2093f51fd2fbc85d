"""A consultation from the appointment to the record: planned, changed, held, cancelled, planned again."""

from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, seen
from licheng.foundations.errors import NotFound
from licheng.foundations.moves import Move
from licheng.school.counselling import permissions, states
from licheng.school.counselling.entries import Entry
from licheng.school.counselling.models import Consultation
from licheng.school.counselling.queries.picking import require_counsellor
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.actors import school_of
from licheng.school.people.models import Person


@transaction.atomic
def plan_consultation(*, actor: Actor, entry: Entry, is_held: bool = False) -> Consultation:
    """Put a consultation into the calendar, or write one down that has taken place.

    Raises NotAllowed for everybody but counsellors, NotFound for a student she may not reach, or Invalid.
    """
    counsellor_id = require_counsellor(actor)
    columns = entry.checked(is_held=is_held)
    students = _reached(actor, entry.student_ids)
    school = school_of(actor)
    consultation = Consultation.objects.create(
        school=school,
        counsellor_id=counsellor_id,
        school_year=school.active_year,
        semester=school.active_semester,
        state=S.HELD if is_held else S.PLANNED,
        **columns,
    )
    consultation.students.set(students)
    action = "consultation.held" if is_held else "consultation.planned"
    record(actor=actor, action=action, subject=consultation, students=sorted(students))
    return consultation


@transaction.atomic
def write_consultation(
    *, actor: Actor, consultation_id: UUID, entry: Entry, is_held: bool = False
) -> Consultation:
    """Change an appointment, or a record; `is_held` makes the appointment a record that its readers see.

    Students who are out of reach by now stay named; new ones must be in reach. Raises NotFound, NotAllowed,
    WrongState or Invalid.
    """
    consultation = locked_consultation(actor, consultation_id)
    move = _move_of(consultation, is_held=is_held)
    after = S(move.apply(consultation.state))
    columns = entry.checked(is_held=after == S.HELD)
    former = set(consultation.students.values_list("pk", flat=True))
    students = _reached(actor, entry.student_ids - former) | (entry.student_ids & former)
    is_new_record = after != consultation.state
    for name, value in columns.items():
        setattr(consultation, name, value)
    consultation.state = after
    consultation.save(update_fields=[*columns, "state", "changed_at"])
    consultation.students.set(students)
    record(
        actor=actor,
        action="consultation.held" if is_new_record else "consultation.written",
        subject=consultation,
        added=sorted(students - former),
        removed=sorted(former - students),
    )
    return consultation


@transaction.atomic
def cancel_consultation(*, actor: Actor, consultation_id: UUID) -> Consultation:
    """Call an appointment off; it stays in her list. Raises NotFound, NotAllowed or WrongState."""
    return _moved(actor, consultation_id, states.CANCEL, "consultation.cancelled")


@transaction.atomic
def plan_again(*, actor: Actor, consultation_id: UUID) -> Consultation:
    """Put a cancelled appointment back. Raises NotFound, NotAllowed or WrongState."""
    return _moved(actor, consultation_id, states.PLAN_AGAIN, "consultation.planned_again")


def locked_consultation(actor: Actor, consultation_id: UUID) -> Consultation:
    """The actor's own consultation, locked until the end of the transaction.

    Raises NotFound (out of sight) or NotAllowed (somebody else's).
    """
    found(Consultation.objects.all(), actor, permissions.SEE, consultation_id)
    # nosemgrep: unscoped-lookup -- found by the line above
    consultation = Consultation.objects.select_for_update().filter(pk=consultation_id).first()
    if consultation is None:
        raise NotFound
    require(actor, permissions.WRITE, consultation)
    return consultation


def writable_consultation(actor: Actor, consultation_id: UUID) -> Consultation:
    """The same, not cancelled. Raises NotFound, NotAllowed or WrongState."""
    consultation = locked_consultation(actor, consultation_id)
    _move_of(consultation, is_held=False).apply(consultation.state)
    return consultation


def _move_of(consultation: Consultation, *, is_held: bool) -> Move:
    """What writing means here: a record stays one, an appointment becomes one only when it is said."""
    return states.HOLD if is_held or consultation.state == S.HELD else states.CHANGE


def _moved(actor: Actor, consultation_id: UUID, move: Move, action: str) -> Consultation:
    consultation = locked_consultation(actor, consultation_id)
    consultation.state = S(move.apply(consultation.state))
    consultation.save(update_fields=["state", "changed_at"])
    record(actor=actor, action=action, subject=consultation)
    return consultation


def _reached(actor: Actor, student_ids: frozenset[int]) -> frozenset[int]:
    """The students, if every one of them is at the school and the actor's to counsel. Raises NotFound."""
    rows = seen(Person.objects.filter(pk__in=student_ids, left_on=None), actor, permissions.PLAN)
    if set(rows.values_list("pk", flat=True)) != student_ids:
        raise NotFound
    return student_ids
