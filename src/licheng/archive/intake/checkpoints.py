"""The signed head of the log as people read it."""

from base64 import b64encode
from dataclasses import dataclass

from licheng_exchange import open_checkpoint

from licheng.foundations import keys
from licheng.foundations.ledger import store


@dataclass(frozen=True, slots=True)
class Head:
    """The head whose signature was verified for this answer, its note, and the keys that are published."""

    origin: str
    size: int
    root: str
    note: str
    vkeys: tuple[str, ...]


def checkpoint_now() -> Head:
    """The head of the log now. Raises NoteError when its signature does not verify."""
    note = store.checkpoint_note()
    head = open_checkpoint(note, [keys.signing_key("ledger").verifying_key])
    vkeys = tuple(keys.signing_key(name).vkey for name in ("ledger", "signing"))
    return Head(head.origin, head.size, b64encode(head.root).decode(), note, vkeys)
