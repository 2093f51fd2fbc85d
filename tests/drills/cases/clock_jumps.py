"""The machine's clock jumps years ahead and back between uploads: the log's order and every receipt hold.

Row F17: order is the index, not the time. Control: what a site that orders by its clock would get wrong.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import time_machine

from tests.drills.found import Found, must
from tests.drills.parts.site import open_site
from tests.drills.parts.uploads import picture, unfounded, upload

JUMPS = ("+2 d", "-2 d", "+400 d", "-3 h", "-3650 d", "+1 s", "+30 d", "-1 d", "+3650 d", "0 s")
UNITS = {"s": 1, "h": 3600, "d": 86400}


def run(ground):
    """Upload after each jump; indexes go up one by one, times do not."""
    open_site(ground)
    from licheng.foundations.files.models import StoredFile

    told, now = [], datetime.now(UTC)
    for jump in JUMPS:
        number, unit = jump.split()
        with time_machine.travel(now + timedelta(seconds=int(number) * UNITS[unit]), tick=True):
            told.append(upload(picture(ground.random)))
            told.append(upload(picture(ground.random)))
    rows = {str(row.pk): row for row in StoredFile.objects.select_related("entry")}
    must([rows[ack.file].entry.index for ack in told] == list(range(len(told))), "the log lost the order")
    times = [rows[ack.file].created_at for ack in told]
    wrong = sum(later < earlier for earlier, later in pairwise(times))
    return Found(
        acked=len(told),
        lost=len(unfounded(told)),
        control_lost=wrong,
        control="ordering by the clock",
        figures={"jumps": len(JUMPS)},
    )
