"""The status page of a site: green only from what was read or verified for this very answer."""

import shutil
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from licheng.foundations.custody.copies import copies
from licheng.foundations.ledger.anchors import leaves_of
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import note_leaf, sequence
from licheng.foundations.status.queries import database_answers
from tests.archive.packages import checked, small_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(depositor):
    """An archive that holds something."""
    package = small_package()
    checked(depositor, package)
    return package


def verdicts(client):
    """What the page says once nothing is remembered of the last reading."""
    cache.clear()
    status = client.get("/status/").context["status"]
    return status.verdict, [finding.verdict for finding in status.findings]


def newest_file(copy):
    digest = LedgerEntry.objects.order_by("-index").first().leaf
    return next(
        path for path in copy.root.rglob("*") if path.is_file() and path.name in bytes(digest).decode()
    )


def test_an_archive_that_holds_something_is_green(client, held):
    assert verdicts(client) == ("good", ["good"] * 6)


def test_an_empty_archive_is_unknown_and_not_green(client):
    assert verdicts(client) == ("unknown", ["good", "unknown", "unknown", "good", "good", "good"])


@pytest.mark.parametrize("number", [0, 1])
def test_a_changed_byte_in_the_newest_file_of_a_copy_is_seen_at_once(client, held, number):
    assert verdicts(client)[0] == "good"
    path = newest_file(copies()[number])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    overall, each = verdicts(client)

    assert (overall, each[1 + number], each[2 - number]) == ("bad", "bad", "good")


def test_the_disks_are_asked_once_for_many_visitors_and_the_time_of_reading_is_said(client, held):
    before = client.get("/status/").context["status"].findings[1].facts[0]
    newest_file(copies()[0]).unlink()

    again = client.get("/status/").context["status"].findings[1].facts[0]

    assert again == before  # it names the second at which the files were read
    assert before[2] == before[5] == ":"


def test_a_missing_copy_is_bad_and_is_not_made_anew(client, held):
    shutil.rmtree(copies()[1].root)

    assert verdicts(client) == ("bad", ["good", "good", "bad", "good", "good", "good"])
    assert not copies()[1].root.exists()


def test_an_altered_checkpoint_is_bad(client, held, settings):
    path = settings.LEDGER_ROOT / "checkpoint"
    path.chmod(0o600)
    path.write_text(path.read_text().replace("\n3\n", "\n2\n"))

    assert verdicts(client) == ("bad", ["good", "good", "good", "good", "bad", "good"])
    assert client.get("/readyz").status_code == 503


def test_a_log_shorter_than_the_database_remembers_is_bad(client, held, settings):
    settings.LEDGER_ROOT = settings.LEDGER_ROOT.with_name("older-ledger")

    assert verdicts(client) == ("bad", ["good", "good", "good", "good", "bad", "good"])


@pytest.mark.parametrize(("minutes", "verdict"), [(1, "unknown"), (6, "bad")])
def test_entries_that_wait_are_counted(client, held, minutes, verdict):
    entry = note_leaf(b"waiting")
    LedgerEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))

    status = client.get("/status/").context["status"]

    assert (status.verdict, status.findings[-1].verdict) == (verdict, verdict)
    assert "1 筆等待登錄" in status.findings[-1].facts[0]


def test_a_database_that_does_not_answer_is_bad():
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

        finding = database_answers()

        transaction.set_rollback(True)
    assert finding.verdict == "bad"


@pytest.mark.parametrize("is_embedded", [True, False])
def test_copies_on_one_machine_are_called_so(client, settings, is_embedded):
    settings.EMBEDDED = is_embedded

    assert ("兩份副本在同一台機器" in client.get("/status/").content.decode()) is is_embedded


def test_a_site_that_takes_no_files_is_green_without_any(client, settings):
    settings.TAKES_FILES = False

    assert verdicts(client) == ("good", ["good", "good", "good"])
    page = client.get("/status/").content.decode()
    assert "副本" not in page
    assert "檔案還在嗎" not in page.partition("<main")[2].partition("</main>")[0]


def test_the_newest_files_are_read_back_also_after_a_quiet_night_of_audit_heads(client, held):
    for hour in range(12):
        (leaf,) = leaves_of([(0, hour + 1, b"\x00" * 32)], f"2026-11-22T{hour:02d}:00:00+00:00")
        note_leaf(leaf)
    sequence()

    assert verdicts(client) == ("good", ["good"] * 6)
    assert "最新 3 個檔案，3 個內容相符" in client.get("/status/").context["status"].findings[1].facts[0]


def test_plain_endpoints(client):
    health, ready = client.get("/healthz"), client.get("/readyz")

    assert (health.status_code, health.content) == (200, b"ok\n")
    assert (ready.status_code, ready["Content-Type"]) == (200, "text/plain; charset=utf-8")


def test_the_verify_page_is_public_and_offers_both_ways(client):
    page = client.get("/verify/").content.decode()

    assert 'href="/static/licheng/verify/verify.html"' in page
    assert 'download="licheng-verify.html"' in page
