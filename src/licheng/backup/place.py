"""Where backups are kept: contents by hash, bases, the change log, and signed-off documents written last."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from licheng_exchange import NotCanonical, canonical, digest, parse_canonical

from licheng.foundations.durable import CHUNK_BYTES, publish, temporary_file, write_all, write_durably

type Body = dict[str, Any]
type Row = dict[str, Any]  # {"path", "sha256", "size"}

DOCUMENT_VERSION = 1


class BackupFailed(RuntimeError):
    """What stopped a backup or restore, said in Chinese and English."""


class Differs(BackupFailed):
    """Bytes do not have the hash they are kept under."""


class Place:
    """One folder of backups. A document in it is the last thing written, so half a backup has none."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.bases = self.root / "base"

    def prepare(self) -> None:
        """Make the folder, closed to others.

        Raises BackupFailed when it cannot be written to.
        """
        try:
            for folder in (self.root, self.bases):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self.root / "README", README.encode())
        except OSError as failure:
            raise BackupFailed(
                f"備份位置不能寫入：{failure}。 The backup place is not writable."
            ) from failure

    @contextmanager
    def locked(self, name: str, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
        """Hold one of the place's locks; it ends with the process.

        Raises BackupFailed when somebody else has it and nobody wants to wait.
        """
        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        path = self.root / f".lock-{name}"
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)  # a restore may only read
        try:
            try:
                fcntl.flock(descriptor, how)
            except BlockingIOError as busy:
                raise BackupFailed("另一個備份正在進行。 Another backup is under way here.") from busy
            yield
        finally:
            os.close(descriptor)

    def object_path(self, sha256: str) -> Path:
        """Where bytes of this hash are kept."""
        return self.root / "objects" / sha256[:2] / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether bytes of this hash were taken in before; their content is checked before every restore."""
        try:
            return self.object_path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def keep(self, source: BinaryIO, sha256: str | None = None) -> tuple[str, int]:
        """Copy an open file in, hashing what is read; its hash and size.

        Raises Differs when the bytes are not those of `sha256`, OSError when either device fails.
        """
        seen, size = hashlib.sha256(), 0
        with temporary_file(self.root / "objects") as (descriptor, temporary):
            while chunk := source.read(CHUNK_BYTES):
                seen.update(chunk)
                write_all(descriptor, chunk)
                size += len(chunk)
            found = seen.hexdigest()
            if sha256 not in {None, found}:
                raise Differs(f"{sha256} 的內容不符。 The bytes kept as {sha256} are others.")
            if not self.has(found, size):
                publish(descriptor, temporary, self.object_path(found), found)
        return found, size

    def write_document(self, path: Path, body: Body) -> None:
        """Write a document with its own hash, durably: from now on the backup counts."""
        write_durably(path, canonical({"body": body, "sha256": digest(body)}))

    def read_document(self, path: Path) -> Body:
        """The body of a document.

        Raises BackupFailed when it is missing or was changed.
        """
        try:
            document = parse_canonical(path.read_bytes())
            body: Body = document["body"]
            whole = document["sha256"] == digest(body) and body["v"] == DOCUMENT_VERSION
        except (OSError, NotCanonical, KeyError, TypeError) as failure:
            raise BackupFailed(f"讀不到 {path.name}：{failure}。 {path.name} cannot be read.") from failure
        if not whole:
            raise BackupFailed(f"{path.name} 已被更動。 {path.name} was changed.")
        return body

    def backup_path(self, backup: str) -> Path:
        """The document of a whole backup."""
        return self.root / "backups" / f"{backup}.json"

    def point_path(self, system: str) -> Path:
        """The newest point of a cluster."""
        return self.root / "points" / f"{system}.json"

    def backups(self, system: str | None = None) -> list[Body]:
        """Every whole backup, or those of one cluster, oldest first."""
        paths = sorted((self.root / "backups").glob("[0-9]*.json"))
        bodies = [self.read_document(path) for path in paths]
        return [body for body in bodies if system in {None, body["system"]}]

    def newest_point(self, system: str) -> Body | None:
        """The newest moment of a cluster that was written down after its last whole backup, if any."""
        path = self.point_path(system)
        return self.read_document(path) if path.exists() else None

    def log_folder(self, name: str) -> Path:
        """Where a change log is received; without a gap inside."""
        return self.root / "wal" / name

    def logs(self, system: str) -> list[str]:
        """The change logs of a cluster, oldest first; another begins wherever there was a gap."""
        return sorted(path.name for path in (self.root / "wal").glob(f"{system}-*"))

    def current_log(self, system: str) -> str:
        """The log that is received now, or would be gone on with; empty when there is none."""
        return next(reversed(self.logs(system)), "")

    def clear_leftovers(self) -> None:
        """Remove what an interrupted backup left: unfinished bases, and bases no document speaks of."""
        known = {body["id"] for body in self.backups()}
        for folder in self.bases.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder)
        for path in self.root.glob("**/.tmp-*"):
            path.unlink(missing_ok=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes; 64 hexadecimal digits."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()


README = """Backups of 歷程 Licheng. Do not change anything here by hand.
backups/  one document per whole backup; points/  the newest moment after it; base/  the database;
wal/  its change log; objects/  files and ledger under their SHA-256. The keys are not here.
"""
