"""Header cells: how they are compared, and which row of a sheet is the header."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

HEADER_DEPTH: Final = (
    40  # rows searched from the top; school exports put at most a few titles above the header
)
_NAME_MAX: Final = 200  # characters; the longest known column has 40, and one long cell must not hold us up
INVISIBLE: Final = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE_OR_SPACE: Final = re.compile(rf"[{INVISIBLE}\s]+|_x000D_")
_REMARK: Final = re.compile(r"[(\[【].*?[)\]】]")


def header_key(cell: str) -> str:
    """A header cell without spaces, width differences, required-field stars and remarks in brackets."""
    text = _INVISIBLE_OR_SPACE.sub("", unicodedata.normalize("NFKC", cell[:_NAME_MAX])).strip("*＊※:：")
    return _REMARK.sub("", text) or text


def find_header(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[int, int]:
    """(index, number of known columns) of the best header row; (-1, 0) when no row has a known column."""
    best, best_score = -1, 0
    for index, row in enumerate(rows[:HEADER_DEPTH]):
        score = len({header_key(cell) for cell in row} & set(known))
        if score > best_score:
            best, best_score = index, score
    return best, best_score
