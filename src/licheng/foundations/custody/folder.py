"""One copy in a folder: plain files named by their SHA-256. Needs no Django: the copy agent is made of it."""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from licheng.foundations.custody.volumes import (
    NOBODY,
    CopyState,
    Mount,
    ReserveGivenUp,
    Stored,
    VolumeIdentity,
    WrongVolume,
    mount_of,
    nearest,
    read_identity,
    write_identity,
)
from licheng.foundations.durable import (
    CHUNK_BYTES,
    TEMPORARY,
    ensure_folder,
    hash_open_file,
    publish,
    remove_aged,
    sync_folder,
    temporary_file,
    write_all,
)

RESERVE = ".reserve"
ASIDE = ".set-aside"  # changed files that were replaced: evidence, never deleted by a clock
NAME, FOLDER = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{2}")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FREE_AGAIN = 2  # own bound: the reserve comes back when it fits twice, so that it does not come and go


@dataclass(frozen=True, slots=True)
class FolderCopy:
    """A root that holds every file once. With `expected` it works on that volume in that state only.

    Every method raises WrongVolume (an OSError) on another volume, and OSError when the device fails.
    """

    name: str
    root: Path
    expected: VolumeIdentity | None = None

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lives."""
        return self.root / sha256[:2] / sha256

    def put(self, source: BinaryIO, sha256: str, *, may_use_reserve: bool = True) -> Stored:
        """Keep the bytes of an open file durably; what this copy itself read back."""
        source.seek(0)
        pieces = iter(lambda: source.read(CHUNK_BYTES), b"")
        return self.keep(pieces, sha256, may_use_reserve=may_use_reserve)

    def keep(self, pieces: Iterable[bytes], sha256: str, *, may_use_reserve: bool) -> Stored:
        """Keep bytes as they come.

        A file that is already there, whole, is left alone; a changed one is replaced. A failed fsync is never
        retried. Raises OSError also when other bytes come back; a full device gives up its reserve, after
        which only who may use it, a repair, is let in.
        """
        self._require_expected()
        if not may_use_reserve:
            self.require_room()
        if self._found(sha256) == CopyState.GOOD:
            stored = self._whole(sha256)
        else:
            with self.giving_up_reserve(), temporary_file(self.root) as (descriptor, temporary):
                for piece in pieces:
                    write_all(descriptor, piece)
                read_back = publish(descriptor, temporary, self.path(sha256), sha256)
                stored = read_back, os.fstat(descriptor).st_size
        volume = self._require_expected()
        return Stored(*stored, volume.uuid if volume else NOBODY, volume.epoch if volume else 0)

    def state(self, sha256: str) -> CopyState:
        """What this copy gives back for a hash; the whole file is read."""
        self._require_expected()
        return self._found(sha256)

    def _found(self, sha256: str) -> CopyState:
        try:
            descriptor = os.open(self.path(sha256), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return CopyState.MISSING
        try:
            return CopyState.GOOD if hash_open_file(descriptor) == sha256 else CopyState.CHANGED
        finally:
            os.close(descriptor)

    def holds(self, sha256: str) -> bool:
        """Whether this copy gives back exactly the bytes of this hash; the whole file is read."""
        return self.state(sha256) == CopyState.GOOD

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as they are, unchecked. Raises FileNotFoundError when there are none."""
        self._require_expected()
        return self.path(sha256).open("rb")

    def hashes(self) -> Iterator[str]:
        """The names of all files, sorted."""
        self._require_expected()
        folders = _sorted_names(self.root, FOLDER)
        return (
            name
            for folder in folders
            for name in _sorted_names(self.root / folder, NAME)
            if name.startswith(folder)
        )

    def set_aside(self, sha256: str) -> None:
        """Move a changed file out of the way, kept as evidence; a whole one stays where it is."""
        if self.state(sha256) != CopyState.CHANGED:
            return
        ensure_folder(self.root / ASIDE)
        self.path(sha256).rename(self.root / ASIDE / f"{sha256}.{time.time_ns()}")
        sync_folder(self.root / ASIDE)
        sync_folder(self.path(sha256).parent)

    def remove(self, sha256: str) -> None:
        """Take a file away; whoever asks has read the copies that stay. One that is gone is no failure."""
        self._require_expected()
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def sweep(self, older_than: timedelta) -> int:
        """Remove what killed writers left; how many files."""
        self._require_expected()
        return remove_aged(self.root.glob(f"{TEMPORARY}*"), older_than)

    def free_bytes(self) -> int:
        """Space left on the device of this copy."""
        return shutil.disk_usage(nearest(self.root)).free

    def keep_reserve(self, size: int) -> bool:
        """Hold space back for the day the device fills; False when there is no room for it now."""
        self._require_expected()
        path = self.root / RESERVE
        if size == 0:
            path.unlink(missing_ok=True)
            return True
        if path.exists() and path.stat().st_size == size:
            return True
        if self.free_bytes() < FREE_AGAIN * size:
            return False
        ensure_folder(self.root)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, 0)
            raise
        finally:
            os.close(descriptor)
        return True

    def release_reserve(self) -> None:
        """Give the reserve up, so that a full machine can go on reading, signing people in and healing."""
        path = self.root / RESERVE
        if path.exists():
            os.truncate(path, 0)

    def require_room(self) -> None:
        """Raise ReserveGivenUp (an OSError) while the reserve is given up: nothing new may fill its room."""
        path = self.root / RESERVE
        if path.exists() and path.stat().st_size == 0:
            raise ReserveGivenUp(errno.ENOSPC, f"copy {self.name} is full and lives on its reserve")

    @contextmanager
    def giving_up_reserve(self) -> Iterator[None]:
        """Release the reserve when what is done inside finds the device full; the error goes on."""
        try:
            yield
        except OSError as failure:
            if failure.errno in FULL:
                self.release_reserve()
            raise

    def identity(self) -> VolumeIdentity | None:
        """Which volume stands here; None when it was never opened."""
        return read_identity(self.root)

    def set_identity(self, identity: VolumeIdentity) -> None:
        """Write which volume this is; its folders are made with it, durable before the first file comes."""
        for number in range(256):
            ensure_folder(self.root / f"{number:02x}")
        write_identity(self.root, identity)

    def mount(self) -> Mount:
        """What this copy stands on."""
        return mount_of(self.root)

    def _require_expected(self) -> VolumeIdentity | None:
        """The identity as it is now. Raises WrongVolume when it is not the one this copy was opened with."""
        found = self.identity()
        if self.expected and not self.expected.is_same(found):
            raise WrongVolume(f"copy {self.name} is not as it was opened: {found} instead of {self.expected}")
        return found

    def _whole(self, sha256: str) -> tuple[str, int]:
        """What is there already, its name made durable: whoever wrote it may not have come so far."""
        sync_folder(self.path(sha256).parent)
        return sha256, self.path(sha256).stat().st_size


def _sorted_names(folder: Path, form: re.Pattern[str]) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if form.fullmatch(path.name))
    except FileNotFoundError:
        return []
