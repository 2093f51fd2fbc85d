"""What people are shown of a file: drawn pages and the version for readers, made by the worker.

It can all be made again, and stands under `derived`: one folder for each content, which appears whole.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.names import CLEANED_NAME, THUMBNAIL_NAME, page_name

RECIPE = "1"  # raised when drawing or cleaning changes: what older rules made is then made again
FACTS_NAME = "facts.json"


@dataclass(frozen=True, slots=True)
class Derived:
    """What was made of one content. `cleaned` is the SHA-256 of the version for readers, if there is one."""

    pages: int
    pages_failed: bool
    cleaned: str
    cleaned_failed: bool

    def names(self) -> list[str]:
        """The files that must be there."""
        pictures = [page_name(number) for number in range(1, self.pages + 1)]
        return [*pictures, *([THUMBNAIL_NAME] if pictures else []), *([CLEANED_NAME] if self.cleaned else [])]

    def as_json(self) -> bytes:
        """As it is kept beside the pictures."""
        return json.dumps(asdict(self)).encode()


def folder_of(sha256: str) -> Path:
    """Where everything that was made of this content is kept."""
    return Path(settings.DERIVED_ROOT) / RECIPE / sha256[:2] / sha256


def derived_of(stored: StoredFile) -> Derived | None:
    """What was made of a file; None when it is not made yet or something of it was lost."""
    folder = folder_of(stored.sha256)
    try:
        derived = Derived(**json.loads((folder / FACTS_NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    if stored.cleaning and not (derived.cleaned or derived.cleaned_failed):
        return None
    return derived if all((folder / name).is_file() for name in derived.names()) else None


def page_path(stored: StoredFile, number: int) -> Path | None:
    """The drawn page (from 1), if it is there."""
    path = folder_of(stored.sha256) / page_name(number)
    return path if path.is_file() else None


def thumbnail_path(stored: StoredFile) -> Path | None:
    """The first page small, if it is there."""
    path = folder_of(stored.sha256) / THUMBNAIL_NAME
    return path if path.is_file() else None


def cleaned_path(stored: StoredFile) -> Path | None:
    """The version for readers, byte for byte as it was made; None when it is missing or has changed."""
    derived = derived_of(stored)
    if derived is None or not derived.cleaned:
        return None
    path = folder_of(stored.sha256) / CLEANED_NAME
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return path if found == derived.cleaned else None
