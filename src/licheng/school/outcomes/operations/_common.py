from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, Rule, found
from licheng.foundations.errors import NotAllowed
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Place
from licheng.school.governance.queries import require_open_for
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState

DECISION = (
    "decided_at",
    "decided_by",
    "return_reason",
    "published_at",
    "certified_document_sha256",
    "certified_media_sha256",
)


def locked(actor: Actor, outcome_id: UUID, rule: Rule, window: WindowKind) -> Outcome:
    """The outcome, locked, once sight, rule and window have been asked, in that order.

    Raises NotFound, NotAllowed or WindowClosed.
    """
    return asked(Outcome.objects.select_for_update(of=("self",)), actor, outcome_id, rule, window)


def asked(rows: QuerySet[Outcome], actor: Actor, outcome_id: UUID, rule: Rule, window: WindowKind) -> Outcome:
    """The outcome out of `rows` once sight, rule and window have been asked, in that order.

    Whoever may write an outcome also sees it, so one statement asks both of the student.
    Raises NotFound, NotAllowed or WindowClosed.
    """
    if rule is not permissions.WRITE:
        found(Outcome.objects.all(), actor, permissions.SEE, outcome_id)
    rows = rows.select_related("school__authority")
    outcome = rows.filter(rule.within(actor), pk=outcome_id).first()
    if outcome is None:
        found(Outcome.objects.all(), actor, permissions.SEE, outcome_id)  # out of sight, or deleted meanwhile
        raise NotAllowed(rule=rule.says)
    require_open_for(place_of(outcome), window, outcome.student_id, actor.person_id)
    return outcome


def place_of(outcome: Outcome) -> Place:
    """Where and in which semester an outcome's windows are asked for."""
    school = outcome.school
    return Place(school.code, school.authority.code, outcome.school_year, outcome.semester)


def forget_decision(outcome: Outcome) -> Sequence[str]:
    """Clear everything a teacher said; gives the columns to save."""
    outcome.decided_at = outcome.decided_by = outcome.published_at = None
    outcome.return_reason = outcome.certified_document_sha256 = outcome.certified_media_sha256 = ""
    return DECISION


def reopen(outcome: Outcome, actor: Actor, because: str) -> Sequence[str]:
    """Put an outcome back into the student's hands because its content changes; gives the columns to save.

    A certification does not outlive the bytes and words it was given for; the reason of a return stays
    readable until the outcome is sent again. Raises WrongState where content may not change.
    """
    was_certified = outcome.state == OutcomeState.CERTIFIED
    outcome.state = states.EDIT.apply(outcome.state)
    if not was_certified:
        return ("state",)
    record(actor=actor, action="outcome.certification_lost", subject=outcome, because=because)
    return ("state", *forget_decision(outcome))
