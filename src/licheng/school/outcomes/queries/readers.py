from uuid import UUID

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, found
from licheng.school.outcomes import permissions
from licheng.school.outcomes.models import Outcome
from licheng.school.people.queries.readers import readers_of
from licheng.school.records.queries.deputies import certifiers_of

RULES = (permissions.SEE, permissions.CERTIFY, permissions.WRITE)


def outcome_readers(actor: Actor, outcome_id: UUID) -> tuple[RuleReaders, ...]:
    """Who may see, certify and change an outcome now.

    Raises NotFound when it is not the actor's to see.
    """
    outcome = found(Outcome.objects.select_related("enrolment"), actor, permissions.SEE, outcome_id)
    more = certifiers_of(outcome.enrolment.offering_id)
    return readers_of(actor, outcome, RULES, students=[outcome.student_id], more=more)
