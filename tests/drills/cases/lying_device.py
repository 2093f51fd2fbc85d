"""A device acknowledges writes and loses them, at once or an hour later, or fails fsync: refused, or found and healed.

Rows F10 and F24: reading back refuses what is lost at once, the watcher finds what is lost later, and a failed fsync
is never asked again. Controls: a writer that does not read back; one that asks fsync again until it succeeds.
"""

import os
import sys
from collections import Counter
from datetime import timedelta

import time_machine

from tests.drills.found import Found, must
from tests.drills.parts import wrong
from tests.drills.parts.custody import clock, defects
from tests.drills.parts.ground import forget_cache, wait_for
from tests.drills.parts.site import open_site
from tests.drills.parts.store import lost_of
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("fusermount3",)
EACH = 8


def run(ground):
    """A site whose second copy is the lying device."""
    mount, control = _device(ground)
    first = ground.folder / "copy-a"
    open_site(ground, copies=[first, mount / "copy"])
    told, refused = _uploads(ground, control, "honest")
    must(not refused, "uploads are refused on an honest device")
    for mode in ("lose", "fail-fsync"):
        more, refused = _uploads(ground, control, mode)
        must((len(more), refused) == (0, EACH), f"{len(more)} uploads were acknowledged in mode {mode}")
    fsyncs = Counter((ground.folder / "mode.fsyncs").read_text().split())
    must(max(fsyncs.values()) == 1, "a failed fsync was asked for again")
    naive = _naive(ground, mount, control)
    later, _refused = _uploads(ground, control, "later")
    told += later
    found, healed = _watch(control, later)
    forget_cache()
    return Found(
        acked=len(told),
        lost=len(unfounded(told)) + len(lost_of(mount / "copy", [ack.sha256 for ack in told])),
        control_lost=naive,
        control="a writer that does not read back",
        figures={"refused": 2 * EACH, "lost_later_found": found, "healed": healed},
    )


def _device(ground):
    mount, backing, control = (ground.folder / name for name in ("lying", "backing", "mode"))
    mount.mkdir()
    backing.mkdir()
    control.write_text("honest")
    ground.start([sys.executable, "-m", "tests.drills.parts.fuse", mount, backing, control], "fuse")
    wait_for(lambda: os.path.ismount(mount), "the lying device is mounted")
    return mount, control


def _uploads(ground, control, mode):
    from licheng.foundations.files.errors import StorageFailed

    control.write_text(mode)
    told, refused = [], 0
    for _ in range(EACH):
        try:
            told.append(upload(picture(ground.random)))
        except StorageFailed:
            refused += 1
    return told, refused


def _naive(ground, mount, control):
    """The controls on the device that loses: what the plain writer was told and cannot have back."""
    control.write_text("lose")
    told = [wrong.plain_put(mount / "naive", ground.bytes(30_000)) for _ in range(EACH)]
    forget_cache()
    lost = len(lost_of(mount / "naive", told))
    must(lost == EACH, "the device that loses everything lost less from a plain writer")
    return lost


def _watch(control, later):
    """The device forgets; a minute after the acknowledgements the watcher comes by: (found, healed)."""
    from django.utils import timezone

    from licheng.foundations.custody.models import CopyState, KeptCopy

    before = defects()[0]
    control.write_text("forget")
    forget_cache()
    control.write_text("honest")
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=True):
        clock("watch")
        found, healed, still_open = defects()
        must(found - before == len(later), f"the watcher found {found - before} of {len(later)}")
        must(still_open == 0, f"{still_open} were not healed")
        clock("watch")
    good = KeptCopy.objects.filter(content_id__in=[ack.sha256 for ack in later], state=CopyState.GOOD)
    must(good.count() == 2 * len(later), "not every healed copy was read again")
    return found - before, healed
