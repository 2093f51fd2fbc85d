from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import F

from licheng.foundations.authz import Actor, require_reach, seen
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening, openings
from licheng.school.governance import permissions
from licheng.school.governance.models import Extension
from licheng.school.governance.queries.settings import school_for_settings
from licheng.school.people.models import ClassGroup, School

EXTENSIONS_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class ExtensionLine:
    """One extension in words; `is_open` says whether it can still be taken back."""

    extension_id: int
    person_id: int | None  # whose reason it is; None for a class
    window: str
    whom: str
    closes_at: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class ExtensionsPage:
    """The list and what the form offers."""

    school: School
    page: Page[Extension]
    lines: tuple[ExtensionLine, ...]
    windows: tuple[Opening, ...]
    classes: tuple[tuple[int, str], ...]

    @property
    def people_named(self) -> set[int]:
        """Whose reasons the page tells."""
        return {line.person_id for line in self.lines if line.person_id is not None}


def extensions_page(actor: Actor, page: str) -> ExtensionsPage:
    """Extensions of the semester, those that stand in front, newest first; a constant number of queries.

    Raises NotFound (not staff) or NotAllowed.
    """
    school = school_for_settings(actor)
    require_reach(actor, permissions.EXTEND, school)
    rows = seen(Extension.objects.all(), actor, permissions.SEE_EXTENSION).filter(
        school_year=school.active_year, semester=school.active_semester
    )
    ordered = rows.select_related("class_group", "person", "granted_by").order_by(
        F("withdrawn_at").desc(nulls_first=True), "-granted_at", "-pk"
    )
    shown = Paginator(ordered, EXTENSIONS_PER_PAGE).get_page(page)
    classes = ClassGroup.objects.filter(school=school, school_year=school.active_year)
    windows = openings(school.place)
    return ExtensionsPage(
        school=school,
        page=shown,
        lines=tuple(_line(row) for row in shown),
        windows=tuple(windows[kind] for kind in WindowKind.values if kind != WindowKind.SUBMIT),
        classes=tuple(classes.order_by("grade", "name").values_list("pk", "name")),
    )


def _line(row: Extension) -> ExtensionLine:
    return ExtensionLine(
        extension_id=row.pk,
        person_id=row.person_id,
        window=str(WindowKind(row.kind).label),
        whom=row.class_group.name if row.class_group else str(row.person),
        closes_at=row.closes_at,
        reason=row.reason,
        granted_by=row.granted_by.name if row.granted_by else "",
        granted_at=row.granted_at,
        is_open=row.withdrawn_at is None,
    )
