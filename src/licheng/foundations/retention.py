"""What is kept how long: apps say what of theirs is over its period, and what they forget of one person.

One command asks all of them; nothing is removed by a clock. The periods are settings: no official ones are
known (docs/sources/retention.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

ANONYMISED = "（已去識別）"  # stands where the database wants some text


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record: the ids that are over their period on a day, and how one of them is cleared."""

    name: str
    due: Callable[[date], Sequence[str]]
    clear: Callable[..., bool]


@dataclass(frozen=True, slots=True)
class PersonPart:
    """What one app keeps of a person.

    `held` gives those of the ids for whom something is still open. `forget` runs inside the transaction that
    anonymises the person and gives the ids of files that nobody names any more because of it.
    """

    app: str
    held: Callable[[Sequence[int]], Iterable[int]]
    forget: Callable[..., Iterable[UUID]]


def kinds() -> Iterator[Kept]:
    """Every kind of record of this site that has a period."""
    for name, (due, clear) in sorted(settings.KEPT_KINDS.items()):
        yield Kept(name, import_string(due), import_string(clear))


def parts_of_person() -> Iterator[PersonPart]:
    """The parts of a person, those of higher apps first: their rows point at those below."""
    for app, (held, forget) in settings.KEPT_OF_PERSONS.items():
        yield PersonPart(app, import_string(held) if held else _nobody, import_string(forget))


def _nobody(_people: Sequence[int]) -> Iterable[int]:
    return ()


def years_before(today: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 28."""
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - years, day=day)
