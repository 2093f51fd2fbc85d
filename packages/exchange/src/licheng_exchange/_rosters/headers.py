"""Header cells: how they are compared, and which row of a sheet is the header."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

HEADER_DEPTH: Final = (
    40  # rows searched from the top; school exports put at most a few titles above the header
)
_NAME_MAX: Final = 200  # characters; the longest known column has 40, and one long cell must not hold us up
INVISIBLE: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE_OR_SPACE: Final = re.compile(rf"[{INVISIBLE}\s]+|_x000D_")
_REMARK: Final = re.compile(r"[(\[【].*?[)\]】]")


def header_key(cell: str) -> str:
    """A header cell without spaces, width differences, required-field stars, ="…" and remarks in brackets."""
    text = _INVISIBLE_OR_SPACE.sub("", unicodedata.normalize("NFKC", cell[:_NAME_MAX])).strip("*＊※:：='\"")
    return _REMARK.sub("", text) or text


@dataclass(frozen=True, slots=True)
class Header:
    """A header's cells, the index of its (last) row, and how many columns of it are known."""

    index: int
    cells: tuple[str, ...]
    score: int


def find_header(rows: Sequence[Sequence[str]], known: Collection[str]) -> Header | None:
    """The row with most known columns, or two rows that name more together; None where none is known."""
    names = frozenset(known)
    head = rows[:HEADER_DEPTH]
    scores = [_score(row, names) for row in head]
    best = max(range(len(head)), key=lambda index: scores[index], default=-1)
    if best < 0 or not scores[best]:
        return None
    found = Header(best, _trimmed(head[best]), scores[best])
    for upper in (best, best - 1):
        if 0 <= upper < len(head) - 1:
            cells = _joined(head[upper], head[upper + 1], names)
            score = _score(cells, names)
            if score > found.score:
                found = Header(upper + 1, _trimmed(cells), score)
    return found


def _score(cells: Sequence[str], names: frozenset[str]) -> int:
    return len({header_key(cell) for cell in set(cells)} & names)


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    width = max((place for place, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return tuple(cells[:width])


def _joined(upper: Sequence[str], lower: Sequence[str], names: frozenset[str]) -> list[str]:
    """A header over two rows: 補考 above 成績 and 及格 is 補考成績 and 補考及格."""
    parent, cells = "", []
    for above, below in zip_longest(upper, lower, fillvalue=""):
        parent = above if above.strip() else parent
        together = parent + below
        cells.append(together if header_key(together) in names else above if above.strip() else below)
    return cells
