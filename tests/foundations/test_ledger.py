import shutil

import pytest
from django.urls import reverse
from licheng_exchange import (
    consistency_proof,
    folder_fetch,
    open_checkpoint,
    parse_keys,
    verify_consistency,
    verify_ledger,
    verify_tlog_proof,
)

from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import LedgerRolledBack, acknowledge, note_leaf, sequence
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ledger.views import keys_text

pytestmark = pytest.mark.django_db


def leaves(count, start=0):
    return [note_leaf(f"leaf {n}".encode()) for n in range(start, start + count)]


@pytest.mark.parametrize("batches", [[1], [3, 2], [255, 1, 1], [256, 1], [300, 300]])
def test_every_leaf_gets_its_index_and_a_receipt_that_verifies(batches, settings):
    total = 0
    for size in batches:
        leaves(size, total)
        total += size
        assert sequence() == total

    rows = list(LedgerEntry.objects.order_by("index"))
    assert [row.index for row in rows] == list(range(total))
    keys = parse_keys(keys_text())
    for row in rows[:: max(total // 20, 1)]:
        assert verify_tlog_proof(proof_of(row), bytes(row.leaf), keys).size == total
    assert verify_ledger(folder_fetch(settings.LEDGER_ROOT), keys).ok


def test_old_heads_stay_consistent_with_new_ones():
    keys = parse_keys(keys_text())
    leaves(5)
    sequence()
    old = open_checkpoint(store.checkpoint_note(), keys)
    leaves(300, 5)
    sequence()
    new = open_checkpoint(store.checkpoint_note(), keys)

    proof = consistency_proof(old.size, new.size, store.hashes(new.size))

    verify_consistency(old=old.size, new=new.size, old_root=old.root, new_root=new.root, hashes=proof)


def test_a_crash_after_signing_is_made_good_by_the_next_run():
    entries = leaves(3)
    sequence()
    LedgerEntry.objects.update(index=None)  # as if the process died between the signature and the commit
    leaves(2, 3)

    assert sequence() == 5
    assert [row.index for row in LedgerEntry.objects.order_by("index")] == [0, 1, 2, 3, 4]
    entries[1].refresh_from_db()
    assert entries[1].index == 1


def test_an_entry_learns_its_index_whoever_placed_it():
    mine, other = leaves(2)

    acknowledge(other)
    acknowledge(mine)

    assert (mine.index, other.index) == (0, 1)


def test_leaves_that_only_the_log_knows_come_back_into_the_database():
    leaves(3)
    sequence()
    LedgerEntry.objects.filter(index=2).delete()  # as after restoring an older database

    sequence()

    assert [bytes(row.leaf) for row in LedgerEntry.objects.order_by("index")] == [
        b"leaf 0",
        b"leaf 1",
        b"leaf 2",
    ]


def test_a_log_that_came_back_shorter_is_refused(settings):
    leaves(2)
    sequence()
    (settings.LEDGER_ROOT / "checkpoint").unlink()
    leaves(1, 2)

    with pytest.raises(LedgerRolledBack):
        sequence()

    assert LedgerEntry.objects.filter(index__isnull=True).count() == 1


def test_a_log_that_came_back_shorter_publishes_no_head(client, settings):
    leaves(2)
    sequence()
    (settings.LEDGER_ROOT / "checkpoint").unlink()

    assert client.get(reverse("checkpoint")).status_code == 503


@pytest.mark.parametrize("length", [2, 5])
def test_another_log_of_the_same_key_is_neither_signed_on_nor_published(client, settings, length):
    leaves(2)
    sequence()
    shutil.rmtree(settings.LEDGER_ROOT)
    store.append([b"fork %d" % n for n in range(length)], 0)
    leaves(1, 2)

    with pytest.raises(LedgerRolledBack):
        sequence()

    assert store.head().size == length
    assert client.get(reverse("checkpoint")).status_code == 503


def test_public_addresses_of_the_log(client):
    leaves(3)
    sequence()

    head = client.get(reverse("checkpoint"))
    assert (
        open_checkpoint(
            head.content.decode(), parse_keys(client.get(reverse("published_keys")).content.decode())
        ).size
        == 3
    )
    assert client.get("/ledger/tile/0/000.p/3").content == store.read("tile/0/000.p/3")
    for bad in ("/ledger/tile/0/../../keys/ledger.key", "/ledger/tile/0/001", "/ledger/tile/../checkpoint"):
        assert client.get(bad).status_code == 404


def test_audit_entries_cannot_be_changed_or_deleted():
    from django.db import DatabaseError, transaction

    from licheng.foundations.audit.models import AuditEntry
    from licheng.foundations.audit.operations import record
    from licheng.foundations.authz import Actor

    entry = record(actor=Actor.system("test"), action="test.done", subject=leaves(1)[0])
    for change in (lambda: AuditEntry.objects.filter(pk=entry.pk).update(action="x"), entry.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEntry.objects.get(pk=entry.pk).action == "test.done"
