from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone

from licheng.foundations.authz import Actor, require, seen
from licheng.foundations.statements import Later, prepared
from licheng.school.frontdesk import permissions
from licheng.school.frontdesk.models import Announcement
from licheng.school.people.actors import school_of
from licheng.school.people.models import School

PER_PAGE = 20
ON_HOME = 5


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One announcement on its author's board."""

    announcement_id: int
    row: Announcement
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class AnnouncementBoard:
    """Everything that was ever announced, newest first."""

    page: Page[Announcement]
    lines: tuple[BoardLine, ...]


def shown_now(now: datetime | Later) -> Q:
    """Announcements that have begun, are not over and were not taken down."""
    return Q(shown_from__lte=now, withdrawn_at=None) & (Q(shown_until=None) | Q(shown_until__gt=now))


def announcements_of(school: School) -> QuerySet[Announcement]:
    """What a stranger may read of this school now, newest first."""
    return Announcement.objects.filter(shown_now(timezone.now()), school=school, is_public=True)


def announcements_for(actor: Actor) -> list[Announcement]:
    """What the actor's school tells its people now: security first, then the newest; one query."""
    return _told(school=actor.school_id, now=timezone.now())


@prepared
def _told(school: Later, now: Later) -> QuerySet[Announcement]:
    rows = Announcement.objects.filter(shown_now(now), school=school)
    return rows.order_by("-is_security_notice", "-shown_from", "-pk")[:ON_HOME]


def announcement_board(actor: Actor, page: str) -> AnnouncementBoard:
    """The board of those who announce. Raises NotAllowed."""
    require(actor, permissions.ANNOUNCE, school_of(actor))
    rows = seen(Announcement.objects.select_related("written_by"), actor, permissions.SEE_BOARD)
    shown = Paginator(rows, PER_PAGE).get_page(page)
    now = timezone.now()
    return AnnouncementBoard(shown, tuple(_line(row, now) for row in shown))


def _line(row: Announcement, now: datetime) -> BoardLine:
    is_over = row.shown_until is not None and row.shown_until <= now
    states = (
        (row.withdrawn_at is not None, "withdrawn"),
        (is_over, "over"),
        (row.shown_from > now, "later"),
    )
    state = next((word for is_so, word in states if is_so), "shown")
    return BoardLine(row.pk, row, state, state in {"shown", "later"})
