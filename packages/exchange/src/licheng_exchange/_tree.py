"""The Merkle tree of RFC 6962 as pure functions over a reader of perfect subtrees."""

from collections.abc import Callable, Sequence
from hashlib import sha256

type HashReader = Callable[[int, int], bytes]
"""(level, index) to the hash of the perfect subtree of 2**level leaves number index."""

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not show what it claims."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry. Source: RFC 6962 §2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees. Source: RFC 6962 §2.1."""
    return sha256(b"\x01" + left + right).digest()


def _range_hash(start: int, end: int, reader: HashReader) -> bytes:
    """The hash over leaves start..end-1; start is a multiple of the least power of two that holds them."""
    width = end - start
    level = width.bit_length() - 1
    if width == 1 << level:
        return reader(level, start >> level)
    middle = start + (1 << level)
    return node_hash(reader(level, start >> level), _range_hash(middle, end, reader))


def root_hash(size: int, reader: HashReader) -> bytes:
    """The root over the first `size` leaves."""
    return _range_hash(0, size, reader) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, reader: HashReader) -> list[bytes]:
    """The sibling hashes from the leaf up to the root's child.

    Raises ProofError if the leaf is not in the tree. Source: RFC 6962 §2.1.1.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            path.append(_range_hash(middle, end, reader))
            end = middle
        else:
            path.append(_range_hash(start, middle, reader))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, reader: HashReader) -> list[bytes]:
    """The hashes that show that the first `old` of `new` leaves are unchanged.

    Raises ProofError unless 0 < old <= new. Source: RFC 6962 §2.1.2.
    """
    if not 0 < old <= new:
        raise ProofError(f"no consistency proof from {old} to {new} leaves")
    start, end, path, whole = 0, new, [], True
    while old != end:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if old <= middle:
            path.append(_range_hash(middle, end, reader))
            end = middle
        else:
            path.append(_range_hash(start, middle, reader))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(start, end, reader))
    return path[::-1]


def verify_inclusion(*, leaf: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is number `index` of the tree with this size and root.

    Raises ProofError. Source: RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size}")
    _check_widths(leaf, root, *hashes)
    first, last, result = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if first & 1 or first == last:
            result = node_hash(sibling, result)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    if result != root:
        raise ProofError("the inclusion proof leads to another root")


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, hashes: Sequence[bytes]
) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves.

    Raises ProofError. Source: RFC 9162 §2.1.4.2.
    """
    if not 0 < old <= new:
        raise ProofError(f"no consistency between {old} and {new} leaves")
    _check_widths(old_root, new_root, *hashes)
    if old == new:
        if hashes or old_root != new_root:
            raise ProofError("trees of the same size have other roots")
        return
    path = [old_root, *hashes] if old & (old - 1) == 0 else list(hashes)
    if not path:
        raise ProofError("the consistency proof is empty")
    seen_old, seen_new, last = _fold_consistency(old, new, path)
    if last:
        raise ProofError("the consistency proof is too short")
    if seen_old != old_root or seen_new != new_root:
        raise ProofError("the consistency proof leads to other roots")


def _fold_consistency(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes, int]:
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    seen_old = seen_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if first & 1 or first == last:
            seen_old, seen_new = node_hash(sibling, seen_old), node_hash(sibling, seen_new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            seen_new = node_hash(seen_new, sibling)
        first, last = first >> 1, last >> 1
    return seen_old, seen_new, last


def _check_widths(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError("a hash is not 32 bytes wide")


class MemoryTree:
    """A tree that keeps every perfect subtree in memory; for tests, small logs and verifiers."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return root_hash(self.size, self.reader)

    def append(self, entry: bytes) -> int:
        """Add one entry and answer its index."""
        return self.append_hash(leaf_hash(entry))

    def append_hash(self, value: bytes) -> int:
        """Add one leaf hash and answer its index."""
        index, level = self.size, 0
        self._levels[0].append(value)
        while len(self._levels[level]) % 2 == 0:
            pair = self._levels[level][-2:]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node_hash(pair[0], pair[1]))
        return index

    def reader(self, level: int, index: int) -> bytes:
        """The hash of one perfect subtree.

        Raises ProofError if the tree does not reach so far.
        """
        if not (0 <= level < len(self._levels) and 0 <= index < len(self._levels[level])):
            raise ProofError(f"the tree has no subtree {index} at level {level}")
        return self._levels[level][index]
