"""Uploads as the site takes them in, for a class of students, and what became of them afterwards."""

import io
import zlib
from dataclasses import dataclass

from licheng_exchange import verify_stored

SCHOOL = "070406"
ALLOWED = frozenset({"application/pdf", "image/png"})


@dataclass(frozen=True)
class Ack:
    """What the client was told: kept outside whatever is harmed."""

    file: str
    sha256: str
    scope: str
    receipt: str

    def as_line(self):
        """One line of the client's notebook; the receipt's own lines are kept apart by tabs."""
        return "\x1f".join((self.file, self.sha256, self.scope, self.receipt.replace("\n", "\t")))

    @classmethod
    def parse(cls, line):
        """The acknowledgement of one line."""
        file, sha256, scope, receipt = line.rstrip("\n").split("\x1f")
        return cls(file, sha256, scope, receipt.replace("\t", "\n"))


def picture(random, side=96):
    """A PNG of random dots: a real file that inspection opens, different every time."""
    return with_words(random, b"Comment\0drill", side)


def with_words(random, words, side=96):
    """The same with these words in a text chunk."""
    rows = b"".join(b"\0" + random.randbytes(3 * side) for _ in range(side))

    def chunk(kind, data):
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = side.to_bytes(4) + side.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    chunks = {b"IHDR": head, b"tEXt": words, b"IDAT": zlib.compress(rows, 0), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks.items())


def terms_of(scope=SCHOOL, student=1):
    """The terms of an upload of a student."""
    from licheng.foundations.files.operations import Receiving

    return Receiving(scope, "document", student.to_bytes(32).hex(), 4 * 2**20, ALLOWED)


def upload(data, *, scope=SCHOOL, student=1, name="work.png"):
    """Hand a file in; what the client is told.

    Raises what `receive_file` raises: then nothing was acknowledged.
    """
    from licheng.foundations.authz import Actor
    from licheng.foundations.files.operations import receive_file
    from licheng.foundations.ledger.queries import proof_of

    actor = Actor.system("drill")
    stored = receive_file(actor=actor, stream=io.BytesIO(data), name=name, terms=terms_of(scope, student))
    return Ack(str(stored.pk), stored.sha256, scope, proof_of(stored.entry))


def unfounded(acks):
    """Acknowledgements that the site cannot stand by now: row, every copy, log entry, and the old receipt itself."""
    from licheng_exchange import leaf_hash

    from licheng.foundations import keys
    from licheng.foundations.custody.copies import copies
    from licheng.foundations.files.models import StoredFile
    from licheng.foundations.ledger import store
    from licheng.foundations.ledger.queries import proof_of

    vkeys = [keys.signing_key("ledger").verifying_key]
    size = store.head().size
    leaves = store.entries(0, size)
    bad = []
    for ack in acks:
        row = StoredFile.objects.select_related("entry").filter(pk=ack.file, sha256=ack.sha256).first()
        if row is None or not all(copy.holds(ack.sha256) for copy in copies()):
            bad.append((ack, "row or copy"))
            continue
        index = row.entry.index
        if index is None or index >= size or leaf_hash(leaves[index]).hex() != row.entry.leaf_hash:
            bad.append((ack, "log"))
            continue
        file = (row.sha256, row.size_bytes)
        for receipt in (ack.receipt, proof_of(row.entry)):
            if not verify_stored(receipt, file, vkeys).ok:
                bad.append((ack, "receipt"))
                break
    return bad
