"""The answers other apps ask for: is it open, until when, how many, how large."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from licheng_exchange import national_policy

from licheng.foundations.statements import Later, prepared
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
    """The effective window: the intersection of every level's; both ends None when nobody set one.

    `extended_to` is the end where it was put off for whoever asks; it is then `closes_at` too.
    """

    kind: WindowKind
    opens_at: datetime | None
    closes_at: datetime | None
    extended_to: datetime | None = None

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
    outcomes_per_course: int | None
    activities_per_year: int | None

    def bytes_for(self, role: str) -> int:
        """The largest file for a document or media."""
        return self.media_bytes if role == "media" else self.document_bytes

    def types_for(self, role: str) -> frozenset[str]:
        """The media types that are taken as a document or as media."""
        return self.media_types if role == "media" else self.document_types


@dataclass(frozen=True, slots=True)
class Bound:
    """What one level says about one window."""

    kind: str
    level: str
    opens_at: datetime
    closes_at: datetime


def windows_at(place: Place) -> QuerySet[Window]:
    """The windows that count at this place: ministry's, its authority's and its own."""
    rows = Q(level=Level.MINISTRY, code="") | Q(level=Level.AUTHORITY, code=place.authority)
    return Window.objects.filter(
        rows | Q(level=Level.SCHOOL, code=place.school),
        school_year=place.school_year,
        semester=place.semester,
    )


def opening_of(kind: WindowKind, bounds: Iterable[Bound], put_off: datetime | None = None) -> Opening:
    """The intersection of the levels' windows; `put_off` moves the end of the school's own."""
    mine = [bound for bound in bounds if bound.kind == kind]
    opens_at = max((bound.opens_at for bound in mine), default=None)
    closes_at = min((bound.closes_at for bound in mine), default=None)
    if closes_at is None or put_off is None:
        return Opening(kind, opens_at, closes_at)
    later = [max(one.closes_at, put_off) if one.level == Level.SCHOOL else one.closes_at for one in mine]
    return Opening(kind, opens_at, min(later), min(later) if min(later) > closes_at else None)


def openings(place: Place) -> dict[str, Opening]:
    """Every effective window of the semester, by kind, in one query; extensions are asked of `governance`."""
    fields = ("kind", "level", "opens_at", "closes_at")
    bounds = [Bound(*row) for row in windows_at(place).values_list(*fields)]
    return {kind: opening_of(WindowKind(kind), bounds) for kind in WindowKind.values}


def require_open(place: Place, kind: WindowKind) -> Opening:
    """The effective window of one kind.

    Raises WindowClosed when now lies outside, naming the dates.
    """
    return require_now(openings(place)[kind])


def require_now(opening: Opening) -> Opening:
    """The same opening.

    Raises WindowClosed when now lies outside, naming the dates.
    """
    if not opening.is_open:
        raise WindowClosed(window=opening.kind.label, when=opening.text)
    return opening


@prepared
def _policies(school_year: Later) -> QuerySet[Policy]:
    return Policy.objects.filter(school_year=school_year)


def limits(place: Place) -> Limits:
    """National limits of the year, made stricter by authority and school where they say so."""
    national = national_policy(place.school_year, place.semester)
    local = [
        row
        for row in _policies(school_year=place.school_year)
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
        outcomes_per_course=strictest("outcomes_per_course", None),
        activities_per_year=strictest("activities_per_year", None),
    )
