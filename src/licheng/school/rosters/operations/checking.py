"""Checking a file and trying it: everything is written, looked at, and taken back."""

import logging
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.errors import DomainError, StepUpNeeded
from licheng.school.rosters import stages, states
from licheng.school.rosters.errors import DatabaseRefused
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.operations.working import (
    COUNTED,
    ISSUES_KEPT,
    UNFIT,
    Written,
    alone_at,
    as_issue,
    keep_preview,
    locked,
    put_check,
    read,
    refuse,
    sender_of,
    take_up,
    write_noted,
)
from licheng.school.rosters.queries.checks import RosterCheck, roster_check

log = logging.getLogger(__name__)
KEPT_NAMES = 50  # own bound: rows that stay are named so far, and counted all


def check_roster_file(*, actor: Actor, import_id: UUID) -> None:
    """Read a received file, hold it against the school, and keep what applying it would change.

    Called by tasks of the import's school. Safe to repeat and to be killed in: what is kept is kept at the
    end, by whoever comes first.
    """
    require_system(actor)
    roster = take_up(actor, import_id, states.CHECK, stages.READING)
    if roster is None:
        return
    try:
        check = roster_check(roster, read(roster))
        if take_up(actor, import_id, states.CHECK, stages.COMPARING) is not None:
            _preview(actor, import_id, check)
    except DomainError as refusal:
        _refuse_file(actor, import_id, refusal)
    except UNFIT:
        log.exception("the database refuses roster %s", import_id)
        _refuse_file(actor, import_id, DatabaseRefused())


@transaction.atomic
def _preview(actor: Actor, import_id: UUID, check: RosterCheck) -> None:
    """Keep what the check found and, unless it refuses the file, what applying would change."""
    roster = locked(import_id, actor.school_id)
    if roster is None or not states.OFFER.starts_from(roster.state):
        return
    put_check(roster, check)
    issues = check.findings(ISSUES_KEPT)
    if check.is_refused:
        refuse(roster, actor, issues)
        return
    alone_at(roster)
    try:
        written, needs_proof = try_out(roster, check)
    except DomainError as refusal:
        refuse(roster, actor, [*issues, as_issue(refusal)])
        return
    offer(roster, written, needs_proof=needs_proof)
    roster.issues = issues
    roster.save(update_fields=COUNTED)
    record(actor=actor, action="roster.previewed", subject=roster, kind=roster.kind, rows=roster.rows)


def offer(roster: RosterImport, written: Written, *, needs_proof: bool, has_changed: bool = False) -> None:
    """Put a preview up for confirmation; the caller saves the import."""
    keep_preview(roster, written)
    roster.state = states.OFFER.apply(roster.state)
    roster.stage = ""
    roster.summary = {"items": written.summary, "needs_proof": needs_proof, "has_changed": has_changed}
    if written.kept:
        roster.summary |= {"kept": len(written.kept), "kept_names": written.kept[:KEPT_NAMES]}


def try_out(roster: RosterImport, check: RosterCheck) -> tuple[Written, bool]:
    """Write and take back; also whether whoever confirms must show again who she is."""
    sender = sender_of(roster, is_fresh=False)
    try:
        return _tried(roster, check, sender), False
    except StepUpNeeded:
        return _tried(roster, check, replace(sender, is_fresh=True)), True


def _tried(roster: RosterImport, check: RosterCheck, sender: Actor) -> Written:
    """What writing would do: done inside a savepoint that is taken back."""
    with transaction.atomic():
        written = write_noted(roster, check, sender, with_effects=True)
        transaction.set_rollback(True)
    return written


@transaction.atomic
def _refuse_file(actor: Actor, import_id: UUID, refusal: DomainError) -> None:
    roster = locked(import_id, actor.school_id)
    if roster is not None and states.REFUSE.starts_from(roster.state):
        refuse(roster, actor, [as_issue(refusal)])
