"""The proof file of C2SP that shows offline that a log holds an entry.

Source: c2sp.org/tlog-proof.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from licheng_exchange._notes import Checkpoint, NoteError, VerifyingKey, decode_base64, open_checkpoint
from licheng_exchange._tree import HASH_BYTES, ProofError, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_CHARACTERS = 1 << 20
MAX_HASHES = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Where an entry stands in a log, with what it takes to check that."""

    extra: bytes | None
    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: str

    def encode(self) -> str:
        """The text of the `.tlog-proof` file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [b64encode(value).decode() for value in self.hashes]
        return "\n".join(lines) + f"\n\n{self.checkpoint_note}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The proof of a file's text.

        Raises ProofError for any text that `encode` would not have written.
        """
        if len(text) > MAX_PROOF_CHARACTERS:
            raise ProofError("the proof is too long")
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or not note or lines.pop(0) != HEADER:
            raise ProofError(f"not a proof file: its first line is {HEADER}")
        try:
            extra = decode_base64(lines.pop(0)[len("extra ") :]) if _has_extra(lines) else None
            index = _INDEX.fullmatch(lines.pop(0)) if lines else None
            hashes = tuple(decode_base64(line) for line in lines)
        except NoteError as error:
            raise ProofError(f"the proof holds a line that is {error}") from error
        if index is None:
            raise ProofError("the proof has no index line")
        if len(hashes) > MAX_HASHES or any(len(value) != HASH_BYTES for value in hashes):
            raise ProofError("the proof's hashes are not 32 bytes each, or too many")
        return cls(extra, int(index[1]), hashes, note)


def _has_extra(lines: list[str]) -> bool:
    return bool(lines) and lines[0].startswith("extra ")


def verify_tlog_proof(
    proof: TlogProof | str, entry: bytes, vkeys: Iterable[VerifyingKey], origin: str | None = None
) -> Checkpoint:
    """The signed checkpoint under which the log holds this entry.

    Raises ProofError if the form, a signature, the origin or the inclusion does not hold.
    """
    if isinstance(proof, str):
        proof = TlogProof.parse(proof)
    try:
        checkpoint = open_checkpoint(proof.checkpoint_note, vkeys, origin=origin)
    except NoteError as error:
        raise ProofError(str(error)) from error
    verify_inclusion(
        leaf=leaf_hash(entry),
        index=proof.index,
        size=checkpoint.size,
        hashes=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint
