from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, seen
from licheng.foundations.errors import NotAllowed, NotFound
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.errors import NothingToPublish
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState


@transaction.atomic
def publish_decisions(*, actor: Actor, outcome_ids: Iterable[UUID]) -> list[Outcome]:
    """Tell the students what was decided: all of the named outcomes, or none.

    No window is asked for: a decision made in time must reach the student, however late somebody remembers to
    publish it. Raises NothingToPublish, NotFound, NotAllowed or WrongState.
    """
    wanted = set(outcome_ids)
    if not wanted:
        raise NothingToPublish
    outcomes = _locked_all(actor, wanted)
    now = timezone.now()
    for outcome in outcomes:
        passed = outcome.state != OutcomeState.HELD_BACK
        move = states.PUBLISH_PASS if passed else states.PUBLISH_RETURN
        outcome.state = move.apply(outcome.state)
        outcome.published_at = now
        outcome.save(update_fields=["state", "published_at", "changed_at"])
        record(actor=actor, action="outcome.certified" if passed else "outcome.returned", subject=outcome)
    return outcomes


def _locked_all(actor: Actor, wanted: set[UUID]) -> list[Outcome]:
    rows = Outcome.objects.filter(pk__in=wanted)
    if seen(rows, actor, permissions.SEE).count() != len(wanted):
        raise NotFound
    outcomes = list(rows.select_for_update(of=("self",)).order_by("sent_at", "pk"))
    if seen(rows, actor, permissions.CERTIFY).count() != len(wanted):
        raise NotAllowed(rule=permissions.CERTIFY.says)
    return outcomes
