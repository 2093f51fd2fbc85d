"""The witness: what each volume was when the site last opened, kept away from the volumes. Needs no database.

A volume cannot be recognised from inside as rolled back; something elsewhere must remember it.
Source: reliability report, finding 2 and F7.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from licheng.foundations.custody.volumes import VolumeIdentity
from licheng.foundations.durable import write_durably

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # another one after every start of the machine


@dataclass(frozen=True, slots=True)
class Memory:
    """What the witness remembers of one volume: its state, and the machine's start when it was checked."""

    identity: VolumeIdentity
    boot: str


def boot_now() -> str:
    """The start of the machine that this process belongs to."""
    return BOOT_ID.read_text(encoding="ascii").strip()


def remembered(copy: str) -> Memory | None:
    """What the witness remembers of a copy; None before its first opening.

    Raises OSError when the witness cannot be read: nothing may then be taken for granted.
    """
    try:
        text = _path(copy).read_bytes()
    except FileNotFoundError:
        return None
    identity = VolumeIdentity.from_text(text)
    return Memory(identity, str(json.loads(text).get("boot", "")))


def remember(copy: str, identity: VolumeIdentity, *, boot: str) -> None:
    """Write a volume's state down, durably; without a `boot` it is known, but not opened."""
    said = json.loads(identity.as_text()) | {"boot": boot}
    write_durably(_path(copy), json.dumps(said).encode())


def _path(copy: str) -> Path:
    return Path(settings.WITNESS_ROOT) / f"{copy}.json"
