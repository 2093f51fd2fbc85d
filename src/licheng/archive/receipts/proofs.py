"""Proofs of many entries against one signed head, so that a whole deposit is proven by one checkpoint."""

from collections.abc import Callable

from licheng_exchange import TlogProof, inclusion_proof, open_checkpoint

from licheng.foundations import keys
from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry


def prover() -> Callable[[LedgerEntry], str]:
    """What makes the tlog-proof text of an entry; head, note and tree are those of this moment.

    The note is read once and its own head is used: reading both apart could meet a newer checkpoint between.
    """
    note = store.checkpoint_note()
    head = open_checkpoint(note, [keys.signing_key("ledger").verifying_key])
    hashes = store.hashes(head.size)

    def proof(entry: LedgerEntry) -> str:
        if entry.index is None:
            raise ValueError("the entry is not sequenced yet")
        path = inclusion_proof(entry.index, head.size, hashes)
        return TlogProof(bytes(entry.leaf), entry.index, tuple(path), note).encode()

    return proof
