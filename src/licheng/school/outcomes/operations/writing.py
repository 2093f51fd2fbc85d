import unicodedata
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Place, limits
from licheng.school.governance.queries import require_open_for
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.courses import refusal_for
from licheng.school.outcomes.errors import NoteTooLong, NoteUnreadable, TooManyForCourse, TooManyOutcomes
from licheng.school.outcomes.models import NOTE_CHARACTERS, Outcome
from licheng.school.outcomes.operations._common import locked, reopen
from licheng.school.people.models import Person
from licheng.school.records.models import Enrolment

CONTROLS = frozenset({"Cc", "Cs"})
LINE_MARKS = frozenset("\n\t")


@transaction.atomic
def start_outcome(*, actor: Actor, enrolment_id: int) -> Outcome:
    """Begin a course outcome for one of one's own courses of this semester.

    Raises NotFound (not one's own course), WindowClosed, OtherSemester, CourseExcluded, NoCredits,
    TooManyOutcomes or TooManyForCourse.
    """
    mine = Enrolment.objects.select_related("school__authority", "offering__course")
    enrolment = found(mine, actor, permissions.START, enrolment_id)
    # two presses must not both fit under the cap: starts of one student queue here
    Person.objects.select_for_update().get(pk=enrolment.student_id)
    place = enrolment.school.place
    refusal = refusal_for(enrolment, place)
    if refusal is not None:
        raise refusal
    require_open_for(place, WindowKind.UPLOAD, enrolment.student_id)
    _require_room(enrolment, place)
    outcome = Outcome.objects.create(
        school=enrolment.school,
        student_id=enrolment.student_id,
        enrolment=enrolment,
        school_year=place.school_year,
        semester=place.semester,
    )
    record(actor=actor, action="outcome.started", subject=outcome, enrolment=enrolment.pk)
    return outcome


def _require_room(enrolment: Enrolment, place: Place) -> None:
    allowed = limits(place)
    made = Outcome.objects.filter(
        school_id=enrolment.school_id,
        student_id=enrolment.student_id,
        school_year=place.school_year,
        semester=place.semester,
    )
    limit = allowed.outcomes_per_semester
    if limit is not None and made.count() >= limit:
        raise TooManyOutcomes(limit=limit)
    limit = allowed.outcomes_per_course
    if limit is not None and made.filter(enrolment=enrolment).count() >= limit:
        raise TooManyForCourse(course=enrolment.offering.course.name, limit=limit)


@transaction.atomic
def write_note(*, actor: Actor, outcome_id: UUID, note: str) -> Outcome:
    """Write the note 成果簡述, exactly as given; another note ends a certification.

    Units: at most 100 Unicode code points (domain reference §4.3).
    Raises NotFound, NotAllowed, WindowClosed, WrongState, NoteTooLong or NoteUnreadable.
    """
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    states.EDIT.apply(outcome.state)
    _check_note(note)
    if note == outcome.note:
        return outcome
    columns = reopen(outcome, actor, "note")
    outcome.note = note
    outcome.save(update_fields=["note", *columns, "changed_at"])
    record(actor=actor, action="outcome.note_written", subject=outcome, characters=len(note))
    return outcome


def _check_note(note: str) -> None:
    if len(note) > NOTE_CHARACTERS:
        over = len(note) - NOTE_CHARACTERS
        raise NoteTooLong(length=len(note), limit=NOTE_CHARACTERS, over=over)
    for letter in note:
        if unicodedata.category(letter) in CONTROLS and letter not in LINE_MARKS:
            raise NoteUnreadable(codepoint=f"{ord(letter):04X}")


@transaction.atomic
def delete_outcome(*, actor: Actor, outcome_id: UUID) -> None:
    """Delete a draft or returned outcome; files that were acknowledged stay in the store and the ledger.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    states.DELETE.apply(outcome.state)
    record(actor=actor, action="outcome.deleted", subject=outcome, state=outcome.state)
    outcome.delete()
