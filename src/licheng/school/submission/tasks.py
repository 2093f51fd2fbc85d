"""Work of the submission that waits for a worker: ids in, one operation, done. All of it can run twice."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.tasks import task
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.submission.errors import ArchiveUnreachable
from licheng.school.submission.operations import ask_archive, build_package, send_package
from licheng.school.submission.states import BatchState

log = logging.getLogger(__name__)
ASK_EVERY_SECONDS = 0.5
ASK_FOR_SECONDS = 10
ASK_AGAIN_AFTER = timedelta(seconds=20)


@task(queue_name="submission")
def build(*, school_id: int, batch_id: str) -> None:
    """Build the package of a batch."""
    build_package(actor=Actor.system("task:build", school_id), batch_id=batch_id)


@task(queue_name="submission")
def send(*, school_id: int, batch_id: str) -> None:
    """Send the package of a batch; while the archive cannot be reached, come back later."""
    try:
        send_package(actor=Actor.system("task:send", school_id), batch_id=batch_id)
    except ArchiveUnreachable as broken:
        _later(send, broken, school_id, batch_id)


@task(queue_name="submission")
def ask(*, school_id: int, batch_id: str) -> None:
    """Ask for the verdict a few times in a row, then come back later."""
    until = time.monotonic() + ASK_FOR_SECONDS
    reason: ArchiveUnreachable | None = None
    while time.monotonic() < until and reason is None:
        try:
            batch = ask_archive(actor=Actor.system("task:ask", school_id), batch_id=batch_id)
        except ArchiveUnreachable as broken:
            reason = broken
            continue
        if batch.state != BatchState.SENT:
            return
        time.sleep(ASK_EVERY_SECONDS)
    _later(ask, reason, school_id, batch_id)


def _later(what: Any, reason: ArchiveUnreachable | None, school_id: int, batch_id: str) -> None:
    """Come back to a batch: the queue's own attempts are over in seconds, a broken line may last a night."""
    if reason is not None:
        log.warning("batch %s waits for the archive: %s", batch_id, reason)
    what.using(run_after=timezone.now() + ASK_AGAIN_AFTER).enqueue(school_id=school_id, batch_id=batch_id)
