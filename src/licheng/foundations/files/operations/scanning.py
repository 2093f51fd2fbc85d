import logging
import shutil
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import good_path
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.errors import NotFound
from licheng.foundations.files import scanning
from licheng.foundations.files.errors import ScannerSilent
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.previews import folder_of

LATER_WAIT_SECONDS = 60  # nobody is waiting at a page
LEFT_OVER_AFTER = timedelta(minutes=2)  # by then the task of the upload itself has asked several times
AT_ONCE = 100
SILENCES = 3  # in a row: the scanner is down; a single one may be the fault of that file
NOTED = {
    scanning.Said.CLEAN: (ScanState.CLEAN, "file.scanned_clean"),
    scanning.Said.INFECTED: (ScanState.INFECTED, "file.found_infected"),
    scanning.Said.NOT_ASKED: (ScanState.NOT_SCANNED, "file.left_unscanned"),
}
log = logging.getLogger(__name__)


def scan_file(*, actor: Actor, file_id: UUID) -> StoredFile:
    """Ask the scanner about a kept file and write down what it says, for every file of the same bytes.

    Not atomic as a whole: no row is locked while the scanner thinks.
    Raises NotFound, CopyLost, or ScannerSilent when there is still no answer; then nothing changes.
    """
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise NotFound
    with good_path(stored.sha256).open("rb") as source:
        answer = scanning.ask(source, wait_seconds=LATER_WAIT_SECONDS)
    if answer.said not in NOTED:
        raise ScannerSilent
    _note(actor, stored.sha256, answer)
    stored.refresh_from_db()
    return stored


@transaction.atomic
def _note(actor: Actor, sha256: str, answer: scanning.Answer) -> None:
    state, action = NOTED[answer.said]
    same_bytes = StoredFile.objects.select_for_update().filter(sha256=sha256).order_by("pk")
    for stored in same_bytes:
        changed = stored.scan != state
        stored.scan = state
        stored.scanned_at = None if state == ScanState.NOT_SCANNED else timezone.now()
        stored.save(update_fields=["scan", "scanned_at"])
        if changed:
            signature = {"signature": answer.signature} if answer.signature else {}
            record(actor=actor, action=action, subject=stored, sha256=sha256, **signature)
    if state == ScanState.INFECTED:
        log.error("malware was found in a kept file: %s (%s)", sha256, answer.signature)
        transaction.on_commit(lambda: shutil.rmtree(folder_of(sha256), ignore_errors=True))


def scan_waiting(*, actor: Actor) -> int:
    """Ask about the files that nobody has answered for yet; stop when the scanner stays silent.

    How many were answered for. In any order, so that files without an answer never keep the others waiting.
    """
    waiting = StoredFile.objects.filter(
        scan=ScanState.SCANNING, created_at__lt=timezone.now() - LEFT_OVER_AFTER
    ).order_by("?")
    return _scan_each(actor, list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


def rescan_files(*, actor: Actor, everything: bool) -> int:
    """Ask about the files that were never scanned, or about every kept file: signatures get better.

    How many were answered for. Raises ScannerSilent when no scanner is configured.
    """
    if not settings.SCANNER:
        raise ScannerSilent
    rows = StoredFile.objects.order_by("created_at")
    if not everything:
        rows = rows.filter(scan__in=(ScanState.SCANNING, ScanState.NOT_SCANNED))
    return _scan_each(actor, list(rows.values_list("pk", flat=True)))


def _scan_each(actor: Actor, file_ids: list[UUID]) -> int:
    answered = silent = 0
    for file_id in file_ids:
        try:
            scan_file(actor=actor, file_id=file_id)
        except ScannerSilent:
            silent += 1
            log.warning("no answer of the scanner for file %s", file_id)
            if silent == SILENCES:
                break
        except CopyLost:  # custody's clocks report and heal it; the others need not wait
            log.exception("file %s cannot be read to be scanned", file_id)
        else:
            answered, silent = answered + 1, 0
    return answered
