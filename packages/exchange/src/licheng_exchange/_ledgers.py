"""Cloning and recomputing: whether a log's files still say what its checkpoint signed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from licheng_exchange._notes import Checkpoint, NoteError, VerifyingKey, open_checkpoint
from licheng_exchange._problems import Problem
from licheng_exchange._tiles import (
    TILE_WIDTH,
    Fetch,
    bundle_hashes,
    entries_path,
    tile_path,
    tile_reader,
    tile_rows,
    width_at,
)
from licheng_exchange._tree import ProofError, root_hash

MAX_LOG_FILE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """Whether every entry and tile leads to the signed root."""

    ok: bool
    checkpoint: Checkpoint | None
    problems: tuple[Problem, ...]


def folder_fetch(folder: Path) -> Fetch:
    """A fetch from a folder of files. It raises ProofError where no readable file stands."""

    def fetch(path: str) -> bytes:
        try:
            with (folder / path).open("rb") as file:
                data = file.read(MAX_LOG_FILE_BYTES + 1)
        except OSError as error:
            raise ProofError(f"{path} cannot be read") from error
        if len(data) > MAX_LOG_FILE_BYTES:
            raise ProofError(f"{path} is too large")
        return data

    return fetch


def verify_ledger(fetch: Fetch, vkeys: Iterable[VerifyingKey], *, origin: str | None = None) -> LedgerVerdict:
    """Recompute every tile and the root from the entries and compare them with the signed checkpoint."""
    try:
        checkpoint = open_checkpoint(fetch("checkpoint").decode("utf-8"), vkeys, origin=origin)
    except (NoteError, ProofError, UnicodeDecodeError) as error:
        problem = Problem("checkpoint", "checkpoint-refused", f"檢查點無法採信：{error}", f"{error}")
        return LedgerVerdict(ok=False, checkpoint=None, problems=(problem,))
    problems = tuple(_tile_problems(fetch, checkpoint.size)) or tuple(_root_problems(fetch, checkpoint))
    return LedgerVerdict(ok=not problems, checkpoint=checkpoint, problems=problems)


def _root_problems(fetch: Fetch, checkpoint: Checkpoint) -> Iterator[Problem]:
    if root_hash(checkpoint.size, tile_reader(fetch, checkpoint.size)) != checkpoint.root:
        yield Problem(
            "checkpoint",
            "root-differs",
            "由全部登錄重算的根雜湊與簽章的檢查點不同：帳本內容已被更動。",
            "The root recomputed from the entries differs from the signed one: the ledger was altered.",
        )


def _tile_problems(fetch: Fetch, size: int) -> Iterator[Problem]:
    rows: list[list[bytes]] = [[]]
    for index in range(-(-size // TILE_WIDTH)):
        path = entries_path(index, width_at(size, 0, index))
        try:
            hashes = bundle_hashes(fetch(path))
        except ProofError as error:
            yield _unreadable(path, error)
            return
        if len(hashes) != width_at(size, 0, index):
            yield _unreadable(path, ProofError("the bundle has another number of entries"))
            return
        rows[0] = hashes
        yield from _fold(fetch, size, rows, index)
    for level, row in enumerate(rows[1:], start=1):
        if row:
            yield from _compare(fetch, tile_path(level, (size >> 8 * level) // TILE_WIDTH, len(row)), row)


def _fold(fetch: Fetch, size: int, rows: list[list[bytes]], index: int) -> Iterator[Problem]:
    """Compare the tile just completed at level 0, and each tile above that it completes."""
    yield from _compare(fetch, tile_path(0, index, width_at(size, 0, index)), rows[0])
    level = 0
    while len(rows[level]) == TILE_WIDTH:
        if level:
            yield from _compare(fetch, tile_path(level, index), rows[level])
        if level + 1 == len(rows):
            rows.append([])
        rows[level + 1].append(tile_rows(rows[level])[-1][0])
        rows[level] = []
        level, index = level + 1, index // TILE_WIDTH


def _compare(fetch: Fetch, path: str, row: list[bytes]) -> Iterator[Problem]:
    try:
        same = fetch(path) == b"".join(row)
    except ProofError as error:
        yield _unreadable(path, error)
        return
    if not same:
        yield Problem(
            path,
            "tile-differs",
            "這一塊雜湊與登錄內容重算的結果不同：檔案已被更動或損壞。",
            "This tile differs from what its entries hash to: the file was altered or is damaged.",
        )


def _unreadable(path: str, error: ProofError) -> Problem:
    return Problem(path, "file-unreadable", f"帳本缺少這個檔案，或內容不完整：{error}", f"{error}")
