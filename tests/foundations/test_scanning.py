"""The scanner in the live path, with a real clamd: found, clean, silent, killed, restarted, bounded."""

import hashlib
import io
import socket
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from django.utils import timezone
from django_ox.testing import run_tasks

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.files import scanning
from licheng.foundations.files.errors import MalwareFound, ScannerSilent, TooLargeToScan
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.operations import (
    Receiving,
    receive_file,
    rescan_files,
    scan_file,
    scan_waiting,
)
from licheng.foundations.files.scanning import EICAR, Said, ask
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.status.queries import scanner_answers
from tests.foundations.clamd import OWN_PATTERN, Clamd

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ACTOR = Actor(1, 1, "person:1")
CLOCK = Actor.system("test")
DOCUMENT = frozenset({"application/pdf", "image/jpeg", "image/png"})
PDF = (DATA / "files/pdf/qpdf/minimal.pdf").read_bytes()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    clamd = Clamd(tmp_path_factory.mktemp("clamd"))
    clamd.start()
    yield clamd
    clamd.stop()


@pytest.fixture
def clamd(running, settings):
    """The scanner of this site; it runs when a test begins, whatever the one before did."""
    if running.process is None:
        running.start()
    settings.SCANNER = running.address
    settings.SCANNER_WAIT_SECONDS = 10
    return running


def receive(data=PDF, name="作品.pdf"):
    terms = Receiving("070406", "document", "ab" * 32, 4 * 2**20, DOCUMENT)
    return receive_file(actor=ACTOR, stream=io.BytesIO(data), name=name, terms=terms)


