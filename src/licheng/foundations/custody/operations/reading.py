"""Reading a copy back and writing down what it gave: the only ground on which a copy is called good."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.utils import timezone

from licheng.foundations.custody.copies import Copy, copies, third_copy
from licheng.foundations.custody.errors import UnknownCopy
from licheng.foundations.custody.models import Content, CopyState, Defect, DefectKind, Job, KeptCopy
from licheng.foundations.durable import CHUNK_BYTES

log = logging.getLogger(__name__)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What one copy gave back for one hash, and when the reading began."""

    copy: str
    sha256: str
    state: CopyState
    at: datetime

    @property
    def is_good(self) -> bool:
        """Whether the very bytes came back."""
        return self.state == CopyState.GOOD


def every_copy() -> tuple[Copy, ...]:
    """The copies of the acknowledgement and the third one, where there is one."""
    third = third_copy()
    return (*copies(), third) if third else copies()


def copy_named(name: str) -> Copy:
    """The copy with this name.

    Raises UnknownCopy.
    """
    found = {copy.name: copy for copy in every_copy()}
    if name not in found:
        raise UnknownCopy(copy=name, names=", ".join(found))
    return found[name]


def read_where_it_is(copy: Copy, sha256: str) -> Reading:
    """Have a copy hash what it holds, on its own machine.

    Raises OSError when it does not answer.
    """
    at = timezone.now()
    return Reading(copy.name, sha256, CopyState(copy.state(sha256)), at)


def read_as_served(copy: Copy, sha256: str) -> Reading:
    """Read a file the way it is given to people, and hash what arrives here.

    Raises OSError when the copy does not answer; a file that is not there is an answer.
    """
    at = timezone.now()
    digest = hashlib.sha256()
    try:
        with copy.open(sha256) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return Reading(copy.name, sha256, CopyState.MISSING, at)
    state = CopyState.GOOD if digest.hexdigest() == sha256 else CopyState.CHANGED
    return Reading(copy.name, sha256, state, at)


def note_readings(*, readings: Sequence[Reading], found_by: Job) -> list[Reading]:
    """Write readings down: good ones close a defect, others open one; the bad ones that count.

    A content that was removed while it was read counts for nothing.
    """
    return [bad for batch in batched(readings, BATCH) for bad in _note_batch(batch, found_by)]


@transaction.atomic
def _note_batch(batch: Sequence[Reading], found_by: Job) -> list[Reading]:
    wanted = set(
        Content.objects.select_for_update(no_key=True)
        .filter(pk__in={reading.sha256 for reading in batch})
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    counted = [reading for reading in batch if reading.sha256 in wanted]
    rows = [KeptCopy(content_id=r.sha256, copy=r.copy, state=r.state, verified_at=r.at) for r in counted]
    KeptCopy.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["content", "copy"], update_fields=["state", "verified_at"]
    )
    bad = [reading for reading in counted if not reading.is_good]
    _close(counted, bad)
    Defect.objects.bulk_create([_defect(reading, found_by) for reading in bad], ignore_conflicts=True)
    for reading in bad:
        log.error("copy %s: %s is %s", reading.copy, reading.sha256, reading.state)
    return bad


def _close(counted: Sequence[Reading], bad: Sequence[Reading]) -> None:
    """A copy that gave the bytes back is healed; what is written down now was no untracked file."""
    still_open = Defect.objects.filter(healed_at__isnull=True)
    for name in {reading.copy for reading in counted}:
        mine = still_open.filter(copy=name)
        good = [r.sha256 for r in counted if r.copy == name and r.is_good]
        mine.filter(sha256__in=good).update(healed_at=timezone.now())
        known = [r.sha256 for r in bad if r.copy == name]
        mine.filter(sha256__in=known, kind=DefectKind.UNTRACKED).update(healed_at=timezone.now())


def _defect(reading: Reading, found_by: Job) -> Defect:
    return Defect(copy=reading.copy, sha256=reading.sha256, kind=DefectKind(reading.state), found_by=found_by)
