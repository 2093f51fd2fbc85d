from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from licheng_exchange import national_policy

from licheng.foundations.authz import Actor, allows, found, seen
from licheng.school.calendar.models import Level, Policy, Window, WindowKind
from licheng.school.calendar.queries import Place, windows_at
from licheng.school.governance import permissions
from licheng.school.governance.models import SettingChange
from licheng.school.governance.values import CAPS, Value, label_of, text_of, window_key, window_value
from licheng.school.people.models import School

CHANGES_PER_PAGE = 30
NATIONAL = {
    "outcomes_selected_per_year": "outcomes_per_year",
    "activities_selected_per_year": "activities_per_year",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody above the school allows for one setting."""

    level: Level
    value: Value

    @property
    def who(self) -> str:
        """The level in words."""
        return str(self.level.label)

    @property
    def text(self) -> str:
        """The bound in words."""
        return text_of(self.value)


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting: what the school says now, and what stands above it."""

    setting: str
    label: str
    value: Value
    allowed: tuple[Allowed, ...]
    kind: str = ""

    @property
    def text(self) -> str:
        """What the school says now."""
        return text_of(self.value)


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """The page of the working group."""

    school: School
    caps: tuple[SettingLine, ...]
    windows: tuple[SettingLine, ...]
    may_set: bool
    may_extend: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One decision of the history."""

    change_id: int
    label: str
    school_year: int
    old: str
    new: str
    minutes: str
    changed_by: str
    changed_at: datetime
    may_undo: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Decisions, newest first."""

    page: Page[SettingChange]
    lines: tuple[ChangeLine, ...]


def school_for_settings(actor: Actor) -> School:
    """The actor's school with its authority. Raises NotFound for everybody but staff."""
    return found(School.objects.select_related("authority"), actor, permissions.SEE, actor.school_id)


def settings_page(actor: Actor) -> SettingsPage:
    """Every setting of the year and semester the school works in.

    Raises NotFound for everybody but staff.
    """
    school = school_for_settings(actor)
    lines = settings_of(school.place)
    return SettingsPage(
        school=school,
        caps=tuple(line for line in lines.values() if not line.kind),
        windows=tuple(line for line in lines.values() if line.kind),
        may_set=allows(actor, permissions.SET, school),
        may_extend=allows(actor, permissions.EXTEND, school),
    )


def settings_of(place: Place) -> dict[str, SettingLine]:
    """Caps and windows by their names, in two queries."""
    policies = {
        Level(row.level): row
        for row in Policy.objects.filter(school_year=place.school_year)
        if (row.level, row.code) in {(Level.AUTHORITY, place.authority), (Level.SCHOOL, place.school)}
    }
    windows: dict[tuple[str, str], Window] = {(row.kind, row.level): row for row in windows_at(place)}
    caps = [_cap(place, cap, policies) for cap in CAPS]
    return {line.setting: line for line in (*caps, *(_window(place, kind, windows) for kind in WindowKind))}


def bounds_of_window(place: Place, kind: WindowKind) -> tuple[Allowed, ...]:
    """What ministry and authority allow for one kind of window."""
    return settings_of(place)[window_key(kind, place.semester)].allowed


def _cap(place: Place, cap: str, policies: dict[Level, Policy]) -> SettingLine:
    allowed = []
    if cap in NATIONAL:
        national = national_policy(place.school_year, place.semester)
        allowed.append(Allowed(Level.MINISTRY, getattr(national, NATIONAL[cap])))
    authority, school = policies.get(Level.AUTHORITY), policies.get(Level.SCHOOL)
    if authority is not None and getattr(authority, cap) is not None:
        allowed.append(Allowed(Level.AUTHORITY, getattr(authority, cap)))
    value = getattr(school, cap) if school is not None else None
    return SettingLine(cap, label_of(cap), value, tuple(allowed))


def _window(place: Place, kind: WindowKind, windows: dict[tuple[str, str], Window]) -> SettingLine:
    def said(level: Level) -> Value:
        row = windows.get((kind, level))
        return window_value(row.opens_at, row.closes_at) if row else None

    above = ((level, said(level)) for level in (Level.MINISTRY, Level.AUTHORITY))
    allowed = tuple(Allowed(level, value) for level, value in above if value is not None)
    return SettingLine(
        window_key(kind, place.semester), str(kind.label), said(Level.SCHOOL), allowed, kind.value
    )


def history_page(actor: Actor, page: str) -> HistoryPage:
    """Every decision of the school's working group, newest first, in a constant number of queries.

    Raises NotFound for everybody but staff.
    """
    school = school_for_settings(actor)
    rows = seen(SettingChange.objects.select_related("changed_by"), actor, permissions.SEE_CHANGE)
    shown = Paginator(rows, CHANGES_PER_PAGE).get_page(page)
    lines, may_set = settings_of(school.place), allows(actor, permissions.SET, school)
    return HistoryPage(shown, tuple(_change(row, lines, school, may_set=may_set) for row in shown))


def _change(
    row: SettingChange, lines: dict[str, SettingLine], school: School, *, may_set: bool
) -> ChangeLine:
    now = lines.get(row.setting)
    stands = now is not None and row.school_year == school.active_year and now.value == row.new
    return ChangeLine(
        change_id=row.pk,
        label=label_of(row.setting),
        school_year=row.school_year,
        old=text_of(row.old),
        new=text_of(row.new),
        minutes=row.minutes,
        changed_by=row.changed_by.name if row.changed_by else "",
        changed_at=row.changed_at,
        may_undo=may_set and stands,
    )
