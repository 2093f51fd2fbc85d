"""The files of a plan on file: its codes in every layout, and what was corrected since the version before."""

from dataclasses import dataclass
from zlib import crc32

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from licheng_exchange import (
    CodeLayout,
    CodeLine,
    CorrectionLine,
    corrections_between,
    write_code_file,
    write_correction_file,
)

from licheng.courseplans.plans.models import Plan, PlanCourse
from licheng.courseplans.plans.states import PlanState

FORMAT = 2  # counts up when the files themselves are written differently


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a plan: what it holds, how it is laid out, what it is called."""

    layout: CodeLayout
    stem: str
    label: str | Promise
    is_correction: bool = False

    @property
    def content_type(self) -> str:
        """Its media type."""
        return CONTENT_TYPES[self.layout]


CONTENT_TYPES: dict[str, str] = {
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CODES, CORRECTIONS = "課程代碼", "課程代碼更正"
DOWNLOADS = {
    "txt": Download("txt", CODES, _("課程代碼檔 TXT（匯入學校平臺用）")),
    "csv": Download("csv", CODES, "CSV"),
    "xlsx": Download("xlsx", CODES, "XLSX"),
    "json": Download("json", CODES, "JSON"),
    "corrections": Download("txt", CORRECTIONS, _("代碼更正檔 TXT"), is_correction=True),
    "corrections-xlsx": Download("xlsx", CORRECTIONS, _("代碼更正檔 XLSX"), is_correction=True),
}


def etag_of(plan: Plan, download: str) -> str:
    """What names the bytes of a download: a plan on file never changes, so its version says it all."""
    return f'"{FORMAT}-{plan.pk}-{plan.version}-{download}"'


def api_etag_of(plan: Plan) -> str:
    """What names an answer of the API, which says the school's name too: the directory may change that."""
    return etag_of(plan, f"api-{crc32(plan.plan_school.name.encode()):08x}")


def code_lines(plan: Plan) -> list[CodeLine]:
    """The courses of a plan in its own order, group by group; one query."""
    rows = plan.courses.order_by(*PlanCourse.IN_PLAN_ORDER)
    return [CodeLine(*row) for row in rows.values_list("code", "name", "credits")]


def correction_lines(plan: Plan) -> list[CorrectionLine]:
    """What changed since the version on file before; nothing for a first version."""
    filed = Plan.objects.filter(state=PlanState.FILED, plan_school_id=plan.plan_school_id)
    before = filed.filter(entry_year=plan.entry_year, version__lt=plan.version).order_by("-version").first()
    if before is None:
        return []
    replaced = plan.corrections.values_list("old_code", "new_code")
    return corrections_between(code_lines(before), code_lines(plan), replaced)


def write_download(plan: Plan, download: str) -> bytes:
    """The bytes of a download of DOWNLOADS."""
    chosen = DOWNLOADS[download]
    if chosen.is_correction:
        return write_correction_file(correction_lines(plan), chosen.layout)
    return write_code_file(code_lines(plan), chosen.layout)