def pdf_saying(text):
    """A document that passes the inspection and says this somewhere."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as document:
        document.Root["/Note"] = pikepdf.String(text.decode())
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("evidence.txt", data)
    return out.getvalue()


def kept():
    """Everything a refusal must not leave behind."""
    files = [path for copy in copies() for path in copy.root.rglob("*") if path.is_file()]
    return StoredFile.objects.count(), LedgerEntry.objects.count(), files


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (EICAR, Said.INFECTED),
        (zipped(EICAR), Said.INFECTED),
        (zipped(zipped(EICAR)), Said.INFECTED),
        (PDF, Said.CLEAN),
        (b"", Said.CLEAN),
        (bytes(3 * 2**20), Said.CLEAN),
    ],
    ids=["plain", "in a ZIP", "in a ZIP in a ZIP", "document", "empty", "3 MB"],
)
def test_the_scanner_is_asked_and_understood(clamd, data, said):
    assert ask(io.BytesIO(data), wait_seconds=10).said == said


def test_the_signature_is_named(clamd):
    assert ask(io.BytesIO(EICAR), wait_seconds=10).signature.startswith("EICAR")


def test_a_file_that_is_clean_is_kept_as_clean(clamd):
    stored = receive()

    assert (stored.scan, stored.scanned_at is not None) == (ScanState.CLEAN, True)


def test_malware_is_refused_and_only_the_audit_entry_stays(clamd):
    clamd.know(EICAR=EICAR, Planted=OWN_PATTERN)
    clamd.stop()
    clamd.start()

    with pytest.raises(MalwareFound) as refusal:
        receive(infected := pdf_saying(OWN_PATTERN))

    assert refusal.value.data["reason_code"] == "malware"
    assert "作品.pdf" in refusal.value.sentence
    assert "Planted" in refusal.value.sentence
    assert kept() == (0, 0, [])
    entry = AuditEntry.objects.get(action="file.refused_malware")
    assert entry.data["sha256"] == hashlib.sha256(infected).hexdigest()
    assert "作品" not in str(entry.data)


def test_without_a_scanner_files_are_not_scanned(settings):
    settings.SCANNER = ""

    stored = receive()

    assert (stored.scan, stored.scanned_at) == (ScanState.NOT_SCANNED, None)


def test_a_dead_scanner_leaves_the_file_scanning_and_a_task_asks_again(
    clamd, django_capture_on_commit_callbacks
):
    clamd.stop()
    with django_capture_on_commit_callbacks(execute=True):
        stored = receive()
    assert stored.scan == ScanState.SCANNING

    clamd.start()
    run_tasks(queues=["files"])

    stored.refresh_from_db()
    assert stored.scan == ScanState.CLEAN
    assert AuditEntry.objects.filter(action="file.scanned_clean", subject_id=stored.pk).count() == 1


def test_while_it_stays_dead_the_task_comes_back_later(clamd, django_capture_on_commit_callbacks):
    clamd.stop()
    with django_capture_on_commit_callbacks(execute=True):
        stored = receive()

    run_tasks(queues=["files"])

    stored.refresh_from_db()
    assert stored.scan == ScanState.SCANNING
    from django_ox.models import OxTask

    later = OxTask.objects.filter(task_path="licheng.foundations.files.tasks.scan", status="READY").get()
    assert later.run_after > timezone.now()


def test_a_scanner_killed_in_the_middle_is_no_verdict(settings, tmp_path):
    """A scanner that takes the first bytes and dies: the line breaks under the upload."""
    place = tmp_path / "dying.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        settings.SCANNER = f"unix:{place}"

        def die():
            line, _address = listener.accept()
            line.recv(100)
            line.close()

        dying = threading.Thread(target=die)
        dying.start()
        stored = receive(pdf_saying(b"x" * 10))
        dying.join()

    assert stored.scan == ScanState.SCANNING


def test_a_scanner_that_hangs_holds_an_upload_no_longer_than_agreed(settings, tmp_path):
    place = tmp_path / "hanging.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        settings.SCANNER = f"unix:{place}"
        begun = timezone.now()

        answer = ask(io.BytesIO(bytes(2**20)), wait_seconds=0.5)

    assert answer.said == Said.UNANSWERED
    assert timezone.now() - begun < timedelta(seconds=3)


def test_nobody_at_a_tcp_address_is_no_verdict(settings):
    settings.SCANNER = "tcp:127.0.0.1:9"

    assert ask(io.BytesIO(b"x"), wait_seconds=1).said == Said.UNANSWERED


def test_a_scanner_with_lower_bounds_than_the_uploads_refuses_with_words(settings, tmp_path):
    small = Clamd(tmp_path / "small", stream_bytes="4K")
    small.start()
    settings.SCANNER, settings.SCANNER_WAIT_SECONDS = small.address, 10
    try:
        with pytest.raises(TooLargeToScan):
            receive((DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf").read_bytes())
    finally:
        small.stop()

    assert kept() == (0, 0, [])


def test_leftovers_are_asked_about_by_the_clock_and_new_ones_are_left_to_their_task(clamd):
    clamd.stop()
    old, new = receive(), receive(pdf_saying(b"another"))
    StoredFile.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    assert scan_waiting(actor=CLOCK) == 0

    clamd.start()

    assert scan_waiting(actor=CLOCK) == 1
    assert [StoredFile.objects.get(pk=one.pk).scan for one in (old, new)] == [
        ScanState.CLEAN,
        ScanState.SCANNING,
    ]


def test_a_file_found_infected_later_is_sealed_under_every_name_it_has(clamd, places):
    first, second = receive(pdf_saying(OWN_PATTERN[:20])), receive(pdf_saying(OWN_PATTERN[:20]))
    clamd.know(EICAR=EICAR, Better=OWN_PATTERN[:20])
    clamd.stop()
    clamd.start()

    scan_file(actor=CLOCK, file_id=first.pk)

    assert set(StoredFile.objects.values_list("scan", flat=True)) == {ScanState.INFECTED}
    assert AuditEntry.objects.filter(action="file.found_infected").count() == 2
    assert all(copy.holds(second.sha256) for copy in copies())


def test_the_command_scans_what_was_never_scanned(clamd, settings, capsys):
    settings.SCANNER = ""
    stored = receive()
    settings.SCANNER = clamd.address

    call_command("scan_files")

    stored.refresh_from_db()
    assert stored.scan == ScanState.CLEAN
    assert "1" in capsys.readouterr().out


def test_rescanning_needs_a_scanner(settings):
    settings.SCANNER = ""

    with pytest.raises(ScannerSilent):
        rescan_files(actor=CLOCK, everything=True)


def test_the_pattern_is_the_agreed_one_and_stands_nowhere_in_the_source():
    source = Path(scanning.__file__).read_bytes()

    assert (len(EICAR), EICAR[:3]) == (68, b"X5O")
    assert EICAR not in source


def test_the_status_page_asks_the_scanner_for_the_test_pattern_each_time(clamd):
    assert scanner_answers().verdict == "good"
    clamd.stop()
    assert scanner_answers().verdict == "bad"


def test_a_scanner_that_knows_no_malware_is_bad(clamd):
    clamd.know(Other=b"something else entirely")
    clamd.stop()
    clamd.start()

    verdict = scanner_answers().verdict

    clamd.know(EICAR=EICAR)
    clamd.stop()
    assert verdict == "bad"
