"""What a working group can set: caps of the school year and windows of the semester, with values as JSON.

A cap is a number of items or None (nothing set by the school); a window is {"opens_at", "closes_at"} as
ISO 8601 with offset, or None.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.calendar.models import Policy, WindowKind

type Value = int | dict[str, str] | None

CAPS = (
    "outcomes_per_semester",
    "outcomes_per_course",
    "activities_per_year",
    "outcomes_selected_per_semester",
    "outcomes_selected_per_year",
    "activities_selected_per_year",
)
MOST = 999  # own bound: more digits are a slip
WINDOW = "window"
PARTS = 3


def window_key(kind: str, semester: int) -> str:
    """The name of a window's setting; the semester is part of it, the school year stands beside it."""
    return f"{WINDOW}.{kind}.{semester}"


def window_of(setting: str) -> tuple[WindowKind, int] | None:
    """Kind and semester of a window's setting; None for a cap."""
    parts = setting.split(".")
    if len(parts) != PARTS or parts[0] != WINDOW:
        return None
    return WindowKind(parts[1]), int(parts[2])


def label_of(setting: str) -> str:
    """The setting in the reader's words."""
    window = window_of(setting)
    if window is None:
        columns = {field.name: field.verbose_name for field in Policy._meta.fields}  # noqa: SLF001 -- as documented
        return str(columns[setting])
    kind, semester = window
    return _("%(window)s（第 %(semester)d 學期）") % {"window": kind.label, "semester": semester}


def window_value(opens_at: datetime, closes_at: datetime) -> dict[str, str]:
    """A window as it is written down."""
    return {"opens_at": _written(opens_at), "closes_at": _written(closes_at)}


def _written(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="minutes")


def ends_of(value: dict[str, str]) -> tuple[datetime, datetime]:
    """Both ends of a written window."""
    return datetime.fromisoformat(value["opens_at"]), datetime.fromisoformat(value["closes_at"])


def text_of(value: Value) -> str:
    """A value for people."""
    if value is None:
        return _("不另訂")
    if isinstance(value, int):
        return _("%(n)d 件") % {"n": value}
    return " – ".join(roc_datetime(end) for end in ends_of(value))
