"""Windows as they stand for somebody: what the calendar says, and later where an extension was granted."""

from datetime import datetime

from django.db.models import CharField, F, Q, QuerySet, Value

from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Bound, Opening, Place, opening_of, require_now, windows_at
from licheng.school.governance.models import Extension

PUT_OFF = "extension"


def openings_for(place: Place, *people: int | None) -> dict[str, Opening]:
    """Every effective window by kind, for these people: the latest end that was granted to any of them.

    One query for windows and extensions together, as costly as windows alone.
    """
    windows = windows_at(place).values_list("kind", "level", "opens_at", "closes_at")
    rows = windows.union(_granted(place, [one for one in people if one is not None]), all=True)
    bounds: list[Bound] = []
    put_off: dict[str, datetime] = {}
    for kind, level, opens_at, closes_at in rows:
        if level == PUT_OFF:
            put_off[kind] = max(closes_at, put_off.get(kind, closes_at))
        else:
            bounds.append(Bound(kind, level, opens_at, closes_at))
    return {kind: opening_of(WindowKind(kind), bounds, put_off.get(kind)) for kind in WindowKind.values}


def require_open_for(place: Place, kind: WindowKind, *people: int | None) -> Opening:
    """The effective window of one kind for one of these people.

    Raises WindowClosed when now lies outside, naming the dates.
    """
    return require_now(openings_for(place, *people)[kind])


def _granted(place: Place, people: list[int]) -> QuerySet[Extension, tuple[str, str, datetime, datetime]]:
    for_them = Q(person__in=people) | Q(class_group__students__person__in=people)
    mine = Extension.objects.filter(
        for_them,
        school__code=place.school,
        school_year=place.school_year,
        semester=place.semester,
        withdrawn_at=None,
    )
    said = mine.annotate(level=Value(PUT_OFF, output_field=CharField()), opens_at=F("granted_at"))
    return said.values_list("kind", "level", "opens_at", "closes_at")
