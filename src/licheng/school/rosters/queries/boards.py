"""The import centre's list: every kind of roster in the order of import, and every file so far."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext_lazy as _
from licheng_exchange import KINDS

from licheng.foundations.authz import Actor
from licheng.school.people.models import School
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.examples import example_of
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.queries.sent import senders_in_words
from licheng.school.rosters.states import ImportState

HISTORY_ROWS = 30
BASIC = 6  # the school's own rosters; the ministry's follow
TONES = {
    ImportState.RECEIVED: "info",
    ImportState.CHECKING: "info",
    ImportState.REFUSED: "error",
    ImportState.READY: "waiting",
    ImportState.APPLYING: "info",
    ImportState.APPLIED: "success",
    ImportState.UNDONE: "neutral",
    ImportState.DROPPED: "neutral",
}


@dataclass(frozen=True, slots=True)
class KindLine:
    """One roster in the order of import: when it last came in, and how its file looks."""

    kind: RosterKind
    imported_at: datetime | None
    rows: int
    import_id: UUID | None
    required: str
    optional: str
    example: str

    @property
    def can_be_fetched(self) -> bool:
        """Whether there is a platform to fetch it from instead of a file."""
        return self.kind == RosterKind.COURSE_CODES and bool(settings.COURSEPLANS_URL)


@dataclass(frozen=True, slots=True)
class ImportsBoard:
    """The rosters of a school in order, and every attempt so far."""

    school: School
    basic: list[KindLine]
    ministry: list[KindLine]
    history: "Page[RosterImport]"


def imports_board(actor: Actor, page: str = "1") -> ImportsBoard:
    """The rosters of the actor's school.

    Raises NotAllowed for those who do not import.
    """
    school = school_for_imports(actor)
    rows = RosterImport.objects.filter(school=school).defer("issues", "content_sealed", "summary")
    applied = rows.filter(state=ImportState.APPLIED).order_by("kind", "-imported_at")
    newest = {row.kind: row for row in applied.distinct("kind")}
    lines = [_kind_line(kind, newest.get(kind)) for kind in RosterKind if kind.value in KINDS]
    history = Paginator(rows.select_related("imported_by"), HISTORY_ROWS).get_page(page)
    senders = senders_in_words(school, (row.sender for row in history))
    for row in history:
        row.sent_by = senders.get(row.sender, "")  # type: ignore[attr-defined]
        row.tone = TONES[ImportState(row.state)]  # type: ignore[attr-defined]
    return ImportsBoard(school, lines[:BASIC], lines[BASIC:], history)


def _kind_line(kind: RosterKind, last: RosterImport | None) -> KindLine:
    columns = KINDS[kind.value].columns
    return KindLine(
        kind=kind,
        imported_at=last.applied_at if last else None,
        rows=last.rows if last else 0,
        import_id=last.pk if last else None,
        required=_("、").join(column.header for column in columns if column.required),
        optional=_("、").join(column.header for column in columns if not column.required),
        example=example_of(kind),
    )
