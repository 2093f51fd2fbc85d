"""What a working group wants to change, read from text and held against what stands above."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from licheng.school.calendar.queries import Place
from licheng.school.governance.errors import (
    BadValue,
    EndsBeforeItBegins,
    LooserThanAllowed,
    NothingChanges,
)
from licheng.school.governance.queries.affected import affected_by
from licheng.school.governance.queries.settings import SettingLine, settings_of
from licheng.school.governance.values import (
    MOST,
    Value,
    ends_of,
    label_of,
    text_of,
    window_value,
)

FIRST, LAST = 2019, 2999  # own bounds: the portfolio began in school year 108 (2019)


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that would get another value; `affected` students have more than a lowered cap allows."""

    setting: str
    old: Value
    new: Value
    affected: int

    @property
    def label(self) -> str:
        """The setting in words."""
        return label_of(self.setting)

    @property
    def old_text(self) -> str:
        """What stands now."""
        return text_of(self.old)

    @property
    def new_text(self) -> str:
        """What would stand."""
        return text_of(self.new)


def proposal(place: Place, wanted: Mapping[str, Value]) -> tuple[Change, ...]:
    """What would change, each value checked; settings that are not named stay.

    Raises BadValue, EndsBeforeItBegins, LooserThanAllowed or NothingChanges.
    """
    lines = settings_of(place)
    changes = []
    for setting, given in wanted.items():
        line = lines.get(setting)
        if line is None:
            raise BadValue(setting=setting)
        value = _read(line, given)
        if value != line.value:
            require_allowed(line, value)
            changes.append(Change(setting, line.value, value, _affected(place, line, value)))
    if not changes:
        raise NothingChanges
    return tuple(changes)


def _read(line: SettingLine, given: object) -> Value:
    """A value whose kind is the setting's. Raises BadValue."""
    if given is None:
        return None
    if not line.kind and isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST:
        return given
    if line.kind and isinstance(given, dict) and set(given) == {"opens_at", "closes_at"}:
        opens_at, closes_at = (read_moment(line.label, str(given[end])) for end in ("opens_at", "closes_at"))
        return window_value(opens_at, closes_at)
    raise BadValue(setting=line.label)


def require_allowed(line: SettingLine, value: Value) -> None:
    """Refuse a value that is looser than one above the school allows, naming whose and which.

    Raises EndsBeforeItBegins or LooserThanAllowed.
    """
    if isinstance(value, dict):
        opens_at, closes_at = ends_of(value)
        if closes_at <= opens_at:
            raise EndsBeforeItBegins(setting=line.label)
    for above in line.allowed:
        if _is_looser(value, above.value):
            raise LooserThanAllowed(
                setting=line.label, wanted=text_of(value), level=above.who, bound=above.text
            )


def _is_looser(value: Value, bound: Value) -> bool:
    if isinstance(value, dict) and isinstance(bound, dict):
        (opens_at, closes_at), (first, last) = ends_of(value), ends_of(bound)
        return opens_at < first or closes_at > last
    return isinstance(value, int) and isinstance(bound, int) and value > bound


def _affected(place: Place, line: SettingLine, value: Value) -> int:
    return affected_by(line.setting, place, value) if isinstance(value, int) else 0


def read_cap(setting: str, text: str) -> Value:
    """A cap as typed; blank means that the school sets none. Raises BadValue."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(MOST)):
        raise BadValue(setting=label_of(setting))
    return int(text)


def read_window(setting: str, opens: str, closes: str) -> Value:
    """A window as a browser's date fields send it, in Taiwan's time; both blank: none. Raises BadValue."""
    if not opens.strip() and not closes.strip():
        return None
    return window_value(read_moment(label_of(setting), opens), read_moment(label_of(setting), closes))


def read_moment(label: str, text: str) -> datetime:
    """A time as a browser's date field sends it, in Taiwan's time. Raises BadValue."""
    try:
        moment = parse_datetime(text.strip())
    except ValueError as wrong:
        raise BadValue(setting=label) from wrong
    if moment is None or not FIRST <= moment.year <= LAST:
        raise BadValue(setting=label)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
