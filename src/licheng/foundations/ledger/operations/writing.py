from django.db import connection, transaction
from licheng_exchange import leaf_hash

from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.queries import leaves_after

SEQUENCER_LOCK = 0x4C494348  # one sequencer per database: a PostgreSQL advisory lock
# The newest entry that has its index, and all that wait for theirs.
NEWEST_AND_WAITING = """
(SELECT id, index, leaf FROM ledger_ledgerentry WHERE index IS NOT NULL ORDER BY index DESC LIMIT 1)
UNION ALL
(SELECT id, index, leaf FROM ledger_ledgerentry WHERE index IS NULL ORDER BY id)
"""

type Waiting = list[tuple[int, bytes]]  # key and leaf, in the order in which they came


def note_leaf(leaf: bytes) -> LedgerEntry:
    """Write a leaf down inside the caller's transaction; it is not acknowledged before `sequence` ran."""
    return LedgerEntry.objects.create(leaf=leaf, leaf_hash=leaf_hash(leaf).hex())


def sequence() -> int:
    """Give every committed leaf its index, write it durably, sign the head; the new size of the log.

    Callers wait for each other here, so one signature serves all leaves that arrived meanwhile.
    Raises LedgerRolledBack when the log lost entries that the database knows, or holds others in their place.
    """
    size, _placed = _sequence()
    return size


def acknowledge(entry: LedgerEntry) -> None:
    """The same for one committed entry, which then knows its index.

    Raises LedgerRolledBack.
    """
    _size, placed = _sequence()
    if entry.pk in placed:
        entry.index = placed[entry.pk]
    else:  # whoever held the lock before has placed it
        entry.refresh_from_db(fields=["index"])


@transaction.atomic
def _sequence() -> tuple[int, dict[int, int]]:
    """The new size of the log, and the index of every entry that got one now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
    size, waiting = _reconciled()
    if not waiting:
        return size, {}
    store.append([leaf for _pk, leaf in waiting], size)
    placed = {pk: index for index, (pk, _leaf) in enumerate(waiting, start=size)}
    if len(placed) == 1:  # the most frequent by far, and a fraction of the work of the other
        LedgerEntry.objects.filter(pk=waiting[0][0]).update(index=size)
    else:
        rows = [LedgerEntry(pk=pk, index=index) for pk, index in placed.items()]
        LedgerEntry.objects.bulk_update(rows, ["index"], batch_size=500)
    return size + len(waiting), placed


def _reconciled() -> tuple[int, Waiting]:
    """The size of the log, after teaching the database what a crash kept it from writing; and who waits."""
    newest, waiting = _newest_and_waiting()
    known, unknown = leaves_after(*newest)
    for index, leaf in enumerate(unknown, start=known):
        digest = leaf_hash(leaf).hex()
        pending = LedgerEntry.objects.filter(leaf_hash=digest, index__isnull=True).order_by("id").first()
        entry = pending or LedgerEntry(leaf=leaf, leaf_hash=digest)
        entry.index = index
        entry.save()
    if unknown:
        _newest, waiting = _newest_and_waiting()
    return known + len(unknown), waiting


def _newest_and_waiting() -> tuple[tuple[int | None, bytes], Waiting]:
    newest: tuple[int | None, bytes] = None, b""
    waiting = []
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_AND_WAITING)
        for pk, index, leaf in cursor.fetchall():
            if index is None:
                waiting.append((pk, bytes(leaf)))
            else:
                newest = index, bytes(leaf)
    return newest, sorted(waiting)
