"""Where packages lie while they are checked: one file per deposit, named by its id."""

import hashlib
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from licheng.archive.intake.errors import PackageDiffers, PackageNotKept
from licheng.foundations.durable import CHUNK_BYTES, publish, temporary_file, write_all


class Stream(Protocol):
    """What gives bytes until it is empty: a request, a file."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; empty at the end."""


def package_folder() -> Path:
    """Where packages and what is taken out of them lie; apart from the packages that a school site seals."""
    return Path(settings.PACKAGES_ROOT) / "intake"


def package_path(deposit_id: UUID) -> Path:
    """The file of a deposit's package."""
    return package_folder() / f"{deposit_id}.zip"


def keep_package(stream: Stream, *, deposit_id: UUID, sha256: str, size_bytes: int) -> None:
    """Stream a package to disk, durable and read back; nothing stays of one that is not as announced.

    Raises PackageDiffers for other bytes and PackageNotKept when the device fails.
    """
    final = package_path(deposit_id)
    try:
        with temporary_file(final.parent) as (descriptor, temporary):
            digest, size = hashlib.sha256(), 0
            while size <= size_bytes and (chunk := stream.read(CHUNK_BYTES)):
                size += len(chunk)
                digest.update(chunk)
                write_all(descriptor, chunk)
            _as_announced(size, digest.hexdigest(), size_bytes, sha256)
            publish(descriptor, temporary, final, sha256)
    except OSError as failure:
        raise PackageNotKept from failure


def drop_package(deposit_id: UUID) -> None:
    """Delete the package of a refused deposit."""
    package_path(deposit_id).unlink(missing_ok=True)


def _as_announced(size: int, sha256: str, announced_size: int, announced_sha256: str) -> None:
    if size != announced_size:
        raise PackageDiffers(announced=_bytes(announced_size), received=_bytes(size))
    if sha256 != announced_sha256:
        raise PackageDiffers(announced=f"SHA-256 {announced_sha256}", received=f"SHA-256 {sha256}")


def _bytes(size: int) -> str:
    return _("%(n)s 位元組") % {"n": f"{size:,}"}
