"""Healing: the bytes of a copy that were hashed just now go to the copy that lost or changed them."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Copy
from licheng.foundations.custody.models import Content, CopyState, Defect, DefectKind, Job
from licheng.foundations.custody.operations.reading import (
    copy_named,
    every_copy,
    note_readings,
    read_where_it_is,
)
from licheng.foundations.custody.operations.running import Budget, Tally

log = logging.getLogger(__name__)
AT_ONCE = 200
MOST_DEFECTS = 20_000  # own bound: names of open defects that one run takes along; its time ends sooner
SPOOL_BYTES = 1 << 20


def heal_content(*, actor: Actor, sha256: str) -> str:
    """Put the bytes back where a defect says they are missing or changed: `healed`, `left` open or `lost`.

    Without a good copy everything stays as it is, named loudly: what cannot be healed is never deleted.
    """
    damaged = Defect.objects.filter(sha256=sha256, healed_at__isnull=True).exclude(kind=DefectKind.UNTRACKED)
    names = set(damaged.values_list("copy", flat=True))
    targets = [copy for copy in every_copy() if copy.name in names]
    source = good_source(_asked(last=names), sha256)
    if source is None:
        return "lost"
    healed = [_mend(actor, copy, source, sha256) for copy in targets]
    return "healed" if all(healed) and len(targets) == len(names) else "left"


def heal_open(*, actor: Actor, tally: Tally, budget: Budget) -> None:
    """Try to heal what is still open, in no order, so that one lost file does not keep the others waiting."""
    waiting = Defect.objects.filter(healed_at__isnull=True).exclude(kind=DefectKind.UNTRACKED)
    found = waiting.order_by("?").values_list("sha256", flat=True)[:MOST_DEFECTS]
    for sha256 in dict.fromkeys(found):
        if budget.is_spent:
            return
        tally.figures[heal_content(actor=actor, sha256=sha256)] += 1


def heal_copy(
    *, actor: Actor, target: str, source: str | None, told: Callable[[int, int, Tally], None]
) -> Tally:
    """Rebuild a whole copy, as after it was wiped; safe to kill and to start again.

    `told` hears how many of how many contents were looked at. Without `source` any good copy may give the
    bytes. Raises UnknownCopy.
    """
    copy, giver = copy_named(target), copy_named(source) if source else None
    tally, total = Tally(), Content.objects.count()
    hashes = Content.objects.order_by("pk").values_list("pk", flat=True)
    for done, sha256 in enumerate(hashes.iterator(chunk_size=AT_ONCE), start=1):
        tally.figures[_rebuild(actor, copy, giver, sha256, tally)] += 1
        told(done, total, tally)
    return tally


def _rebuild(actor: Actor, copy: Copy, giver: Copy | None, sha256: str, tally: Tally) -> str:
    try:
        if note_readings(readings=[read_where_it_is(copy, sha256)], found_by=Job.COMPARE) == []:
            return "good"
    except OSError:
        log.exception("copy %s failed while it was rebuilt", copy.name)
        tally.unreachable(copy.name)
        return "left"
    if giver and not _is_good(giver, sha256):
        log.error("copy %s does not give %s back", giver.name, sha256)
        return "left"
    source = giver or good_source(_asked(last={copy.name}), sha256)
    if source is None:
        return "lost"
    return "healed" if _mend(actor, copy, source, sha256) else "left"


def good_source(asked: Iterable[Copy], sha256: str) -> Copy | None:
    """The first of the copies whose bytes are hashed right by this call; none is told loudly."""
    for copy in asked:
        if _is_good(copy, sha256):
            return copy
    log.critical("NO GOOD COPY of %s", sha256)
    return None


def put_from(source: Copy, target: Copy, sha256: str) -> None:
    """Bring the bytes of one copy into another; a changed file there is moved aside first, as evidence.

    Raises OSError when either fails, or when the bytes changed on the way.
    """
    state = read_where_it_is(target, sha256).state
    if state == CopyState.CHANGED:
        target.set_aside(sha256)
    if state != CopyState.GOOD:
        with _seekable(source, sha256) as stream:
            target.put(stream, sha256)


def _asked(last: set[str]) -> list[Copy]:
    """Every copy, those that are thought damaged at the end."""
    return sorted(every_copy(), key=lambda copy: copy.name in last)


def _is_good(copy: Copy, sha256: str) -> bool:
    try:
        return read_where_it_is(copy, sha256).is_good
    except OSError:
        log.exception("copy %s failed while it was read", copy.name)
        return False


def _mend(actor: Actor, copy: Copy, source: Copy, sha256: str) -> bool:
    """Put the bytes into one copy and read them again before the defect is closed."""
    try:
        put_from(source, copy, sha256)
        again = read_where_it_is(copy, sha256)
    except OSError:
        log.exception("copy %s could not be healed", copy.name)
        return False
    # Written down before it is closed, so that what was healed can be told afterwards.
    defect = Defect.objects.filter(copy=copy.name, sha256=sha256, healed_at__isnull=True).first()
    note_readings(readings=[again], found_by=Job.SCRUB)
    if again.is_good and defect:
        record(
            actor=actor,
            action="defect.healed",
            subject=defect,
            copy=copy.name,
            source=source.name,
            sha256=sha256,
        )
        log.warning("copy %s: %s healed from copy %s", copy.name, sha256, source.name)
    return again.is_good


@contextmanager
def _seekable(source: Copy, sha256: str) -> Iterator[BinaryIO]:
    """The bytes of a copy as `put` wants them: it begins at the start, which a network stream cannot."""
    with source.open(sha256) as stream, tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as kept:
        shutil.copyfileobj(stream, kept)
        yield cast("BinaryIO", kept)
