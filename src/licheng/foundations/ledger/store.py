"""The log on disk: C2SP tiles, entry bundles and the checkpoint, each file synced before the next."""

from pathlib import Path

from django.conf import settings
from licheng_exchange import (
    Checkpoint,
    HashReader,
    decode_entries,
    entries_path,
    leaf_hash,
    new_bundles,
    new_tiles,
    open_checkpoint,
    root_hash,
    sign_note,
    tile_reader,
)

from licheng.foundations import keys
from licheng.foundations.durable import write_durably

BUNDLE_ENTRIES = 256  # C2SP tlog-tiles: entries in a full bundle


class LedgerRolledBack(RuntimeError):
    """The log on disk is not the one that the database remembers: shorter, or another one of the same key."""


def _root() -> Path:
    return Path(settings.LEDGER_ROOT)


def read(path: str) -> bytes:
    """One file of the log.

    Raises FileNotFoundError when the log does not have it.
    """
    return (_root() / path).read_bytes()


def checkpoint_note() -> str:
    """The signed head; the head of an empty log before the first entry."""
    try:
        return read("checkpoint").decode()
    except FileNotFoundError:
        return _signed(0)


def head() -> Checkpoint:
    """The signed head, its signature checked with the site's own key: a changed file is found here."""
    return open_checkpoint(checkpoint_note(), [keys.signing_key("ledger").verifying_key])


def hashes(size: int) -> HashReader:
    """Hashes of the tree of this size, read from tiles."""
    return tile_reader(read, size)


def entries(start: int, end: int) -> list[bytes]:
    """The leaves start..end-1 as the log holds them, where `end` is the size of the log."""
    first = start // BUNDLE_ENTRIES * BUNDLE_ENTRIES
    found: list[bytes] = []
    for begin in range(first, end, BUNDLE_ENTRIES):
        found += bundle(begin, end)
    return found[start - first :]


def bundle(start: int, end: int) -> list[bytes]:
    """The leaves of the bundle that begins at `start`, where `end` is the size of the log."""
    width = min(BUNDLE_ENTRIES, end - start)
    return list(decode_entries(read(entries_path(start // BUNDLE_ENTRIES, width))))


def append(leaves: list[bytes], old_size: int) -> None:
    """Add leaves and sign the new head: entries, then hashes, then checkpoint, each durable before the next.

    A crash before the checkpoint leaves files that no head speaks of; the next append writes over them.
    """
    width = old_size % BUNDLE_ENTRIES
    partial = read(entries_path(old_size // BUNDLE_ENTRIES, width)) if width else b""
    for path, data in new_bundles(old_size, leaves, partial):
        write_durably(_root() / path, data)
    for path, data in new_tiles(old_size, [leaf_hash(leaf) for leaf in leaves], hashes(old_size)):
        write_durably(_root() / path, data)
    write_durably(_root() / "checkpoint", _signed(old_size + len(leaves)).encode())


def _signed(size: int) -> str:
    key = keys.signing_key("ledger")
    return sign_note(Checkpoint(key.name, size, root_hash(size, hashes(size))).to_text(), key)
