from uuid import UUID

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.files.queries import require_harmless
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.errors import BeingDecided, NoFile, NoTeacher
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations._common import forget_decision, locked
from licheng.school.outcomes.states import OutcomeState


@transaction.atomic
def send_outcome(*, actor: Actor, outcome_id: UUID) -> Outcome:
    """Send an outcome to the teachers of its course for certification.

    Raises NotFound, NotAllowed, WindowClosed, WrongState, NoFile, FileInfected or NoTeacher.
    """
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    outcome.state = states.SEND.apply(outcome.state)
    if outcome.document_id is None and outcome.media_id is None:
        raise NoFile
    require_harmless((outcome.document, outcome.media), waits=False)
    offering = outcome.enrolment.offering
    if not offering.teachers.exists():
        raise NoTeacher(course=offering.course.name)
    outcome.sent_at = timezone.now()
    # what an earlier return said must not tell the student anything about the decision to come
    columns = forget_decision(outcome)
    outcome.save(update_fields=["state", "sent_at", *columns, "changed_at"])
    record(actor=actor, action="outcome.sent", subject=outcome)
    return outcome


@transaction.atomic
def take_back_outcome(*, actor: Actor, outcome_id: UUID) -> Outcome:
    """Take an outcome back before the teacher has decided.

    Raises NotFound, NotAllowed, WindowClosed, BeingDecided or WrongState.
    """
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    if outcome.state in (OutcomeState.PASSED, OutcomeState.HELD_BACK):
        raise BeingDecided
    outcome.state = states.TAKE_BACK.apply(outcome.state)
    outcome.sent_at = None
    outcome.save(update_fields=["state", "sent_at", "changed_at"])
    record(actor=actor, action="outcome.taken_back", subject=outcome)
    return outcome
