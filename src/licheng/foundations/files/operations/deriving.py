import hashlib
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import good_path
from licheng.foundations.durable import CHUNK_BYTES, ensure_folder, sync_folder, write_durably
from licheng.foundations.errors import NotFound
from licheng.foundations.files.inspection import Verdict, inspect
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.names import CLEANED_NAME, PAGES_DRAWN, THUMBNAIL_NAME, page_name
from licheng.foundations.files.previews import FACTS_NAME, Derived, cleaned_path, derived_of, folder_of
from licheng.foundations.files.sandbox import Limits, SandboxFailed, call
from licheng.foundations.queueing import enqueue_on_commit

MAKING = ".making-"
LEFT_BEHIND_SECONDS = (
    3600  # own bound: no drawing takes an hour; what is older was left by a worker that died
)
ASK_AGAIN_SECONDS = 60
MAX_PICTURE_BYTES = 20 * 2**20  # own bounds; a page of 1,200 by 4,800 pixels is about 3 MB at the most
DRAWING = Limits(memory_bytes=2**30, cpu_seconds=80, wall_seconds=90, written_bytes=MAX_PICTURE_BYTES)
CLEANING = Limits(memory_bytes=2**30, cpu_seconds=60, wall_seconds=60, written_bytes=64 * 2**20)
log = logging.getLogger(__name__)


def derive_file(*, actor: Actor, file_id: UUID) -> Derived | None:  # noqa: ARG001 -- operations name their actor
    """Draw the pages of a file and make the version for readers; what is there already is left alone.

    None for a file in which malware was found. Raises NotFound, CopyLost, or SandboxFailed when this machine
    cannot fence the parsers in.
    """
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise NotFound
    if stored.scan == ScanState.INFECTED:
        return None
    made = derived_of(stored)
    if made is not None and (not made.cleaned or cleaned_path(stored)):
        return made
    with _scratch() as (working, ready):
        source = good_path(stored.sha256)
        cleaned = _clean(stored, source, working, ready) if stored.cleaning else None
        pages = _draw(stored, cleaned or source, working, ready)
        made = Derived(
            pages=pages,
            pages_failed=pages < min(stored.pages, PAGES_DRAWN),
            cleaned="" if cleaned is None else _sha256(cleaned),
            cleaned_failed=bool(stored.cleaning) and cleaned is None,
        )
        write_durably(ready / FACTS_NAME, made.as_json())
        _publish(ready, folder_of(stored.sha256))
    return made


def derive_lost(*, actor: Actor, file_id: UUID) -> None:  # noqa: ARG001 -- operations name their actor
    """Have it made again for a page that misses it; asked many times, it is queued once a minute."""
    if cache.add(f"files:derive:{file_id}", 1, timeout=ASK_AGAIN_SECONDS):
        enqueue_on_commit("licheng.foundations.files.tasks.derive", file_id=str(file_id))


@contextmanager
def _scratch() -> Iterator[tuple[Path, Path]]:
    """A folder the sandbox may write to, and one that becomes the result; both are gone afterwards."""
    root = Path(settings.DERIVED_ROOT)
    ensure_folder(root)
    for old in root.glob(f"{MAKING}*"):
        with suppress(FileNotFoundError):
            if time.time() - old.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=root) as folder:
        working, ready = Path(folder) / "working", Path(folder) / "ready"
        working.mkdir()
        ready.mkdir()
        yield working, ready


def _clean(stored: StoredFile, source: Path, working: Path, ready: Path) -> Path | None:
    arguments = {"source": str(source), "folder": str(working), "media_type": stored.media_type}
    function = "licheng.foundations.files.cleaning:clean"
    if not _called(function, arguments, source, working, CLEANING):
        return None
    target = ready / CLEANED_NAME
    if not _taken_over(working / CLEANED_NAME, target, CLEANING.written_bytes):
        return None
    inspected = inspect(target, stored.original_name, allowed=frozenset({stored.media_type}))
    if inspected.verdict != Verdict.ACCEPT:  # cleaned by the rules, yet not clean: nobody is given that
        codes = [reason.code for reason in inspected.reasons]
        log.error("the cleaned copy of %s is not clean: %s", stored.sha256, codes)
        target.unlink()
        return None
    return target


def _draw(stored: StoredFile, source: Path, working: Path, ready: Path) -> int:
    """How many pages are there, from the first on without a gap."""
    if not stored.pages:
        return 0
    arguments = {"source": str(source), "folder": str(working), "media_type": stored.media_type}
    _called("licheng.foundations.files.drawing:draw", arguments, source, working, DRAWING)
    if not _taken_over(working / THUMBNAIL_NAME, ready / THUMBNAIL_NAME, MAX_PICTURE_BYTES):
        return 0
    for number in range(1, min(stored.pages, PAGES_DRAWN) + 1):
        if not _taken_over(working / page_name(number), ready / page_name(number), MAX_PICTURE_BYTES):
            return number - 1
    return min(stored.pages, PAGES_DRAWN)


def _called(function: str, arguments: dict[str, str], source: Path, working: Path, limits: Limits) -> bool:
    try:
        call(function, arguments={**arguments}, reads=(source,), writes=working, limits=limits)
    except SandboxFailed as failed:
        if failed.reason == "refused":
            raise
        log.warning("%s did not end well (%s): %s", function, failed.reason, source.name)
        return False
    return True


def _taken_over(path: Path, target: Path, limit_bytes: int) -> bool:
    """Copy what the sandbox wrote, if it is an ordinary file: a link would lead to whatever it names."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or not 0 < facts.st_size <= limit_bytes:
            log.error("the sandbox left something else than a file: %s", path.name)
            return False
        with os.fdopen(descriptor, "rb", closefd=False) as file, target.open("xb") as out:
            shutil.copyfileobj(file, out, CHUNK_BYTES)
            out.flush()
            os.fsync(out.fileno())
    finally:
        os.close(descriptor)
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _publish(ready: Path, final: Path) -> None:
    """Let the folder appear whole; what stood there, incomplete, goes. Of two at once the second wins."""
    ensure_folder(final.parent)
    sync_folder(ready)
    old = ready.with_name("old")
    with suppress(FileNotFoundError):
        final.rename(old)
    try:
        ready.rename(final)
    except OSError:
        if not final.is_dir():
            raise
        log.info("%s was made twice at once", final.name)
    sync_folder(final.parent)
