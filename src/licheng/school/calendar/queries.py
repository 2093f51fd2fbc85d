"""The answers other apps ask for: is it open, until when, how many, how large."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from licheng_exchange import national_policy

from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import Level, Policy, Window, WindowKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked: school and authority by code, in a school year and semester."""

    school: str
    authority: str
    school_year: int
    semester: int


@dataclass(frozen=True, slots=True)
class Opening:
    """The effective window: the intersection of every level's; both ends None when nobody set one."""

    kind: WindowKind
    opens_at: datetime | None
    closes_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether now lies inside; a window that nobody set is closed."""
        if self.opens_at is None or self.closes_at is None:
            return False
        return self.opens_at <= timezone.now() < self.closes_at

    @property
    def text(self) -> str:
        """From when to when, in the reader's language."""
        if self.opens_at is None or self.closes_at is None:
            return "—"
        return " – ".join(roc_datetime(end) for end in (self.opens_at, self.closes_at))


@dataclass(frozen=True, slots=True)
class Limits:
    """What the school year's policy allows here; counts of items, sizes in bytes, text in code points."""

    document_bytes: int
    media_bytes: int
    note_characters: int
    document_types: frozenset[str]
    media_types: frozenset[str]
    outcomes_selected_per_year: int
    outcomes_selected_per_semester: int | None
    activities_selected_per_year: int
    outcomes_per_semester: int | None
    activities_per_year: int | None

    def bytes_for(self, role: str) -> int:
        """The largest file for a document or media."""
        return self.media_bytes if role == "media" else self.document_bytes

    def types_for(self, role: str) -> frozenset[str]:
        """The media types that are taken as a document or as media."""
        return self.media_types if role == "media" else self.document_types


def openings(place: Place) -> dict[str, Opening]:
    """Every effective window of the semester, by kind, in one query."""
    rows: dict[str, list[Window]] = {kind: [] for kind in WindowKind.values}
    mine = Window.objects.filter(school_year=place.school_year, semester=place.semester)
    for row in mine:
        if (
            row.code
            == {Level.MINISTRY: "", Level.AUTHORITY: place.authority, Level.SCHOOL: place.school}[
                Level(row.level)
            ]
        ):
            rows[row.kind].append(row)
    return {
        kind: Opening(
            WindowKind(kind),
            max((row.opens_at for row in found), default=None),
            min((row.closes_at for row in found), default=None),
        )
        for kind, found in rows.items()
    }


def require_open(place: Place, kind: WindowKind) -> Opening:
    """The effective window of one kind.

    Raises WindowClosed when now lies outside, naming the dates.
    """
    opening = openings(place)[kind]
    if not opening.is_open:
        raise WindowClosed(window=kind.label, when=opening.text)
    return opening


def limits(place: Place) -> Limits:
    """National limits of the year, made stricter by authority and school where they say so."""
    national = national_policy(place.school_year, place.semester)
    local = [
        row
        for row in Policy.objects.filter(school_year=place.school_year)
        if (row.level, row.code) in {(Level.AUTHORITY, place.authority), (Level.SCHOOL, place.school)}
    ]

    def strictest(name: str, start: int | None) -> int | None:
        found = [value for value in (start, *(getattr(row, name) for row in local)) if value is not None]
        return min(found, default=None)

    return Limits(
        document_bytes=national.document_bytes,
        media_bytes=national.media_bytes,
        note_characters=national.note_characters,
        document_types=national.document_types,
        media_types=national.media_types,
        outcomes_selected_per_year=strictest("outcomes_selected_per_year", national.outcomes_per_year) or 0,
        outcomes_selected_per_semester=strictest("outcomes_selected_per_semester", None),
        activities_selected_per_year=strictest("activities_selected_per_year", national.activities_per_year)
        or 0,
        outcomes_per_semester=strictest("outcomes_per_semester", None),
        activities_per_year=strictest("activities_per_year", None),
    )
