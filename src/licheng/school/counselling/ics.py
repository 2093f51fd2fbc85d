"""Appointments as an iCalendar file. Source: RFC 5545 §3.1 (lines), §3.3.11 (text), §3.6.1 (event)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from unicodedata import category

from licheng.school.counselling.queries.month import Event

LINE_BYTES = 75  # without the line end; RFC 5545 §3.1
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def calendar_text(events: Iterable[Event], host: str) -> str:
    """The file; every event keeps its id, so that a calendar that reads it again doubles nothing."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Licheng//Course counselling//ZH", "METHOD:PUBLISH"]
    for event in events:
        lines += _event(event, host)
    return "".join(f"{line}\r\n" for one in [*lines, "END:VCALENDAR"] for line in _folded(one))


def _event(event: Event, host: str) -> list[str]:
    day = f"DTSTART;VALUE=DATE:{event.held_on:%Y%m%d}"
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}@{host}",
        f"DTSTAMP:{_moment(event.changed_at)}",
        f"DTSTART:{_moment(event.starts_at)}" if event.starts_at else day,
        f"SUMMARY:{_text(event.summary)}",
        f"LOCATION:{_text(event.place)}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        "END:VEVENT",
    ]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A text as a property's value; control characters have no place in it."""
    return "".join(letter for letter in text.translate(ESCAPED) if category(letter) != "Cc")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 bytes, no character torn apart; all but the first begin with a space."""
    piece, size = "", 0
    for letter in line:
        weight = len(letter.encode())
        if size + weight > LINE_BYTES:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + weight
    yield piece
