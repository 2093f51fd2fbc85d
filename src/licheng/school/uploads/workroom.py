"""Folders of the makers: where a version is being made, and the pictures of it and of its sources."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from licheng.foundations.durable import ensure_folder, hash_open_file, sync_folder
from licheng.foundations.files.sandbox import is_ordinary, made_file
from licheng.school.uploads.storage import prepared_path

MAKING, SIDES = "making", "sides"


def sides_folder(row_id: UUID) -> Path:
    """Where the pictures of a preparation, or the thumbnail of a photo, are."""
    return Path(settings.UPLOADS_ROOT) / SIDES / str(row_id)


def fresh_folder(row_id: UUID) -> Path:
    """An empty folder to make something in; what an interrupted attempt left there is gone."""
    folder = Path(settings.UPLOADS_ROOT) / MAKING / str(row_id)
    shutil.rmtree(folder, ignore_errors=True)
    ensure_folder(folder.parent)
    folder.mkdir(mode=0o700)
    return folder


def keep_result(made: Path, preparation_id: UUID) -> str:
    """Give a finished version its durable place; the SHA-256 of what the device gives back.

    Raises ValueError when it is no ordinary file any more: what drew its pages could write beside it.
    """
    final = prepared_path(preparation_id)
    ensure_folder(final.parent)
    descriptor = os.open(made_file(made.parent, made.name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
        sha256 = hash_open_file(descriptor)
    finally:
        os.close(descriptor)
    made.rename(final)
    sync_folder(final.parent)
    return sha256


def keep_sides(folder: Path, row_id: UUID) -> None:
    """Put the pictures of a folder where pages find them; nothing hangs on them, so nothing is synced.

    Whatever else the sandbox left goes, links above all: pages would give out what they lead to.
    """
    for path in folder.iterdir():
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path)
        elif path.suffix != ".jpg" or not is_ordinary(path):
            path.unlink()
    target = sides_folder(row_id)
    shutil.rmtree(target, ignore_errors=True)
    ensure_folder(target.parent)
    folder.rename(target)


def forget(row_id: UUID) -> None:
    """Give the space of pictures and unfinished work back."""
    for name in (SIDES, MAKING):
        shutil.rmtree(Path(settings.UPLOADS_ROOT) / name / str(row_id), ignore_errors=True)


def forget_work(row_id: UUID) -> None:
    """Give the space of unfinished work back."""
    shutil.rmtree(Path(settings.UPLOADS_ROOT) / MAKING / str(row_id), ignore_errors=True)


def remembered() -> Iterator[UUID]:
    """The rows for which there are folders; a folder of another name is nobody's and is not touched."""
    for name in (SIDES, MAKING):
        folder = Path(settings.UPLOADS_ROOT) / name
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        for text in names:
            try:
                yield UUID(text)
            except ValueError:
                continue
