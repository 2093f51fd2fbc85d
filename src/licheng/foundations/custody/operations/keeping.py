"""Writing down what the copies hold: when a file is taken in, and for files from before that was done."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody import mentions, references
from licheng.foundations.custody.copies import Copy, Stored, copies
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.custody.models import Content, CopyState, Defect, KeptCopy

log = logging.getLogger(__name__)
BATCH = 500
WATCHED = 3  # reads after an acknowledgement; then the scrub alone comes by


@dataclass(frozen=True, slots=True)
class Kept:
    """One content and what each copy said it stored, in the order of the copies."""

    sha256: str
    size_bytes: int
    stored: Sequence[Stored]


@transaction.atomic
def note_kept(*, sha256: str, size_bytes: int, stored: Sequence[Stored]) -> None:
    """Write down, inside the caller's transaction, what every copy stored and read back; idempotent.

    Raises ValueError when a copy stored something else, CopyLost when the bytes were removed meanwhile.
    """
    _note_batch([Kept(sha256, size_bytes, stored)], copies())


@transaction.atomic
def note_all_kept(*, kept: Iterable[Kept]) -> None:
    """The same for many contents."""
    for batch in batched(sorted(kept, key=lambda one: one.sha256), BATCH):  # in order: no deadlock
        _note_batch(batch, copies())


def _note_batch(batch: Sequence[Kept], keepers: Sequence[Copy]) -> None:
    for one in batch:
        _require_same(one)
    hashes = [one.sha256 for one in batch]
    rows = [Content(sha256=one.sha256, size_bytes=one.size_bytes) for one in batch]
    Content.every.bulk_create(rows, ignore_conflicts=True)
    locked = list(Content.every.select_for_update().filter(pk__in=hashes).order_by("pk"))
    for content in locked:
        # Removed between the copies' answer and this commit: their answer is worth nothing.
        if content.removed_at and not all(copy.holds(content.sha256) for copy in keepers):
            raise CopyLost
    now = timezone.now()
    if revived := [content.pk for content in locked if content.removed_at or content.set_aside_at]:
        again = Content.every.filter(pk__in=revived)
        again.update(removed_at=None, set_aside_at=None, reads_done=0, kept_at=now)
    read = [
        KeptCopy(content_id=sha256, copy=copy.name, state=CopyState.GOOD, verified_at=now)
        for sha256 in hashes
        for copy in keepers
    ]
    KeptCopy.objects.bulk_create(
        read, update_conflicts=True, unique_fields=["content", "copy"], update_fields=["state", "verified_at"]
    )
    names = [copy.name for copy in keepers]
    Defect.objects.filter(sha256__in=hashes, copy__in=names, healed_at__isnull=True).update(healed_at=now)


def _require_same(one: Kept) -> None:
    said = {(stored.sha256, stored.size) for stored in one.stored}
    if said != {(one.sha256, one.size_bytes)} or len(one.stored) < len(copies()):
        raise ValueError(f"the copies do not agree that they stored {one.sha256}")


def adopt_contents(*, actor: Actor) -> int:
    """Write contents down for files that were taken in before; how many. Nothing is called good unread.

    Their copies count as verified only after the scrub has read them.
    """
    adopted = sum(_adopt(batch) for model in references.speakers() for batch in _unwritten(model))
    if adopted:
        log.info("%s adopted %d contents", actor.label, adopted)
    return adopted


def _unwritten(model: type[Model]) -> Iterator[tuple[tuple[str, int], ...]]:
    rows = mentions.unwritten(model).order_by("sha256").values_list("sha256", "size_bytes").distinct()
    return batched(rows.iterator(chunk_size=BATCH), BATCH)


def _adopt(batch: Sequence[tuple[str, int]]) -> int:
    rows = [Content(sha256=sha256, size_bytes=size, reads_done=WATCHED) for sha256, size in batch]
    return len(Content.every.bulk_create(rows, ignore_conflicts=True))
