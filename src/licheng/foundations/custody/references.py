"""Which tables name files: apps above register theirs, so that custody need not know them."""

from django.db.models import Model

_speakers: list[type[Model]] = []


class NobodySpeaks(RuntimeError):
    """No table is registered: every content would look unspoken of."""


def register(model: type[Model]) -> None:
    """Have a table asked, once its app is ready; it has the columns `sha256` and `size_bytes`."""
    if model not in _speakers:
        _speakers.append(model)


def speakers() -> tuple[type[Model], ...]:
    """The tables that name files.

    Raises NobodySpeaks when there is none: nothing may be removed on that ground.
    """
    if not _speakers:
        raise NobodySpeaks
    return tuple(_speakers)
