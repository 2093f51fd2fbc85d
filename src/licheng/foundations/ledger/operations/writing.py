from django.db import connection, transaction
from licheng_exchange import leaf_hash

from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.queries import leaves_beyond

SEQUENCER_LOCK = 0x4C494348  # one sequencer per database: a PostgreSQL advisory lock


def note_leaf(leaf: bytes) -> LedgerEntry:
    """Write a leaf down inside the caller's transaction; it is not acknowledged before `sequence` ran."""
    return LedgerEntry.objects.create(leaf=leaf, leaf_hash=leaf_hash(leaf).hex())


@transaction.atomic
def sequence() -> int:
    """Give every committed leaf its index, write it durably, sign the head; the new size of the log.

    Callers wait for each other here, so one signature serves all leaves that arrived meanwhile.
    Raises LedgerRolledBack when the log lost entries that the database knows, or holds others in their place.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
    size = _reconciled_size()
    rows = LedgerEntry.objects.filter(index__isnull=True).order_by("id")
    pending = list(rows.values_list("pk", "leaf"))
    if not pending:
        return size
    store.append([bytes(leaf) for _pk, leaf in pending], size)
    if len(pending) == 1:  # the most frequent by far, and a fraction of the work of the other
        LedgerEntry.objects.filter(pk=pending[0][0]).update(index=size)
    else:
        placed = [LedgerEntry(pk=pk, index=index) for index, (pk, _leaf) in enumerate(pending, start=size)]
        LedgerEntry.objects.bulk_update(placed, ["index"], batch_size=500)
    return size + len(pending)


def _reconciled_size() -> int:
    """The size of the signed log, after teaching the database what a crash kept it from writing."""
    known, unknown = leaves_beyond()
    for index, leaf in enumerate(unknown, start=known):
        digest = leaf_hash(leaf).hex()
        pending = LedgerEntry.objects.filter(leaf_hash=digest, index__isnull=True).order_by("id").first()
        entry = pending or LedgerEntry(leaf=leaf, leaf_hash=digest)
        entry.index = index
        entry.save()
    return known + len(unknown)
