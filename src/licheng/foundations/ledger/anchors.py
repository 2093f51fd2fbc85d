"""Heads of the audit chains in the signed log: what even the owner of the database cannot take back.

A leaf names chains by number, places and hashes: nothing personal. Source: ADR 0021.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Self

from licheng_exchange import NotCanonical, canonical, leaf_hash, parse_canonical

from licheng.foundations.ledger import store

KIND = "audit-heads"
HEADS_A_LEAF = 400  # a log entry holds at most 65,535 bytes (C2SP tlog-tiles); a head takes about 100

type Head = tuple[int, int, bytes]  # chain, place, hash


def leaves_of(heads: list[Head], at: str) -> Iterator[bytes]:
    """The leaves that say these heads; `at` is UTC in ISO 8601."""
    for start in range(0, len(heads), HEADS_A_LEAF):
        rows = [[chain, place, digest.hex()] for chain, place, digest in heads[start : start + HEADS_A_LEAF]]
        yield canonical({"v": 1, "kind": KIND, "at": at, "heads": rows})


def heads_in(leaf: bytes) -> list[Head]:
    """The heads that a leaf says; none when it speaks of something else."""
    if KIND.encode() not in leaf:
        return []
    try:
        said: Any = parse_canonical(leaf)
        if said["kind"] != KIND:
            return []
        return [(int(chain), int(place), bytes.fromhex(digest)) for chain, place, digest in said["heads"]]
    except (NotCanonical, KeyError, TypeError, ValueError):
        return []


class LogNotItsHead(RuntimeError):
    """The log's entries are not those that were signed."""


class Anchors:
    """Every head that the log holds, proved against its signed head; kept in a temporary file, not in memory.

    A context manager: the file goes when it ends.
    """

    def __init__(self) -> None:
        self._kept = sqlite3.connect("")

    def __enter__(self) -> Self:
        """Read the log.

        Raises LogNotItsHead, NoteError or OSError when it does not verify or cannot be read.
        """
        self._kept.execute("CREATE TABLE anchor (chain INTEGER, place INTEGER, hash BLOB)")
        self._kept.executemany("INSERT INTO anchor VALUES (?, ?, ?)", _proved_heads())
        self._kept.execute("CREATE INDEX by_place ON anchor (chain, place)")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._kept.close()

    def chains(self) -> Iterable[int]:
        """The chains that the log speaks of."""
        return [chain for (chain,) in self._kept.execute("SELECT DISTINCT chain FROM anchor")]

    def of(self, chain: int) -> Iterator[tuple[int, bytes]]:
        """Places of this chain in order, each with its hash."""
        yield from self._kept.execute(
            "SELECT place, hash FROM anchor WHERE chain = ? ORDER BY place", [chain]
        )


def _proved_heads() -> Iterator[Head]:
    """The heads in the log's entries, each hashed on the way up to the signed root (RFC 6962 §2.1)."""
    head = store.head()
    peaks: list[tuple[int, bytes]] = []  # of complete subtrees, from the left, as (leaves, hash)
    for start in range(0, head.size, store.BUNDLE_ENTRIES):
        for leaf in store.bundle(start, head.size):
            peaks.append((1, leaf_hash(leaf)))
            while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
                (leaves, right), (_same, left) = peaks.pop(), peaks.pop()
                peaks.append((2 * leaves, _node(left, right)))
            yield from heads_in(leaf)
    root = peaks.pop()[1] if peaks else hashlib.sha256().digest()
    while peaks:
        root = _node(peaks.pop()[1], root)
    if root != head.root:
        raise LogNotItsHead("the entries of the log are not those that its signed head speaks of")


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
