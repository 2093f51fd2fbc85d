"""Who a volume is: its identity on the volume itself, its mount, the words copies share. Needs no Django."""

import functools
import json
import subprocess
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from licheng.foundations.durable import write_durably

FILE = "VOLUME.json"
NOBODY = uuid.UUID(int=0)  # a volume that was never opened, as before a new site's first start
# What forgets at a restart, or belongs to the machine, not to the files. Source: reliability report F7, F8.
THROWN_AWAY = frozenset({"tmpfs", "ramfs", "devtmpfs", "overlay", "squashfs", "rootfs"})


class CopyState(StrEnum):
    """What a copy gave back when it was read; the same words as the rows of custody."""

    GOOD = "good"
    CHANGED = "changed"
    MISSING = "missing"


class WrongVolume(OSError):
    """Another volume stands where a copy was, or an older state of it: nothing is read or written there."""


class ReserveGivenUp(OSError):
    """The reserve of a full copy was released: nothing new comes in until there is room again."""


@dataclass(frozen=True, slots=True)
class VolumeIdentity:
    """Which volume this is and how often the site opened it; an older state of it has a lower epoch."""

    uuid: uuid.UUID
    epoch: int
    made_at: str  # UTC, ISO 8601

    @classmethod
    def new(cls) -> "VolumeIdentity":
        """A volume that was never opened."""
        return cls(uuid.uuid4(), 0, datetime.now(UTC).isoformat(timespec="seconds"))

    @classmethod
    def from_text(cls, text: str | bytes) -> "VolumeIdentity":
        """Read it back.

        Raises OSError when the text is no identity: a device that gives back anything else has failed.
        """
        return _identity(text)

    def as_text(self) -> str:
        """As it is written."""
        return json.dumps({"uuid": str(self.uuid), "epoch": self.epoch, "made_at": self.made_at})

    def opened_again(self) -> "VolumeIdentity":
        """The same volume after one more opening."""
        return replace(self, epoch=self.epoch + 1)

    def is_same(self, other: "VolumeIdentity | None") -> bool:
        """Whether the other is this volume in this state."""
        return other is not None and (self.uuid, self.epoch) == (other.uuid, other.epoch)


@functools.lru_cache(maxsize=64)  # read from its volume again and again, and hardly ever another one
def _identity(text: str | bytes) -> VolumeIdentity:
    try:
        said = json.loads(text)
        return VolumeIdentity(uuid.UUID(said["uuid"]), int(said["epoch"]), str(said["made_at"]))
    except (ValueError, KeyError, TypeError, OverflowError) as failure:
        raise OSError(f"the identity of a volume is unreadable: {failure}") from failure


@dataclass(frozen=True, slots=True)
class Stored:
    """What a copy itself read back after it stored a file, and on which volume."""

    sha256: str
    size: int
    volume: uuid.UUID
    epoch: int

    def is_on(self, identity: VolumeIdentity) -> bool:
        """Whether it was stored on this volume in this state."""
        return (self.volume, self.epoch) == (identity.uuid, identity.epoch)


@dataclass(frozen=True, slots=True)
class Mount:
    """What a folder stands on."""

    filesystem: str
    source: str
    target: str
    device: int

    @property
    def is_own(self) -> bool:
        """Whether it is a real file system that is mounted for itself, not the machine's root."""
        return self.filesystem not in THROWN_AWAY and self.target != "/"


def read_identity(root: Path) -> VolumeIdentity | None:
    """The identity of the volume under a folder; None when it has none.

    Raises OSError when the device fails.
    """
    try:
        return VolumeIdentity.from_text((root / FILE).read_bytes())
    except FileNotFoundError:
        return None


def write_identity(root: Path, identity: VolumeIdentity) -> None:
    """Write the identity so that it is there after a power cut."""
    write_durably(root / FILE, identity.as_text().encode())


def nearest(path: Path) -> Path:
    """The path, or the nearest of its parents that exists."""
    while not path.exists():
        path = path.parent
    return path


def mount_of(root: Path) -> Mount:
    """What a folder stands on, asked of the kernel.

    Raises OSError when it does not say.
    """
    place = nearest(root)
    command = ["findmnt", "--json", "--target", str(place), "--output", "FSTYPE,SOURCE,TARGET"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"findmnt does not know what {place} stands on: {done.stderr.strip()}")
    said = json.loads(done.stdout)["filesystems"][-1]
    return Mount(said["fstype"], said["source"] or "", said["target"], place.stat().st_dev)
