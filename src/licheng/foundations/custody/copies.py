"""The copies of the file store: plain files named by their SHA-256 under separate roots."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.durable import CHUNK_BYTES, hash_open_file, publish, temporary_file, write_all

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """One root that holds every file once."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lives."""
        return self.root / sha256[:2] / sha256

    def put(self, source: BinaryIO, sha256: str) -> None:
        """Keep the bytes of an open file durably; a file that is already there, whole, is left alone.

        Raises OSError when the device refuses or gives back other bytes.
        """
        if self.holds(sha256):
            return
        with temporary_file(self.root) as (descriptor, temporary):
            source.seek(0)
            while chunk := source.read(CHUNK_BYTES):
                write_all(descriptor, chunk)
            publish(descriptor, temporary, self.path(sha256), sha256)

    def holds(self, sha256: str) -> bool:
        """Whether this copy gives back exactly the bytes of this hash; the whole file is read."""
        try:
            descriptor = os.open(self.path(sha256), os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            return hash_open_file(descriptor) == sha256
        finally:
            os.close(descriptor)

    def free_bytes(self) -> int:
        """Space left on the device of this copy."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free


def copies() -> tuple[Copy, ...]:
    """Every copy, the one that is read first in front."""
    return tuple(Copy(Path(root)) for root in settings.COPY_ROOTS)


def put_everywhere(source: BinaryIO, sha256: str) -> None:
    """Keep an open file in every copy, one after the other.

    Raises OSError when any copy fails; what an earlier copy holds is left for the janitor.
    """
    for copy in copies():
        copy.put(source, sha256)


def good_path(sha256: str) -> Path:
    """A copy of the file whose bytes were just checked; a device that fails only means the next copy.

    Raises CopyLost when no copy holds them.
    """
    for number, copy in enumerate(copies(), start=1):
        try:
            if copy.holds(sha256):
                return copy.path(sha256)
        except OSError:
            log.exception("copy %d failed while it was read", number)
            continue
        log.error("copy %d does not give %s back", number, sha256)
    raise CopyLost


def chunks(sha256: str) -> Iterator[bytes]:
    """The bytes of a file from a copy that was checked by this call, before the first byte is asked for.

    Raises CopyLost when no copy holds them: an answer that has begun could no longer say so.
    """
    return _pieces(good_path(sha256))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def digests(source: BinaryIO) -> tuple[str, str, int]:
    """SHA-256 and MD5 (hexadecimal) and the size in bytes of an open file."""
    source.seek(0)
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    while chunk := source.read(CHUNK_BYTES):
        sha256.update(chunk)
        md5.update(chunk)
        size += len(chunk)
    return sha256.hexdigest(), md5.hexdigest(), size
