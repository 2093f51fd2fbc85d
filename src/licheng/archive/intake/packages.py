"""Where packages lie while they arrive and are checked: one file per deposit, named by its id."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from licheng.archive.intake.errors import PackageDiffers, PackageNotKept
from licheng.foundations import tus
from licheng.foundations.durable import hash_open_file, sync_folder


def package_folder() -> Path:
    """Where packages and what is taken out of them lie; apart from the packages that a school site seals."""
    return Path(settings.PACKAGES_ROOT) / "intake"


def package_path(deposit_id: UUID) -> Path:
    """The file of a deposit's package, once all of it is here."""
    return package_folder() / f"{deposit_id}.zip"


def part_path(deposit_id: UUID) -> Path:
    """What has arrived so far."""
    return package_folder() / f"{deposit_id}.part"


def append_part(stream: tus.Stream, *, deposit_id: UUID, offset: int, size_bytes: int) -> int:
    """Add what a school sends from `offset` on; how many bytes are here now, durably.

    Raises OffsetDiffers, UploadBusy, or PackageNotKept when the device fails.
    """
    try:
        return tus.append(part_path(deposit_id), stream, offset=offset, size=size_bytes)
    except OSError as failure:
        raise PackageNotKept from failure


def complete_package(*, deposit_id: UUID, sha256: str) -> None:
    """Read the whole package back and give it its name; running it again changes nothing.

    Raises PackageDiffers for other bytes than announced, which are dropped, and PackageNotKept when the
    device fails.
    """
    part, final = part_path(deposit_id), package_path(deposit_id)
    if final.exists():
        return
    try:
        descriptor = os.open(part, os.O_RDONLY)
        try:
            found = hash_open_file(descriptor)
        finally:
            os.close(descriptor)
        if found != sha256:
            part.unlink()
            raise PackageDiffers(announced=f"SHA-256 {sha256}", received=f"SHA-256 {found}")
        part.rename(final)
        sync_folder(final.parent)
    except OSError as failure:
        raise PackageNotKept from failure


def drop_package(deposit_id: UUID) -> None:
    """Delete the package of a refused deposit."""
    package_path(deposit_id).unlink(missing_ok=True)


def too_long(size_bytes: int, length: int) -> PackageDiffers:
    """The refusal of a part that goes beyond the announced end."""
    return PackageDiffers(announced=_bytes(size_bytes), received=_bytes(length))


def _bytes(size: int) -> str:
    return _("%(n)s 位元組") % {"n": f"{size:,}"}
