from collections.abc import Iterable
from uuid import UUID

from licheng.foundations import fence
from licheng.foundations.errors import NotFound
from licheng.foundations.files.errors import FileInfected, FileWithheld
from licheng.foundations.files.models import ScanState, StoredFile


def file_of_link(file_id: UUID) -> StoredFile:
    """The file that a signed link names; the signature is the permission.

    Raises NotFound.
    """
    with fence.everywhere():  # the host of files knows no person, so it stands at no school
        stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise NotFound
    return stored


def require_harmless(files: Iterable[StoredFile | None], *, waits: bool) -> None:
    """Refuse to go on with files that nobody may open.

    Raises FileInfected, or FileWithheld while the scanner has not answered unless the step can do without
    (`waits` is false).
    """
    states = {stored.scan for stored in files if stored is not None}
    if ScanState.INFECTED in states:
        raise FileInfected
    if waits and ScanState.SCANNING in states:
        raise FileWithheld


def infected_among(hashes: Iterable[str]) -> set[str]:
    """Those of the contents in which malware was found."""
    rows = StoredFile.objects.filter(sha256__in=set(hashes), scan=ScanState.INFECTED)
    return set(rows.values_list("sha256", flat=True))
