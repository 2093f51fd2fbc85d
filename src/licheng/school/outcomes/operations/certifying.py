from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.files.queries import require_harmless
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.errors import (
    AlreadyDecided,
    FilesChanged,
    ReasonMissing,
    ReasonTooLong,
    StatementMissing,
)
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations._common import DECISION, forget_decision, locked
from licheng.school.outcomes.statements import REASON_CHARACTERS, Statement


@transaction.atomic
def pass_outcome(
    *, actor: Actor, outcome_id: UUID, statements: Collection[str], seen_document: str, seen_media: str
) -> Outcome:
    """Record that a teacher of the course stands behind exactly the bytes that were shown; not yet published.

    `seen_document` and `seen_media` are the SHA-256 of the files on the page, empty where there was none.
    Raises NotFound, NotAllowed, WindowClosed, WrongState, StatementMissing, FilesChanged, FileInfected or
    FileWithheld: what nobody can open, nobody can stand behind.
    """
    outcome = locked(actor, outcome_id, permissions.CERTIFY, WindowKind.CERTIFY)
    _refuse_second_decision(outcome)
    outcome.state = states.PASS.apply(outcome.state)
    missing = [str(one.label) for one in Statement if one.value not in statements]
    if missing:
        raise StatementMissing(missing=_("、").join(missing))
    require_harmless((outcome.document, outcome.media), waits=True)
    bytes_now = tuple(stored.sha256 if stored else "" for stored in (outcome.document, outcome.media))
    if bytes_now != (seen_document, seen_media):
        raise FilesChanged
    forget_decision(outcome)
    outcome.certified_document_sha256, outcome.certified_media_sha256 = bytes_now
    return _decided(outcome, actor, "outcome.passed", document=bytes_now[0], media=bytes_now[1])


@transaction.atomic
def hold_back_outcome(*, actor: Actor, outcome_id: UUID, reason: str) -> Outcome:
    """Record that the outcome goes back to the student, and why; not yet published.

    Units: the reason has at most 300 code points.
    Raises NotFound, NotAllowed, WindowClosed, WrongState, ReasonMissing or ReasonTooLong.
    """
    outcome = locked(actor, outcome_id, permissions.CERTIFY, WindowKind.CERTIFY)
    _refuse_second_decision(outcome)
    outcome.state = states.HOLD_BACK.apply(outcome.state)
    reason = "".join(letter for letter in reason if letter.isprintable() or letter == "\n").strip()
    if not reason:
        raise ReasonMissing
    if len(reason) > REASON_CHARACTERS:
        raise ReasonTooLong(length=len(reason), limit=REASON_CHARACTERS)
    forget_decision(outcome)
    outcome.return_reason = reason
    return _decided(outcome, actor, "outcome.held_back", characters=len(reason))


def _refuse_second_decision(outcome: Outcome) -> None:
    if states.UNDO.starts_from(outcome.state):
        raise AlreadyDecided


def _decided(outcome: Outcome, actor: Actor, action: str, **data: object) -> Outcome:
    outcome.decided_at, outcome.decided_by_id = timezone.now(), actor.person_id
    outcome.save(update_fields=["state", *DECISION, "changed_at"])
    record(actor=actor, action=action, subject=outcome, **data)
    return outcome


@transaction.atomic
def undo_decision(*, actor: Actor, outcome_id: UUID) -> Outcome:
    """Take a decision back that nobody has been told of.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    outcome = locked(actor, outcome_id, permissions.CERTIFY, WindowKind.CERTIFY)
    outcome.state = states.UNDO.apply(outcome.state)
    columns = forget_decision(outcome)
    outcome.save(update_fields=["state", *columns, "changed_at"])
    record(actor=actor, action="outcome.decision_undone", subject=outcome)
    return outcome
