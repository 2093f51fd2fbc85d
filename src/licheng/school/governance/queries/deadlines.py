"""Windows as they stand for somebody: what the calendar says, and later where an extension was granted."""

from datetime import datetime
from typing import Any

from django.db import connection

from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Bound, Opening, Place, opening_of, require_now

PUT_OFF = "extension"
# Windows of ministry, authority and school, and the ends granted to these people or to their classes.
# Plain SQL, as nearly every act of a student asks this: the union's making took longer than its answer.
WINDOWS = """
SELECT kind, level, opens_at, closes_at FROM calendar_window
WHERE school_year = %(year)s AND semester = %(semester)s
    AND (level, code) IN (('ministry', ''), ('authority', %(authority)s), ('school', %(school)s))
UNION ALL
SELECT e.kind, %(put_off)s, e.granted_at, e.closes_at
FROM governance_extension e JOIN people_school s ON s.id = e.school_id
WHERE s.code = %(school)s AND e.school_year = %(year)s AND e.semester = %(semester)s
    AND e.withdrawn_at IS NULL AND (e.person_id = ANY (%(people)s::bigint[]) OR e.class_group_id IN (
        SELECT class_group_id FROM people_student WHERE person_id = ANY (%(people)s::bigint[])
    ))
"""


def openings_for(place: Place, *people: int | None) -> dict[str, Opening]:
    """Every effective window by kind, for these people: the latest end that was granted to any of them.

    One query for windows and extensions together, as costly as windows alone.
    """
    asked: dict[str, Any] = {
        "year": place.school_year,
        "semester": place.semester,
        "authority": place.authority,
        "school": place.school,
        "put_off": PUT_OFF,
        "people": [one for one in people if one is not None],
    }
    with connection.cursor() as cursor:
        cursor.execute(WINDOWS, asked)
        rows = cursor.fetchall()
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
