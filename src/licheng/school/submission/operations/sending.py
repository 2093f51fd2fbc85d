from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require, require_system
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import require_open
from licheng.school.submission import archive_client, permissions, states
from licheng.school.submission.archive_client import ArchiveSaysNo
from licheng.school.submission.models import Batch
from licheng.school.submission.operations.items import move_items
from licheng.school.submission.operations.sealing import package_path, password_of
from licheng.school.submission.queries import batch_seen_by

NEXT_STEP = {
    states.S.SEALING: "licheng.school.submission.tasks.build",
    states.S.SENDING: "licheng.school.submission.tasks.send",
    states.S.SENT: "licheng.school.submission.tasks.ask",
    states.S.ACCEPTED: "licheng.school.receipts.tasks.fetch",
}


def _locked(batch_id: UUID | str) -> Batch:
    rows = Batch.objects.select_for_update(of=("self",)).select_related("school__authority")
    # nosemgrep: unscoped-lookup -- every caller asked batch_seen_by or is the system
    return rows.get(pk=batch_id)


@transaction.atomic
def submit_batch(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Send a sealed batch to the archive, or send it again after the line broke.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    batch_seen_by(actor, batch_id)
    batch = _locked(batch_id)
    require(actor, permissions.SUBMIT, batch)
    require_open(batch.school.place, WindowKind.SUBMIT)
    batch.state = states.SEND.apply(batch.state)
    batch.save(update_fields=["state"])
    record(actor=actor, action="batch.submitted", subject=batch)
    enqueue_on_commit(
        "licheng.school.submission.tasks.send", school_id=batch.school_id, batch_id=str(batch.pk)
    )
    return batch


def send_package(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Announce the package and send its bytes. Safe to run again: the archive knows the package by its id.

    Raises ArchiveUnreachable; the batch then stays on its way and is tried again.
    """
    require_system(actor)
    batch = Batch.objects.select_related("school").get(pk=batch_id)
    if batch.state != states.S.SENDING:
        return batch
    deposit = {
        "package": str(batch.pk),
        "school_year": batch.school_year,
        "sha256": batch.package_sha256,
        "size": batch.package_bytes,
        "password": password_of(batch),
    }
    try:
        archive_client.announce(batch.school, deposit)
        archive_client.send(batch.school, str(batch.pk), package_path(batch))
    except ArchiveSaysNo as refusal:
        return _refused(actor, batch_id, refusal.problems)
    return _arrived(actor, batch_id)


@transaction.atomic
def _arrived(actor: Actor, batch_id: UUID | str) -> Batch:
    batch = _locked(batch_id)
    batch.state = states.ARRIVE.apply(batch.state)
    batch.sent_at = timezone.now()
    batch.save(update_fields=["state", "sent_at"])
    move_items(actor=actor, batch=batch, move="SUBMIT")
    record(actor=actor, action="batch.sent", subject=batch)
    enqueue_on_commit(
        "licheng.school.submission.tasks.ask", school_id=batch.school_id, batch_id=str(batch.pk)
    )
    return batch


@transaction.atomic
def _refused(actor: Actor, batch_id: UUID | str, problems: list[dict[str, str]]) -> Batch:
    batch = _locked(batch_id)
    batch.state = states.REFUSE.apply(batch.state)
    batch.problems, batch.answered_at = problems, timezone.now()
    batch.save(update_fields=["state", "problems", "answered_at"])
    move_items(actor=actor, batch=batch, move="UNSEAL")
    record(actor=actor, action="batch.refused", subject=batch, problems=len(problems))
    return batch


def ask_archive(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Ask for the verdict on a batch that arrived; accepted ones have their receipts brought back next.

    Raises ArchiveUnreachable.
    """
    require_system(actor)
    batch = Batch.objects.select_related("school").get(pk=batch_id)
    if batch.state != states.S.SENT:
        return batch
    answer: dict[str, Any] = archive_client.verdict(batch.school, str(batch.pk))
    if answer["state"] == "refused":
        return _refused(actor, batch_id, answer["problems"])
    return _accepted(actor, batch_id) if answer["state"] == "accepted" else batch


@transaction.atomic
def _accepted(actor: Actor, batch_id: UUID | str) -> Batch:
    batch = _locked(batch_id)
    batch.state = states.ACCEPT.apply(batch.state)
    batch.answered_at = timezone.now()
    batch.save(update_fields=["state", "answered_at"])
    record(actor=actor, action="batch.accepted", subject=batch)
    enqueue_on_commit(
        "licheng.school.receipts.tasks.fetch", school_id=batch.school_id, batch_id=str(batch.pk)
    )
    return batch


@transaction.atomic
def mark_received(*, actor: Actor, batch_id: UUID | str) -> Batch:
    """Note that a batch's receipts are here and its items arrived; called with the receipts' own write."""
    batch = _locked(batch_id)
    batch.state = states.BRING_BACK.apply(batch.state)
    batch.save(update_fields=["state"])
    move_items(actor=actor, batch=batch, move="RECEIVE")
    record(actor=actor, action="batch.received", subject=batch)
    return batch


@transaction.atomic
def queue_under_way(*, actor: Actor) -> int:
    """Queue the next step of every batch that is under way again; how many. For the hours after a loss.

    Every step may run twice. Called by the command of the same name.
    """
    waiting = list(Batch.objects.select_for_update().filter(state__in=NEXT_STEP))
    for batch in waiting:
        enqueue_on_commit(NEXT_STEP[states.S(batch.state)], school_id=batch.school_id, batch_id=str(batch.pk))
        record(actor=actor, action="batch.queued_again", subject=batch)
    return len(waiting)
