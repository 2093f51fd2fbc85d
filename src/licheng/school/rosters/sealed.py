"""A roster file at rest: encrypted, until it was applied or given up."""

from typing import Any

from licheng.foundations.privacy import seal_bytes, unseal_bytes
from licheng.school.rosters.models import RosterImport


def file_place(roster: Any) -> str:
    """Where a sealed file belongs, so that it cannot be moved to another import."""
    return f"rosters_rosterimport.content_sealed/{roster.school_id}/{roster.pk}"


def seal_file(roster: RosterImport, data: bytes) -> None:
    """Put the file into the import; the caller saves it."""
    roster.content_sealed = seal_bytes(data, place=file_place(roster))


def file_of(roster: RosterImport) -> bytes | None:
    """The file, or None once it was given up.

    Raises FieldUnreadable.
    """
    held = roster.content_sealed
    return None if held is None else unseal_bytes(held, place=file_place(roster))
