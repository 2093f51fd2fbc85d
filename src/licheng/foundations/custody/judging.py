"""What volume, witness and database say of one copy, and what that means. Pure: it reads nothing.

An opening writes one more than the database knows: first to the volume, then to the witness, then to the
database. A crash in between therefore leaves database ≤ witness ≤ volume ≤ database + 1; all else is a fault.
Source: reliability report, finding 2 and F7.
"""

from dataclasses import dataclass
from enum import StrEnum

from licheng.foundations.custody.volumes import VolumeIdentity


class Verdict(StrEnum):
    """What stands where the copy should be."""

    GOOD = "good"
    UNREACHABLE = "unreachable"
    NOT_ITS_OWN = "not-its-own"  # on the machine's root, or on a file system that forgets
    NEVER_OPENED = "never-opened"  # neither volume, witness nor database know it
    NO_VOLUME = "no-volume"  # its identity is gone: not mounted, or wiped
    OTHER_VOLUME = "other-volume"
    ROLLED_BACK = "rolled-back"
    NO_WITNESS = "no-witness"
    WITNESS_ROLLED_BACK = "witness-rolled-back"
    NOT_IN_DATABASE = "not-in-database"
    DATABASE_ROLLED_BACK = "database-rolled-back"

    @property
    def is_adoptable(self) -> bool:
        """Whether a person may declare that this is the copy from now on."""
        return self not in {Verdict.GOOD, Verdict.UNREACHABLE, Verdict.NOT_ITS_OWN}


@dataclass(frozen=True, slots=True)
class Sayings:
    """What each of the three says; None: it knows nothing."""

    volume: VolumeIdentity | None
    witness: VolumeIdentity | None
    database: VolumeIdentity | None


def judge(said: Sayings) -> Verdict:
    """Whether the three agree, or differ only as an opening that broke off leaves them."""
    volume, witness, database = said.volume, said.witness, said.database
    if volume is None:
        return Verdict.NO_VOLUME if witness or database else Verdict.NEVER_OPENED
    if witness is None and database is None:
        return Verdict.NEVER_OPENED
    if any(other and other.uuid != volume.uuid for other in (witness, database)):
        return Verdict.OTHER_VOLUME
    if witness is None:
        return Verdict.NO_WITNESS
    if database is None:
        return Verdict.NOT_IN_DATABASE
    return _judge_epochs(volume.epoch, witness.epoch, database.epoch)


def _judge_epochs(volume: int, witness: int, database: int) -> Verdict:
    if volume < max(witness, database):
        return Verdict.ROLLED_BACK
    if max(volume, witness) > database + 1:
        return Verdict.DATABASE_ROLLED_BACK
    return Verdict.GOOD if witness >= database else Verdict.WITNESS_ROLLED_BACK


def is_first_start(sayings: list[Sayings], *, is_empty: bool) -> bool:
    """Whether this is a new site: nothing is kept, and no opening ever came to its end."""
    never = all(said.database is None for said in sayings)
    begun = [one.epoch for said in sayings for one in (said.volume, said.witness) if one]
    return never and is_empty and max(begun, default=0) <= 1
