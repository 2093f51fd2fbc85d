from licheng_exchange import TlogProof, inclusion_proof

from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry


def proof_of(entry: LedgerEntry) -> str:
    """The receipt of one entry as a C2SP tlog-proof against the current head; about 1 kB of text.

    Raises ValueError while the entry is still waiting for its index.
    """
    if entry.index is None:
        raise ValueError("the entry is not sequenced yet")
    head = store.head()
    hashes = inclusion_proof(entry.index, head.size, store.hashes(head.size))
    return TlogProof(bytes(entry.leaf), entry.index, tuple(hashes), store.checkpoint_note()).encode()


def entries_waiting() -> int:
    """How many leaves are written down but not yet in the signed log."""
    return LedgerEntry.objects.filter(index__isnull=True).count()
