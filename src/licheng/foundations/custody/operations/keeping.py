"""Writing down what the copies hold: when a file is taken in, and for files from before that was done."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody import mentions, references
from licheng.foundations.custody.copies import Copy, Stored, copies
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.custody.models import Content

log = logging.getLogger(__name__)
BATCH = 500
WATCHED = 3  # reads after an acknowledgement; then the scrub alone comes by
# One statement, as every upload waits for it: the content, locked where it is there already, what every copy
# holds of it, and what was wrong with that. In the order of the hashes: no deadlock.
NOTE = """
WITH content AS (
    INSERT INTO custody_content (sha256, size_bytes, kept_at, reads_done)
    SELECT sha256, size_bytes, %(now)s, 0
    FROM unnest(%(hashes)s::text[], %(sizes)s::bigint[]) AS one (sha256, size_bytes) ORDER BY sha256
    ON CONFLICT (sha256) DO UPDATE SET size_bytes = custody_content.size_bytes
    RETURNING sha256, removed_at, set_aside_at
), kept AS (
    INSERT INTO custody_keptcopy (content_id, copy, state, verified_at)
    SELECT sha256, copy, 'good', %(now)s
    FROM unnest(%(hashes)s::text[]) AS one (sha256), unnest(%(copies)s::text[]) AS other (copy)
    ON CONFLICT (content_id, copy) DO UPDATE SET state = excluded.state, verified_at = excluded.verified_at
), healed AS (
    UPDATE custody_defect SET healed_at = %(now)s
    WHERE sha256 = ANY (%(hashes)s::text[]) AND copy = ANY (%(copies)s::text[]) AND healed_at IS NULL
)
SELECT sha256, removed_at FROM content WHERE removed_at IS NOT NULL OR set_aside_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One content and what each copy said it stored, in the order of the copies."""

    sha256: str
    size_bytes: int
    stored: Sequence[Stored]


@transaction.atomic(savepoint=False)
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
        _require_same(one, len(keepers))
    now = timezone.now()
    hashes, sizes = [one.sha256 for one in batch], [one.size_bytes for one in batch]
    names = [copy.name for copy in keepers]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"hashes": hashes, "sizes": sizes, "copies": names, "now": now})
        given_up = cursor.fetchall()
    for sha256, removed_at in given_up:
        # Removed between the copies' answer and this commit: their answer is worth nothing.
        if removed_at and not all(copy.holds(sha256) for copy in keepers):
            raise CopyLost
    if given_up:
        again = Content.every.filter(pk__in=[sha256 for sha256, _removed_at in given_up])
        again.update(removed_at=None, set_aside_at=None, reads_done=0, kept_at=now)


def _require_same(one: Kept, copies_wanted: int) -> None:
    said = {(stored.sha256, stored.size) for stored in one.stored}
    if said != {(one.sha256, one.size_bytes)} or len(one.stored) < copies_wanted:
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
