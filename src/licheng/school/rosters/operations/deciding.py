"""Bringing a previewed file in: confirmed by somebody, written by a worker, whole or not at all."""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, require_system
from licheng.foundations.errors import DomainError, StepUpNeeded
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.rosters import permissions, stages, states
from licheng.school.rosters.errors import DatabaseRefused
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.operations.checking import offer, try_out
from licheng.school.rosters.operations.working import (
    COUNTED,
    ISSUES_KEPT,
    UNFIT,
    alone_at,
    as_issue,
    locked,
    put_check,
    put_counts,
    read,
    refuse,
    sender_of,
    take_up,
    write_noted,
)
from licheng.school.rosters.queries.checks import RosterCheck, roster_check

log = logging.getLogger(__name__)


@transaction.atomic
def apply_roster(*, actor: Actor, import_id: UUID) -> RosterImport:
    """Confirm a preview, so that a worker writes it.

    Raises NotFound, NotAllowed, StepUpNeeded where it changes duties, or WrongState.
    """
    found(RosterImport.objects.defer("content_sealed"), actor, permissions.SEE, import_id)
    roster = RosterImport.objects.defer("content_sealed").select_for_update().get(pk=import_id)
    asks_again = roster.kind == RosterKind.STAFF or roster.summary.get("needs_proof")
    require(actor, permissions.APPLY_CONFIRMED if asks_again else permissions.APPLY, roster)
    roster.state = states.CONFIRM.apply(roster.state)
    roster.stage, roster.stages_done = stages.WRITING, 2
    roster.applied_by_id = actor.person_id
    roster.summary = {**roster.summary, "is_fresh": actor.is_fresh, "has_changed": False}
    roster.save(update_fields=["state", "stage", "stages_done", "applied_by", "summary"])
    record(actor=actor, action="roster.confirmed", subject=roster, kind=roster.kind)
    enqueue_on_commit(
        "licheng.school.rosters.tasks.write", school_id=roster.school_id, import_id=str(roster.pk)
    )
    return roster


def write_roster(*, actor: Actor, import_id: UUID) -> None:
    """Write a confirmed file: all of it, and only if that is what the preview said.

    Called by tasks of the import's school. Safe to repeat and to be killed in.
    """
    require_system(actor)
    roster = take_up(actor, import_id, states.START, stages.WRITING)
    if roster is None:
        return
    try:
        _write(actor, import_id, roster_check(roster, read(roster)))
    except DomainError as refusal:
        _send_back(actor, import_id, refusal)
    except UNFIT:
        log.exception("the database refuses roster %s", import_id)
        _send_back(actor, import_id, DatabaseRefused())


@transaction.atomic
def _write(actor: Actor, import_id: UUID, check: RosterCheck) -> None:
    roster = locked(import_id, actor.school_id)
    if roster is None or not states.APPLY.starts_from(roster.state):
        return
    alone_at(roster)
    if check.is_refused:  # what it was held against has changed since the preview
        put_check(roster, check)
        refuse(roster, actor, check.findings(ISSUES_KEPT))
        return
    sender = sender_of(roster, is_fresh=bool(roster.summary.get("is_fresh")))
    with transaction.atomic():
        written = write_noted(roster, check, sender, with_effects=False)
        is_as_previewed = written.summary == roster.summary["items"]
        transaction.set_rollback(not is_as_previewed)
    if not is_as_previewed:
        again, needs_proof = try_out(roster, check)
        offer(roster, again, needs_proof=needs_proof, has_changed=True)
        roster.save(update_fields=COUNTED)
        return
    put_counts(roster, written)
    roster.state = states.APPLY.apply(roster.state)
    roster.stage, roster.stages_done, roster.applied_at = "", 3, timezone.now()
    roster.content_sealed = None
    roster.save(update_fields=[*COUNTED, "stages_done", "applied_at", "content_sealed"])
    facts = {"kind": roster.kind, "mode": roster.mode, "rows": roster.rows}
    counts = {"added": roster.added, "changed": roster.changed, "removed": roster.removed}
    record(actor=sender, action="roster.imported", subject=roster, **facts, **counts)


@transaction.atomic
def _send_back(actor: Actor, import_id: UUID, refusal: DomainError) -> None:
    """Nothing was written: ask again who it is, or keep why it cannot be."""
    roster = locked(import_id, actor.school_id)
    if roster is None or not states.REFUSE.starts_from(roster.state):
        return
    if isinstance(refusal, StepUpNeeded):
        roster.state = states.OFFER.apply(roster.state)
        roster.stage = ""
        roster.summary = {**roster.summary, "needs_proof": True}
        roster.save(update_fields=["state", "stage", "summary"])
        return
    refuse(roster, actor, [*roster.issues, as_issue(refusal)])
