"""Writing to the log: note a leaf with the change it speaks of, then have it sequenced and signed."""

from licheng.foundations.ledger.operations.anchoring import anchor_heads
from licheng.foundations.ledger.operations.writing import acknowledge, note_leaf, sequence
from licheng.foundations.ledger.store import LedgerRolledBack

__all__ = ["LedgerRolledBack", "acknowledge", "anchor_heads", "note_leaf", "sequence"]
