"""The copies of the file store: folders of this machine, or agents on others, each with every file once."""

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from django.conf import settings

from licheng.foundations.custody import witness
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.custody.folder import FolderCopy
from licheng.foundations.custody.volumes import CopyState, Mount, Stored, VolumeIdentity, WrongVolume
from licheng.foundations.durable import CHUNK_BYTES, TEMPORARY, ensure_folder, temporary_file, write_all

__all__ = [
    "Copy",
    "CopyState",
    "Digests",
    "FolderCopy",
    "Stored",
    "chunks",
    "copies",
    "declared_copies",
    "digests",
    "good_path",
    "landing",
    "put_everywhere",
    "third_copy",
]

log = logging.getLogger(__name__)
THIRD = "third"


class Digests(NamedTuple):
    """What a file's bytes are known by: SHA-256 and MD5 (hexadecimal), and how many there are."""

    sha256: str
    md5: str
    size_bytes: int

    @classmethod
    def of(cls, data: bytes) -> "Digests":
        """Those of bytes in memory."""
        md5 = hashlib.md5(data, usedforsecurity=False)
        return cls(hashlib.sha256(data).hexdigest(), md5.hexdigest(), len(data))


class Copy(Protocol):
    """A place that holds every file once. Every method raises OSError when the device or its host fails."""

    @property
    def name(self) -> str:
        """Its name: a, b, c by their order in LICHENG_COPIES, or `third`."""

    def put(self, source: BinaryIO, sha256: str, *, may_use_reserve: bool = True) -> Stored:
        """Keep the bytes of a seekable open file durably; what the copy itself read back."""

    def state(self, sha256: str) -> CopyState:
        """What it gives back for a hash; it reads and hashes the whole file on its own machine."""

    def holds(self, sha256: str) -> bool:
        """Whether it gives back exactly these bytes."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as they are, unchecked. Raises FileNotFoundError when there are none."""

    def hashes(self) -> Iterator[str]:
        """The names of all files, sorted."""

    def set_aside(self, sha256: str) -> None:
        """Move a changed file out of the way, kept as evidence."""

    def remove(self, sha256: str) -> None:
        """Take a file away."""

    def sweep(self, older_than: timedelta) -> int:
        """Remove what killed writers left; how many files."""

    def free_bytes(self) -> int:
        """Space left."""

    def keep_reserve(self, size: int) -> bool:
        """Hold space back; False when there is no room for it now."""

    def release_reserve(self) -> None:
        """Give the reserve up."""

    def identity(self) -> VolumeIdentity | None:
        """Which volume stands there; None when it was never opened."""

    def set_identity(self, identity: VolumeIdentity) -> None:
        """Write which volume this is."""

    def mount(self) -> Mount:
        """What it stands on."""


def copies() -> tuple[Copy, ...]:
    """The copies of the acknowledgement, the one read first in front, each held to its opened volume."""
    return _copies(is_held=True)


def declared_copies() -> tuple[Copy, ...]:
    """The same places whatever volume stands there: for the guard, which finds that out."""
    return _copies(is_held=False)


def _copies(*, is_held: bool) -> tuple[Copy, ...]:
    places = enumerate(settings.COPY_ROOTS)
    return tuple(_copy(chr(ord("a") + number), place, is_held=is_held) for number, place in places)


def _copy(name: str, place: str | Path, *, is_held: bool) -> Copy:
    memory = witness.remembered(name) if is_held else None
    expected = memory.identity if memory else None
    if "://" in str(place):
        from licheng.foundations.custody.remote import AgentCopy  # noqa: PLC0415 -- loads an HTTP client

        return AgentCopy.at(name, str(place), Path(settings.COPY_AGENTS), expected)
    return FolderCopy(name, Path(place), expected)


def third_copy() -> Copy | None:
    """The copy outside the acknowledgement path, where one is set up."""
    if not settings.THIRD_COPY:
        return None
    from licheng.foundations.custody.third import S3Copy  # noqa: PLC0415 -- loads boto3, which few sites need

    return S3Copy.at(THIRD, settings.THIRD_COPY)


def put_everywhere(source: BinaryIO, sha256: str) -> tuple[Stored, ...]:
    """Keep an open file in every copy, one after the other; what each of them says that it stored.

    Raises OSError when a copy fails, or stored other bytes; what an earlier one holds is the janitor's.
    """
    size = source.seek(0, os.SEEK_END)
    said = []
    for copy in copies():
        stored = copy.put(source, sha256, may_use_reserve=False)
        if (stored.sha256, stored.size) != (sha256, size):
            raise OSError(f"copy {copy.name} stored other bytes than {sha256}")
        said.append(stored)
    _require_apart(said)
    return tuple(said)


def _require_apart(said: list[Stored]) -> None:
    """Two names of one volume are one copy. Volumes that were never opened have no identity to compare."""
    opened = [stored.volume for stored in said if stored.epoch]
    if len(set(opened)) < len(opened):
        raise WrongVolume("two copies answered from one volume")


@contextmanager
def landing() -> Iterator[tuple[int, Path]]:
    """An open temporary file for bytes on their way in: in the first copy that is a folder here.

    Raises OSError when there is no room; a device that is found full gives up its reserve.
    """
    folders = [copy for copy in copies() if isinstance(copy, FolderCopy)]
    if not folders:
        with temporary_file(Path(settings.UPLOADS_ROOT)) as opened:
            yield opened
        return
    folders[0].require_room()
    with folders[0].giving_up_reserve(), temporary_file(folders[0].root) as opened:
        yield opened


def good_path(sha256: str) -> Path:
    """A file of this machine whose bytes were just checked; a copy that fails only means the next one.

    Bytes of a copy on another machine are brought here first. Raises CopyLost when no copy holds them.
    """
    for copy in copies():
        try:
            if path := _good_path(copy, sha256):
                return path
        except OSError:
            log.exception("copy %s failed while it was read", copy.name)
            continue
        log.error("copy %s does not give %s back", copy.name, sha256)
    raise CopyLost


def _good_path(copy: Copy, sha256: str) -> Path | None:
    if isinstance(copy, FolderCopy):
        return copy.path(sha256) if copy.holds(sha256) else None
    return _fetched(copy, sha256)


def _fetched(copy: Copy, sha256: str) -> Path | None:
    """The bytes of another machine in a file here; None when it gives back others.

    The file is named as temporary, so that the janitor takes it a day after it was last asked for.
    """
    final = Path(settings.UPLOADS_ROOT) / f"{TEMPORARY}fetched-{sha256}"
    if final.exists() and _hash_of(final) == sha256:
        os.utime(final)
        return final
    ensure_folder(final.parent)
    digest = hashlib.sha256()
    try:
        with copy.open(sha256) as source, temporary_file(final.parent) as (descriptor, temporary):
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                write_all(descriptor, chunk)
            if digest.hexdigest() != sha256:
                return None
            temporary.rename(final)
    except FileNotFoundError:
        return None
    return final


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(sha256: str) -> Iterator[bytes]:
    """The bytes of a file from a copy that was checked by this call, before the first byte is asked for.

    Raises CopyLost when no copy holds them: an answer that has begun could no longer say so.
    """
    return _pieces(good_path(sha256))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def digests(source: BinaryIO) -> Digests:
    """Those of an open file, which is left at its start."""
    source.seek(0)
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    while chunk := source.read(CHUNK_BYTES):
        sha256.update(chunk)
        md5.update(chunk)
        size += len(chunk)
    source.seek(0)
    return Digests(sha256.hexdigest(), md5.hexdigest(), size)
