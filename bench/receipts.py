"""Making and verifying receipts in a log of 200,000 leaves, in memory and from tiles."""

import statistics
import sys
import time
from collections.abc import Callable

from licheng_exchange._notes import Checkpoint, SigningKey, sign_note
from licheng_exchange._proofs import TlogProof, verify_tlog_proof
from licheng_exchange._receipts import build_leaf_stored
from licheng_exchange._tiles import new_tiles, tile_reader
from licheng_exchange._tree import HashReader, MemoryTree, inclusion_proof, leaf_hash, root_hash

ROUNDS = 1_000
BATCH = 256
KEY = SigningKey("archive.example/ledger", bytes(32))


def leaf(number: int) -> bytes:
    """One entry of the size that a school's log has."""
    return build_leaf_stored(
        file=f"00000000-0000-4000-8000-{number:012x}",
        sha256_hex=f"{number:064x}",
        size=2_000_000,
        school="01A301",
        subject=f"{number:064x}",
        time="2026-11-22T03:04:05Z",
    )


def timed(rounds: int, work: Callable[[int], object]) -> float:
    """Median milliseconds of one call."""
    seconds = []
    for number in range(rounds):
        start = time.perf_counter()
        work(number)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds) * 1_000


def prove(entries: list[bytes], index: int, size: int, reader: HashReader) -> str:
    """The receipt's proof, with its checkpoint signed anew."""
    note = sign_note(Checkpoint(KEY.name, size, root_hash(size, reader)).to_text(), KEY)
    return TlogProof(entries[index], index, tuple(inclusion_proof(index, size, reader)), note).encode()


def main(size: int) -> None:
    """Print one line per measurement."""
    start = time.perf_counter()
    entries = [leaf(number) for number in range(size)]
    print(f"leaves built: {size / (time.perf_counter() - start):,.0f}/s, {len(entries[0])} bytes each")
    tree, start = MemoryTree(), time.perf_counter()
    for entry in entries:
        tree.append(entry)
    print(f"appended in memory: {size / (time.perf_counter() - start):,.0f}/s")
    files: dict[str, bytes] = {}
    start = time.perf_counter()
    for first in range(0, size, BATCH - 1):
        batch = [leaf_hash(entry) for entry in entries[first : first + BATCH - 1]]
        files.update(new_tiles(first, batch, tile_reader(files.__getitem__, first)))
    print(f"appended as tiles in batches of {BATCH - 1}: {size / (time.perf_counter() - start):,.0f}/s")
    reader, keys = tile_reader(files.__getitem__, size), [KEY.verifying_key]
    places = [number * 7_919 % size for number in range(ROUNDS)]
    proofs = [prove(entries, place, size, tree.reader) for place in places]
    memory = timed(ROUNDS, lambda at: prove(entries, places[at], size, tree.reader))
    tiles = timed(ROUNDS, lambda at: prove(entries, places[at], size, reader))
    check = timed(ROUNDS, lambda at: verify_tlog_proof(proofs[at], entries[places[at]], keys))
    cold = timed(100, lambda at: prove(entries, places[at], size, tile_reader(files.__getitem__, size)))
    print(
        f"make a receipt and sign: {memory:.3f} ms in memory, {tiles:.3f} ms from tiles, {cold:.3f} ms cold"
    )
    print(f"verify a receipt: {check:.3f} ms; proof file: {len(proofs[0])} bytes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
