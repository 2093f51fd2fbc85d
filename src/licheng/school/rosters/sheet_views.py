"""Rosters to take away: empty ones to fill in, and what the school has."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from licheng.foundations.errors import NotFound
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters.forms import ExportForm
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.operations import export_roster
from licheng.school.rosters.sheets import XLSX_TYPE
from licheng.school.rosters.workbooks import export_book, template_book

BLANKS = [(kind.value, kind.label) for kind in RosterKind if kind != RosterKind.WORKBOOK]


@require_GET
def sheets(request: PersonRequest) -> HttpResponse:
    """What there is to take away."""
    form = ExportForm(school=school_for_imports(request.actor))
    return render(request, "rosters/sheets.html", {"form": form, "kinds": BLANKS})


@require_GET
def blank(request: PersonRequest, roster_kind: str) -> HttpResponse:
    """An empty roster to fill in."""
    school_for_imports(request.actor)
    if roster_kind not in dict(BLANKS):
        raise NotFound
    return _file(template_book(RosterKind(roster_kind)), f"{roster_kind}.xlsx")


@require_POST
@counted("rosters.export", times=30)
def export(request: PersonRequest) -> HttpResponse:
    """What the school has of one kind, as the import takes it."""
    form = ExportForm(request.POST, school=school_for_imports(request.actor))
    if not form.is_valid():
        return render(request, "rosters/sheets.html", {"form": form, "kinds": BLANKS}, status=422)
    given = form.cleaned_data
    kind = RosterKind(given["kind"])
    year, semester = given["school_year"], given["semester"]
    rosters = export_roster(actor=request.actor, kind=kind, school_year=year, semester=semester)
    return _file(export_book(rosters), f"{kind.value}-{year}-{semester}.xlsx")


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX_TYPE)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
