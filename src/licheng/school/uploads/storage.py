"""Bytes on their way: one file for each upload, named by its id. Nothing here is acknowledged."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from licheng.foundations.custody.copies import Digests, digests
from licheng.foundations.durable import ensure_folder, sync_folder, write_all

PREPARED = "prepared"  # beside the uploads: what the server made of them


def path_of(upload_id: UUID) -> Path:
    """Where the bytes of an upload are."""
    return Path(settings.UPLOADS_ROOT) / str(upload_id)


def prepared_path(preparation_id: UUID) -> Path:
    """Where a version that the server made is."""
    return Path(settings.UPLOADS_ROOT) / PREPARED / str(preparation_id)


def kept_bytes(upload_id: UUID) -> int:
    """How many bytes of an upload are on disk."""
    try:
        return path_of(upload_id).stat().st_size
    except FileNotFoundError:
        return 0


def write_at(upload_id: UUID, offset: int, part: bytes) -> None:
    """Put a part at `offset`, durably, over whatever a crash left behind it.

    The caller holds the upload's row. Raises OSError of the device.
    """
    path = path_of(upload_id)
    ensure_folder(path.parent)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, offset)
        os.lseek(descriptor, offset, os.SEEK_SET)
        write_all(descriptor, part)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(path.parent)


def cut_back(upload_id: UUID, offset: int) -> None:
    """Drop what was written but never told to the sender."""
    os.truncate(path_of(upload_id), offset)


def digests_of(upload_id: UUID) -> Digests:
    """Those of the whole.

    Raises FileNotFoundError when the bytes are not here.
    """
    with path_of(upload_id).open("rb") as file:
        return digests(file)


def remove(path: Path) -> None:
    """Give the space back; a file that is gone already is as good."""
    path.unlink(missing_ok=True)


def strays(older_than_seconds: float) -> Iterator[Path]:
    """Files in the folder that were not touched for a while; the caller knows which of them still count."""
    root, until = Path(settings.UPLOADS_ROOT), time.time() - older_than_seconds
    for folder in (root, root / PREPARED):
        if folder.is_dir():
            yield from (path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < until)


def has_room_for(size_bytes: int, promised_bytes: int) -> bool:
    """Whether the device takes these bytes beside all that was promised to others, and leaves the reserve."""
    ensure_folder(Path(settings.UPLOADS_ROOT))
    free = shutil.disk_usage(settings.UPLOADS_ROOT).free
    return free - promised_bytes - size_bytes > settings.RESERVE_BYTES
