"""Imports as pages read them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from licheng_exchange import KINDS

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.queries.checks import RosterCheck
from licheng.school.rosters.states import ImportState

HISTORY_ROWS = 30
ISSUE_ROWS = 100
CHECK_ROWS = 300  # a check has no address, so its findings cannot be turned page by page
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
SEVERITIES = {
    "error": (_("錯誤"), "error"),
    "repaired": (_("已修正"), "info"),
    "warning": (_("提醒"), "warning"),
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


@dataclass(frozen=True, slots=True)
class ImportsBoard:
    """The rosters of a school in order, and every attempt so far."""

    school_year: int
    semester: int
    kinds: list[KindLine]
    history: "Page[RosterImport]"


@dataclass(frozen=True, slots=True)
class IssueLine:
    """One finding in the reader's language."""

    sheet: str
    row: int
    column: str
    rule: str
    value: str
    severity: str
    severity_label: str | Promise
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What one file brought or would bring. `import_id` is None for a check that was not kept."""

    import_id: UUID | None
    kind_label: str
    file_name: str
    is_refused: bool
    rows: int
    accepted: int
    added: int
    changed: int
    imported_at: datetime | None
    imported_by: str
    counts: dict[str, int]
    severity: str
    issues: "Page[IssueLine]"
    all_issues: list[IssueLine]


def imports_board(actor: Actor, page: str = "1") -> ImportsBoard:
    """The rosters of the actor's school.

    Raises NotAllowed for those who do not import.
    """
    school = school_for_imports(actor)
    applied = RosterImport.objects.filter(school=school, state=ImportState.APPLIED)
    newest = {
        row.kind: row for row in applied.order_by("kind", "-imported_at").distinct("kind").defer("issues")
    }
    attempts = RosterImport.objects.filter(school=school).select_related("imported_by").defer("issues")
    return ImportsBoard(
        school_year=school.active_year,
        semester=school.active_semester,
        kinds=[_kind_line(kind, newest.get(kind)) for kind in RosterKind],
        history=Paginator(attempts, HISTORY_ROWS).get_page(page),
    )


def import_page(actor: Actor, import_id: UUID, severity: str = "", page: str = "1") -> ImportPage:
    """One attempt with its findings, all or of one severity.

    Raises NotFound for other schools' imports, NotAllowed for those who do not import.
    """
    row = _attempt(actor, import_id)
    school_for_imports(actor)
    lines = [_issue_line(issue) for issue in row.issues]
    shown = [line for line in lines if severity in {"", line.severity}]
    return ImportPage(
        import_id=row.pk,
        kind_label=str(RosterKind(row.kind).label),
        file_name=row.file_name,
        is_refused=row.state == ImportState.REFUSED,
        rows=row.rows,
        accepted=row.accepted,
        added=row.added,
        changed=row.changed,
        imported_at=row.imported_at,
        imported_by=row.imported_by.name if row.imported_by else "",
        counts=_counts(lines),
        severity=severity if severity in SEVERITIES else "",
        issues=Paginator(shown, ISSUE_ROWS).get_page(page),
        all_issues=lines,
    )


def page_of_check(check: RosterCheck) -> ImportPage:
    """A check that is shown and not kept, with all its findings on one page."""
    lines = [_issue_line(issue) for issue in check.findings(CHECK_ROWS)]
    return ImportPage(
        import_id=None,
        kind_label=str(check.kind.label),
        file_name=check.file_name,
        is_refused=check.is_refused,
        rows=check.rows,
        accepted=check.accepted,
        added=0,
        changed=0,
        imported_at=None,
        imported_by="",
        counts=_counts(lines),
        severity="",
        issues=Paginator(lines, max(len(lines), 1)).get_page(1),
        all_issues=lines,
    )


def _attempt(actor: Actor, import_id: UUID) -> RosterImport:
    own = RosterImport.objects.filter(school=actor.school_id).select_related("imported_by")
    row = own.filter(pk=import_id).first()
    if row is None:
        raise NotFound
    return row


def _kind_line(kind: RosterKind, last: RosterImport | None) -> KindLine:
    columns = KINDS[kind.value].columns
    return KindLine(
        kind=kind,
        imported_at=last.imported_at if last else None,
        rows=last.rows if last else 0,
        import_id=last.pk if last else None,
        required=_("、").join(column.header for column in columns if column.required),
        optional=_("、").join(column.header for column in columns if not column.required),
        example=EXAMPLES[kind],
    )


def _issue_line(issue: dict[str, str | int]) -> IssueLine:
    is_english = (get_language() or "").startswith("en")
    label, tone = SEVERITIES[str(issue["severity"])]
    return IssueLine(
        sheet=str(issue["sheet"]),
        row=int(issue["row"]),
        column=str(issue["column"]),
        rule=str(issue["rule"]),
        value=str(issue["value"]),
        severity=str(issue["severity"]),
        severity_label=label,
        tone=tone,
        text=str(issue["text_en" if is_english else "text_zh"]),
    )


def _counts(lines: list[IssueLine]) -> dict[str, int]:
    return {name: sum(1 for line in lines if line.severity == name) for name in SEVERITIES}
