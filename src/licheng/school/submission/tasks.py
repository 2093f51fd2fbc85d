"""Work of the submission that waits for a worker: ids in, one operation, done. All of it can run twice."""

import time

from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.foundations.queueing import come_back
from licheng.school.submission.errors import ArchiveUnreachable
from licheng.school.submission.operations import ask_archive, build_package, send_package
from licheng.school.submission.states import BatchState

ASK_EVERY_SECONDS = 0.5
ASK_FOR_SECONDS = 10


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
        come_back(send, because=broken, school_id=school_id, batch_id=batch_id)


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
    come_back(ask, because=reason, school_id=school_id, batch_id=batch_id)
