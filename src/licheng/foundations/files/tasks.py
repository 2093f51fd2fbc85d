"""Work on files that waits for a worker: ids in, one operation, done. All of it can run twice."""

from datetime import timedelta
from uuid import UUID

from django.tasks import task
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.files import operations
from licheng.foundations.files.errors import ScannerSilent

FIRST_WAIT = timedelta(seconds=5)
ASKED_AT_MOST = 6  # 5, 10, 20, 40, 80 seconds apart; then the clock of every minute goes on asking


@task(queue_name="files")
def derive(file_id: str) -> None:
    """Draw the pages and make the version for readers."""
    operations.derive_file(actor=Actor.system("task:derive"), file_id=UUID(file_id))


@task(queue_name="files")
def scan(file_id: str, asked: int = 0) -> None:
    """Ask the scanner about a file that came in while it was silent; come back later while it stays so."""
    try:
        operations.scan_file(actor=Actor.system("task:scan"), file_id=UUID(file_id))
    except ScannerSilent:
        if asked < ASKED_AT_MOST:
            later = timezone.now() + FIRST_WAIT * 2**asked
            scan.using(run_after=later).enqueue(file_id=file_id, asked=asked + 1)


@task(queue_name="files")
def scan_waiting() -> None:
    """Ask about the files that nobody has answered for yet."""
    operations.scan_waiting(actor=Actor.system("clock:scan_waiting"))
