"""The third copy: outside the acknowledgement path, filled afterwards, read back by hash like the others."""

import logging

from django.db.models import Exists, OuterRef

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Copy, copies, third_copy
from licheng.foundations.custody.models import Content, CopyState, Job, KeptCopy
from licheng.foundations.custody.operations.healing import good_source, put_from
from licheng.foundations.custody.operations.reading import note_readings, read_where_it_is
from licheng.foundations.custody.operations.running import Budget, Tally

log = logging.getLogger(__name__)
SLICE_SECONDS = 60.0  # own bounds: seconds and files of one run
AT_ONCE = 1000


def fill_third(_actor: Actor) -> Tally:
    """Bring contents that the third copy does not hold yet there, oldest first.

    A copy that does not answer ends the run; what was acknowledged stays acknowledged, and the run says so.
    """
    tally, budget, third = Tally(), Budget.of(SLICE_SECONDS), third_copy()
    if third is None:
        return tally
    there = KeptCopy.objects.filter(content=OuterRef("pk"), copy=third.name, state=CopyState.GOOD)
    waiting = Content.objects.filter(~Exists(there))
    for sha256 in list(waiting.order_by("kept_at").values_list("pk", flat=True)[:AT_ONCE]):
        if budget.is_spent:
            break
        try:
            _bring(third, sha256, tally)
        except OSError:
            log.exception("the third copy failed")
            tally.unreachable(third.name)
            break
    tally.figures["waiting"] = waiting.count()
    return tally


def _bring(third: Copy, sha256: str, tally: Tally) -> None:
    source = good_source(copies(), sha256)
    if source is None:
        log.critical("NO GOOD COPY of %s", sha256)
        tally.figures["lost"] += 1
        return
    put_from(source, third, sha256)
    bad = note_readings(readings=[read_where_it_is(third, sha256)], found_by=Job.THIRD)
    tally.figures["left" if bad else "brought"] += 1
