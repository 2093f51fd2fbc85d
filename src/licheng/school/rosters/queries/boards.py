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
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.states import ImportState

HISTORY_ROWS = 30
BASIC = 6  # the school's own rosters; the ministry's follow
# One row of each roster as a school would write it; the people are invented.
EXAMPLES = {
    RosterKind.COURSE_CODES: "115070406V2640101010101, 國語文, 333322",
    RosterKind.STAFF: "帳號,姓名,職務\nt208,林老師,任課教師、導師",
    RosterKind.CLASSES: "學年度,年級,班級,導師帳號\n115,1,商一甲,t208",
    RosterKind.STUDENTS: (
        "身分證號,出生日期,學號,姓名,性別,年級,班級,座號\nA123456789,0991118,1152001,林同學,女,1,商一甲,01"
    ),
    RosterKind.ENROLMENTS: (
        "學年度,學期,課程代碼,科目名稱,開課班級,學號,任課教師帳號\n"
        "115,1,115070406V2640101010101,國語文,商一甲,1152001,t208"
    ),
}
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
    for row in history:
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
        example=EXAMPLES.get(kind, ""),
    )
