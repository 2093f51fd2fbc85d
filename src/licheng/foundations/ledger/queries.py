from licheng_exchange import TlogProof, inclusion_proof

from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.store import LedgerRolledBack


def proof_of(entry: LedgerEntry) -> str:
    """The receipt of one entry as a C2SP tlog-proof against the current head; about 1 kB of text.

    Raises ValueError while the entry is still waiting for its index.
    """
    if entry.index is None:
        raise ValueError("the entry is not sequenced yet")
    head = store.head()
    hashes = inclusion_proof(entry.index, head.size, store.hashes(head.size))
    return TlogProof(bytes(entry.leaf), entry.index, tuple(hashes), store.checkpoint_note()).encode()


def published_head() -> str:
    """The signed head for everybody.

    Raises LedgerRolledBack rather than publish a head older than what the database acknowledged.
    """
    known = LedgerEntry.objects.filter(index__isnull=False).count()
    size = store.head().size
    if size < known:
        raise LedgerRolledBack(f"the log holds {size} entries, the database {known}")
    return store.checkpoint_note()


def entries_waiting() -> int:
    """How many leaves are written down but not yet in the signed log."""
    return LedgerEntry.objects.filter(index__isnull=True).count()
