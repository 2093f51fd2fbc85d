"""The counsellor's month, and her appointments as a calendar reads them."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, seen
from licheng.foundations.ui.templatetags.licheng_ui import roc_month
from licheng.school.counselling import permissions
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.queries.lists import (
    ConsultationRow,
    is_individual,
    known_students,
    row_shown,
    with_people,
)
from licheng.school.counselling.queries.picking import require_counsellor
from licheng.school.counselling.states import ConsultationState as S

WEEKDAY_WORDS = (  # from Monday, short enough for a seventh of a phone's width
    gettext_lazy("週一"),
    gettext_lazy("週二"),
    gettext_lazy("週三"),
    gettext_lazy("週四"),
    gettext_lazy("週五"),
    gettext_lazy("週六"),
    gettext_lazy("週日"),
)
SUNDAY = 6  # the first day of a week in Taiwan's calendars
FIRST_YEAR, LAST_YEAR = 2019, 2100  # the curriculum's first year; own bound
EVENTS_BACK_DAYS = 366  # own bound: how far back a downloaded calendar reaches
MOST_EVENTS = 2_000  # own bound


@dataclass(frozen=True, slots=True)
class Day:
    """One square of the month."""

    date: date
    is_inside: bool
    is_today: bool
    rows: tuple[ConsultationRow, ...]


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month of the counsellor's own consultations; `before` and `after` are the months beside it."""

    first: date
    title: str
    weeks: tuple[tuple[Day, ...], ...]
    rows: tuple[ConsultationRow, ...]
    before: str
    after: str
    students_named: frozenset[int]

    @property
    def week_words(self) -> list[tuple[str, str]]:
        """The days of a week as the head of the table names them, in full and short."""
        return [(str(WEEKDAYS[day]), str(WEEKDAY_WORDS[day])) for day in Calendar(SUNDAY).iterweekdays()]


@dataclass(frozen=True, slots=True)
class Event:
    """One appointment without names: what goes into the calendar of somebody's phone."""

    uid: str
    changed_at: datetime
    held_on: date
    starts_at: datetime | None
    summary: str
    place: str
    is_cancelled: bool


def month_shown(actor: Actor, month: str) -> MonthPage:
    """One month (`2026-11`); anything else is the current one. Raises NotAllowed for who is no counsellor."""
    require_counsellor(actor)
    first = _first_of(month)
    weeks = Calendar(SUNDAY).monthdatescalendar(first.year, first.month)
    rows = with_people(_own(actor).filter(held_on__range=(weeks[0][0], weeks[-1][-1])), actor)
    by_day: dict[date, list[Consultation]] = {}
    for row in rows.order_by("held_on", "starts_at", "created_at"):
        by_day.setdefault(row.held_on, []).append(row)
    today = timezone.localdate()
    squares = tuple(
        tuple(
            Day(day, day.month == first.month, day == today, tuple(map(row_shown, by_day.get(day, ()))))
            for day in week
        )
        for week in weeks
    )
    named = {
        p.pk for rows in by_day.values() for row in rows if is_individual(row) for p in known_students(row)
    }
    return MonthPage(
        first=first,
        title=roc_month(first),
        weeks=squares,
        rows=tuple(row for week in squares for day in week if day.is_inside for row in day.rows),
        before=_beside(first - timedelta(days=1)),
        after=_beside(first + timedelta(days=31)),
        students_named=frozenset(named),
    )


def events_of(actor: Actor) -> list[Event]:
    """The counsellor's own appointments of the last year and all to come, without students and content.

    Raises NotAllowed for everybody who is no counsellor.
    """
    require_counsellor(actor)
    since = timezone.localdate() - timedelta(days=EVENTS_BACK_DAYS)
    rows = _own(actor).filter(held_on__gte=since).order_by("held_on", "pk")
    return [_event(row) for row in rows[:MOST_EVENTS]]


def _own(actor: Actor) -> QuerySet[Consultation]:
    return seen(Consultation.objects.filter(counsellor=actor.person_id), actor, permissions.WRITE)


def _event(row: Consultation) -> Event:
    starts = None
    if row.starts_at is not None:
        starts = timezone.make_aware(datetime.combine(row.held_on, row.starts_at))
    words = {"manner": Manner(row.manner).label, "topic": row.topic}
    return Event(
        uid=str(row.pk),
        changed_at=row.changed_at,
        held_on=row.held_on,
        starts_at=starts,
        summary=_("課程諮詢（%(manner)s）：%(topic)s") % words,
        place=row.place,
        is_cancelled=row.state == S.CANCELLED,
    )


def _first_of(month: str) -> date:
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=timezone.get_current_timezone()).date()
    except ValueError:
        first = timezone.localdate()
    inside = FIRST_YEAR <= first.year <= LAST_YEAR
    return (first if inside else timezone.localdate()).replace(day=1)


def _beside(day: date) -> str:
    """The month of a day as addresses name it; empty outside the years that are offered."""
    return f"{day:%Y-%m}" if FIRST_YEAR <= day.year <= LAST_YEAR else ""
