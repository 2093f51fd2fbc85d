"""The newest acknowledged files, read back from every copy for this answer or some seconds ago."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from licheng_exchange import ReceiptError, parse_leaf

from licheng.foundations.custody.copies import Copy, copies
from licheng.foundations.ledger.queries import newest_leaves

log = logging.getLogger(__name__)
FILES = 3  # of at most 10 MB each: an answer stays quick
ENTRIES = 10
KEPT_SECONDS = 15  # own bound: however many people ask, the disks are asked this often
BUSY_SECONDS = 60
RESULT, BUSY = "custody-sample", "custody-sample-busy"


@dataclass(frozen=True, slots=True)
class CopySample:
    """What one copy gave back: how many of the files; `free_bytes` is None when it did not answer."""

    name: str
    good: int
    free_bytes: int | None

    @property
    def answers(self) -> bool:
        """Whether the copy could be read at all."""
        return self.free_bytes is not None


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest files that the signed log acknowledges, as the copies gave them back at `at`."""

    at: datetime
    files: int
    copies: tuple[CopySample, ...]

    @property
    def is_good(self) -> bool:
        """Whether every copy gave every file back."""
        return all(copy.answers and copy.good == self.files for copy in self.copies)


def sample_now() -> Sample | None:
    """A sample at most KEPT_SECONDS old; None while the first one is being read for somebody else."""
    kept: Sample | None = cache.get(RESULT)
    if kept is not None:
        return kept
    if not cache.add(BUSY, 1, BUSY_SECONDS):
        return None
    try:
        taken = take_sample()
        cache.set(RESULT, taken, KEPT_SECONDS)
        return taken
    finally:
        cache.delete(BUSY)


def take_sample() -> Sample:
    """Read the newest files back from every copy now."""
    at = timezone.now()
    hashes = newest_hashes()
    return Sample(at, len(hashes), tuple(_read(copy, hashes) for copy in copies()))


def _read(copy: Copy, hashes: tuple[str, ...]) -> CopySample:
    try:
        good = sum(copy.holds(sha256) for sha256 in hashes)
        return CopySample(copy.name, good, copy.free_bytes())
    except OSError:
        log.exception("copy %s failed while the newest files were read", copy.name)
        return CopySample(copy.name, 0, None)


def newest_hashes() -> tuple[str, ...]:
    """SHA-256 of the files that the newest signed log entries acknowledge: what must be readable now."""
    hashes = [sha256 for leaf in newest_leaves(ENTRIES) for sha256 in _hashes_of(leaf)]
    return tuple(dict.fromkeys(hashes))[:FILES]


def _hashes_of(leaf: bytes) -> Iterator[str]:
    try:
        parsed = parse_leaf(leaf)
    except ReceiptError:  # an entry that is not of this form speaks of no file
        return
    if parsed["type"] == "stored":
        yield parsed["sha256"]
    else:
        yield from (file["sha256"] for file in parsed["files"])
