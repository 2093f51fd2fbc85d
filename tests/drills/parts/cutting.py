"""Power cuts: a client writes to a volume, the image is copied as it is at that moment, the copy is looked at.

The page cache above the loop device is not in the copy: exactly what a machine without power forgets.
Source: reliability report §2.3.
"""

import subprocess
import sys
import time
from dataclasses import dataclass, field

from tests.drills.found import DrillFailed
from tests.drills.parts.ground import stop, wait_for

FREE_RUNNING = 10**9
BURST = 12
RUNNING_SECONDS = (0.25, 0.7)


@dataclass
class Cuts:
    """What a series of cuts showed."""

    acked: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    unknown: int = 0

    def figures(self, name):
        """Lost of acknowledged, cut by cut."""
        return {name: " ".join(f"{lost}/{acked}" for lost, acked in zip(self.lost, self.acked, strict=True))}


def cut_while_writing(ground, volume, writer, look, *, running=3, quiet=3):
    """Cut the power `running` times in the middle of writing and `quiet` times right behind an acknowledgement.

    `writer(acks, burst)` gives the words that start the client; `look(cut volume, acknowledged lines)` answers
    (lost, unknown).
    """
    cuts, acks = Cuts(), ground.folder / f"{volume.image.stem}.acks"
    acks.touch()
    for count, burst in ((running, FREE_RUNNING), (quiet, BURST)):
        before = _count(acks)
        client = ground.start(writer(acks, burst), f"{volume.image.stem}-client", stdin=subprocess.PIPE)
        for number in range(1, count + 1):
            _wait(client, acks, before + (number * burst if burst == BURST else number))
            if burst == FREE_RUNNING:
                time.sleep(ground.random.uniform(*RUNNING_SECONDS))
            told = acks.read_text().splitlines()
            _look(cuts, volume.cut(volume.image.with_name(f"{volume.image.stem}-cut.img")), told, look)
            if burst == BURST:
                client.stdin.write(b"\n")
                client.stdin.flush()
        stop(client, patience_seconds=0.1)
        client.stdin.close()
    return cuts


def _count(acks):
    return acks.read_bytes().count(b"\n")


def _wait(client, acks, wanted):
    """Until the client was told of so many files."""

    def is_told():
        if client.poll() is not None:
            raise DrillFailed(f"the client ended with {client.returncode}; its log says why")
        return _count(acks) >= wanted

    wait_for(is_told, f"the client is told of {wanted} files", 60)


def _look(cuts, cut, told, look):
    cut.attach()
    try:
        lost, unknown = look(cut, told)
    finally:
        cut.detach()
        cut.image.unlink()
    cuts.acked.append(len(told))
    cuts.lost.append(lost)
    cuts.unknown += unknown


def client_words(kind, how, root, seed):
    """For `cut_while_writing`: how the client is started."""

    def words(acks, burst):
        module = "tests.drills.parts.writers"
        mixed = f"{seed}{burst}"  # the two phases must not write the same files again
        return [sys.executable, "-m", module, kind, how, str(root), str(acks), str(burst), mixed]

    return words
