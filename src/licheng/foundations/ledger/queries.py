from django.db.models import BinaryField, F, Func, IntegerField, Value
from licheng_exchange import TlogProof, inclusion_proof

from licheng.foundations.ledger import store
from licheng.foundations.ledger.anchors import KIND
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


def newest_leaves(count: int) -> list[bytes]:
    """The newest signed leaves that speak of files, newest first: heads of audit chains are left out.

    Those come every hour, and would otherwise be all there is to find after a quiet night.
    """
    kind = Value(KIND.encode(), output_field=BinaryField())
    names_heads = Func(kind, F("leaf"), function="POSITION", arg_joiner=" IN ", output_field=IntegerField())
    rows = LedgerEntry.objects.filter(index__isnull=False).alias(heads_at=names_heads).filter(heads_at=0)
    return [bytes(leaf) for leaf in rows.order_by("-index").values_list("leaf", flat=True)[:count]]


def leaves_beyond() -> tuple[int, list[bytes]]:
    """How many entries the database knows by their index, and the leaves the signed log holds beyond them.

    Raises LedgerRolledBack when the log is shorter than that, or speaks of another entry at the newest known
    place: then it is a fork, other leaves that the same key once signed. Source: reliability report F22.
    """
    rows = LedgerEntry.objects.filter(index__isnull=False).order_by("-index")
    index, leaf = rows.values_list("index", "leaf").first() or (None, b"")
    return leaves_after(index, bytes(leaf))


def leaves_after(index: int | None, leaf: bytes) -> tuple[int, list[bytes]]:
    """The same of the newest entry that was read before the log: the log grows before the database says so.

    `index` is None where the database knows no entry by its index. Raises LedgerRolledBack as above.
    """
    size = store.head().size
    if index is None:
        return 0, store.entries(0, size)
    known = index + 1
    if known > size:
        raise LedgerRolledBack(f"the log holds {size} entries, the database {known}")
    last, *unknown = store.entries(index, size)
    if last != leaf:
        raise LedgerRolledBack(f"entry {index} of the log is not the one that the database knows")
    return known, unknown


def published_head() -> str:
    """The signed head for everybody.

    Raises LedgerRolledBack rather than publish a head that leaves out what the database acknowledged.
    """
    leaves_beyond()
    return store.checkpoint_note()
