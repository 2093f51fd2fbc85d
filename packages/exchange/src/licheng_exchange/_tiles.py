"""A log as static files: hash tiles and entry bundles.

Source: c2sp.org/tlog-tiles.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from licheng_exchange._tree import HASH_BYTES, HashReader, ProofError, leaf_hash, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES = (1 << 16) - 1
CACHED_TILES = 128
_TILE = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")

type Fetch = Callable[[str], bytes]
"""The bytes at a path of the log, relative to its folder."""


def _numbered(index: int, width: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:  # noqa: PLR2004 -- three digits per path element
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join(parts) + suffix


def _check_place(index: int, width: int) -> None:
    if index < 0 or not 0 < width <= TILE_WIDTH:
        raise ProofError(f"no tile {index} of width {width}")


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile; `level` counts tiles, eight tree levels each.

    Raises ProofError for a place that no log has.
    """
    _check_place(index, width)
    return f"tile/{level}/{_numbered(index, width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle. Raises ProofError for a place that no log has."""
    _check_place(index, width)
    return f"tile/entries/{_numbered(index, width)}"


def is_log_path(path: str) -> bool:
    """Whether a path is one that a log of this form serves."""
    return path == "checkpoint" or _TILE.fullmatch(path) is not None


def width_at(size: int, level: int, index: int) -> int:
    """How many hashes tile `index` at tile level `level` has in a tree of this size; 0 if none."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """The bundle of up to 256 entries. Raises ProofError for an entry over 65,535 bytes."""
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise ProofError("a bundle has at most 256 entries of at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def decode_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ProofError if the lengths do not fit the bytes."""
    entries, place = [], 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2])
        if place + 2 > len(data) or end > len(data):
            raise ProofError("the bundle ends within an entry")
        entries.append(data[place + 2 : end])
        place = end
    if len(entries) > TILE_WIDTH:
        raise ProofError("the bundle has more than 256 entries")
    return entries


def new_tiles(
    old_size: int, leaf_hashes: Sequence[bytes], reader_of_old: HashReader
) -> list[tuple[str, bytes]]:
    """The hash tiles that change when a batch of leaf hashes follows a tree of `old_size` leaves."""
    tiles: list[tuple[str, bytes]] = []
    level, start, hashes = 0, old_size, list(leaf_hashes)
    while hashes:
        first = start - start % TILE_WIDTH
        known = [reader_of_old(TILE_HEIGHT * level, index) for index in range(first, start)]
        row, above = known + hashes, []
        for place in range(0, len(row), TILE_WIDTH):
            part = row[place : place + TILE_WIDTH]
            tiles.append((tile_path(level, (first + place) // TILE_WIDTH, len(part)), b"".join(part)))
            if len(part) == TILE_WIDTH:
                above.append(tile_rows(part)[-1][0])
        level, start, hashes = level + 1, first // TILE_WIDTH, above
    return tiles


def new_bundles(old_size: int, entries: Sequence[bytes], partial: bytes) -> list[tuple[str, bytes]]:
    """The entry bundles that change when a batch follows; `partial` is the last bundle unless it was full."""
    known = decode_entries(partial)
    if len(known) != old_size % TILE_WIDTH:
        raise ProofError("the last bundle does not fit the size of the tree")
    row, first = [*known, *entries], old_size // TILE_WIDTH
    parts = [row[place : place + TILE_WIDTH] for place in range(0, len(row), TILE_WIDTH)]
    return [
        (entries_path(first + number, len(part)), encode_entries(part))
        for number, part in enumerate(parts)
        if entries
    ]


def tile_rows(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """All perfect subtrees over the hashes of one tile, row by row upwards."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        rows.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return rows


def tile_reader(fetch: Fetch, size: int) -> HashReader:
    """A reader over the tiles of a tree of this size, which remembers the last tiles it used.

    The reader raises ProofError for a subtree outside the tree and for a tile of the wrong length.
    """

    @lru_cache(maxsize=CACHED_TILES)
    def rows_of(level: int, index: int) -> list[list[bytes]]:
        width = width_at(size, level, index)
        data = fetch(tile_path(level, index, width))
        if len(data) != width * HASH_BYTES:
            raise ProofError(f"{tile_path(level, index, width)} has the wrong length")
        return tile_rows([data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])

    def read(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or (index + 1) << level > size:
            raise ProofError(f"a tree of {size} leaves has no subtree {index} at level {level}")
        tile_level, row = divmod(level, TILE_HEIGHT)
        tile, place = divmod(index << row, TILE_WIDTH)
        return rows_of(tile_level, tile)[row][place >> row]

    return read


def bundle_hashes(data: bytes) -> list[bytes]:
    """The leaf hashes of a bundle's entries."""
    return [leaf_hash(entry) for entry in decode_entries(data)]
