"""Bytes that survive a power cut: file synced, name synced, read back. Order is the contract.

An error of fsync is never retried: Linux may then report success for data it has dropped
(reliability report §1.3). The temporary file goes, and the caller refuses.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

CHUNK_BYTES = 1 << 18  # more at once costs more: every piece is then fetched from the kernel anew
TEMPORARY = ".tmp-"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ensure_folder(folder: Path) -> None:
    """Make a folder whose own name is durable, parents included."""
    if folder.is_dir():
        return
    ensure_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    sync_folder(folder.parent)


def hash_open_file(descriptor: int) -> str:
    """SHA-256 of what the device gives back for an open file, from its start; 64 hexadecimal digits."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def temporary_file(folder: Path) -> Iterator[tuple[int, Path]]:
    """An open, exclusive temporary file in a folder; it is gone afterwards unless it was renamed."""
    ensure_folder(folder)
    path = folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
    try:
        yield descriptor, path
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            path.unlink()


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; os.write may take fewer than it is given."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def publish(descriptor: int, temporary: Path, final: Path, sha256: str) -> str:
    """Sync an open temporary file, read it back, give it its final name and sync the folder.

    Returns the SHA-256 of what the device gave back. Raises OSError when the device fails or gives back other
    bytes than were written.
    """
    os.fsync(descriptor)
    read_back = hash_open_file(descriptor)
    if read_back != sha256:
        raise OSError(f"read-back of {final.name} differs from what was written")
    ensure_folder(final.parent)
    temporary.rename(final)
    sync_folder(final.parent)
    return read_back


def write_durably(path: Path, data: bytes) -> None:
    """Write one small file so that it is there, whole, after a power cut."""
    with temporary_file(path.parent) as (descriptor, temporary):
        write_all(descriptor, data)
        publish(descriptor, temporary, path, hashlib.sha256(data).hexdigest())


def sweep_leftovers(folder: Path, older_than: timedelta) -> int:
    """Take away the temporary files that killed writers left anywhere under a folder; how many."""
    return remove_aged(folder.rglob(f"{TEMPORARY}*"), older_than)


def remove_aged(paths: Iterable[Path], older_than: timedelta) -> int:
    """Remove those files that nobody changed for this long; one that goes meanwhile is no failure."""
    before, removed = time.time() - older_than.total_seconds(), 0
    for path in paths:
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime <= before:
                path.unlink()
                removed += 1
    return removed
