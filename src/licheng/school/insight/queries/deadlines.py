"""The five windows of the semester, the one that closes first in front."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime, time_left
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening

SOON = timedelta(days=3)


class Phase(StrEnum):
    """Where now lies in relation to a window."""

    OPEN = "open"
    LATER = "later"
    OVER = "over"
    UNSET = "unset"


ORDER = (Phase.OPEN, Phase.LATER, Phase.OVER, Phase.UNSET)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One window as the home page lists it."""

    kind: WindowKind
    label: str
    phase: Phase
    phase_word: str
    tone: str
    when: str
    left: str
    closes_at: datetime | None
    extended_to: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something can be done now."""
        return self.phase is Phase.OPEN

    @property
    def is_soon(self) -> bool:
        """Whether it is open and closes within three days."""
        return self.is_open and self.closes_at is not None and self.closes_at - timezone.now() <= SOON


def deadlines_of(openings: Mapping[str, Opening]) -> tuple[Deadline, ...]:
    """Every window: open ones first, the soonest to close in front, then those to come, then the closed."""
    far = timezone.now() + timedelta(days=36_500)
    ordered = sorted(
        openings.values(),
        key=lambda each: (ORDER.index(_phase(each)), _next_moment(each) or far),
    )
    return tuple(_deadline(each) for each in ordered)


def _phase(opening: Opening) -> Phase:
    if opening.opens_at is None or opening.closes_at is None:
        return Phase.UNSET
    if opening.is_open:
        return Phase.OPEN
    return Phase.LATER if timezone.now() < opening.opens_at < opening.closes_at else Phase.OVER


def _next_moment(opening: Opening) -> datetime | None:
    return opening.opens_at if _phase(opening) is Phase.LATER else opening.closes_at


def _deadline(opening: Opening) -> Deadline:
    phase = _phase(opening)
    words = {
        Phase.OPEN: (_("開放中"), "success"),
        Phase.LATER: (_("還沒開始"), "info"),
        Phase.OVER: (_("已截止"), "neutral"),
        Phase.UNSET: (_("尚未公布"), "neutral"),
    }
    when = {
        Phase.OPEN: _("%(when)s 截止"),
        Phase.LATER: _("%(when)s 開始"),
        Phase.OVER: _("%(when)s 已截止"),
        Phase.UNSET: _("學校公布後會顯示在這裡"),
    }[phase] % {"when": roc_datetime(_next_moment(opening))}
    word, tone = words[phase]
    left = time_left(opening.closes_at) if phase is Phase.OPEN else ""
    ends = (opening.closes_at, opening.extended_to)
    return Deadline(opening.kind, str(opening.kind.label), phase, word, tone, when, left, *ends)
