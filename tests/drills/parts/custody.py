"""A site whose copies stand on volumes of their own, ways to spoil them, and its clocks, run by the drill."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import time_machine

from tests.drills.found import must
from tests.drills.parts.site import open_site
from tests.drills.parts.uploads import Ack, picture, upload


@dataclass
class DrilledSite:
    """The site of this process: its volumes, the roots of its copies, what its clients were told."""

    volumes: list
    roots: list[Path]
    acks: list[Ack] = field(default_factory=list)

    @property
    def hashes(self):
        """What was acknowledged."""
        return [ack.sha256 for ack in self.acks]


def site_with_files(ground, files, *, copies=2, **more):
    """Open a site with each copy on a volume of its own and hand files in."""
    volumes = [ground.volume(f"copy-{chr(97 + number)}") for number in range(copies)]
    site = DrilledSite(volumes, [volume.mount / "copy" for volume in volumes])
    open_site(ground, copies=site.roots, **more)
    site.acks += [upload(picture(ground.random)) for _ in range(files)]
    return site


def place(root, sha256):
    """Where a copy has a file."""
    return root / sha256[:2] / sha256


def rot(ground, root, sha256):
    """Change one byte where it lies; size and times stay, as when a device rots."""
    path = place(root, sha256)
    times = path.stat()
    with path.open("r+b") as file:
        where = ground.random.randrange(times.st_size)
        file.seek(where)
        byte = file.read(1)[0]
        file.seek(where)
        file.write(bytes([byte ^ (1 << ground.random.randrange(8))]))
        os.fsync(file.fileno())
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def vanish(root, sha256):
    """Take a file away behind the site's back."""
    place(root, sha256).unlink()


def clock(job):
    """Run one clock of custody; its run as it was written down."""
    from licheng.foundations.authz import Actor
    from licheng.foundations.custody.operations import run_clock

    return run_clock(actor=Actor.system("drill"), job=job)


def scrub_everything():
    """Read every copy of everything now, as the command does."""
    from licheng.foundations.authz import Actor
    from licheng.foundations.custody.operations import scrub_whole

    return scrub_whole(actor=Actor.system("drill"), copy=None)


def clock_until(job, is_enough, within):
    """Let a clock tick at its own period, time going by, until enough is found; its runs.

    Raises DrillFailed when its time is over before.
    """
    from django.conf import settings
    from django.utils import timezone

    every = timedelta(seconds=settings.SCHEDULES[f"custody-{job}"]["every"])
    start = timezone.now()
    runs = 0
    while not is_enough():
        runs += 1
        must(runs * every <= within, f"{job} did not find everything within {within}")
        with time_machine.travel(start + runs * every, tick=True):
            clock(job)
    return runs


def defects():
    """Damages written down so far: (found, healed, open)."""
    from licheng.foundations.custody.models import Defect, DefectKind

    rows = Defect.objects.exclude(kind=DefectKind.UNTRACKED)
    still_open = rows.filter(healed_at__isnull=True).count()
    return rows.count(), rows.count() - still_open, still_open
