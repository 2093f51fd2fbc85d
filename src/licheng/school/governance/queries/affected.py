"""How many students a lowered cap would find above it: apps above register who counts."""

from collections.abc import Callable

from licheng.school.calendar.queries import Place

type Count = Callable[[Place, int], int]  # place and cap → students with more than that

_counts: dict[str, Count] = {}


def register_affected(cap: str, count: Count) -> None:
    """Have a cap's students counted, once the app that holds them is ready."""
    _counts[cap] = count


def affected_by(cap: str, place: Place, value: int) -> int:
    """Students of the school who have more than this already; they keep what they have."""
    return _counts[cap](place, value)
