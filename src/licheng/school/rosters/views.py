import csv
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from licheng_exchange import export_cell

from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.people.who import who_page
from licheng.school.rosters.forms import RosterForm
from licheng.school.rosters.operations import (
    apply_roster,
    drop_roster,
    hand_back,
    receive_roster,
    undo_roster,
)
from licheng.school.rosters.queries.boards import imports_board
from licheng.school.rosters.queries.pages import Asked, import_page, undo_page
from licheng.school.rosters.queries.readers import import_readers
from licheng.school.rosters.sheets import CSV_TYPE, ROWS_MOST, XLSX_TYPE

TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}


@require_http_methods(["GET", "POST"])
@counted("records.import", times=120)
def imports(request: PersonRequest) -> HttpResponse:
    """The rosters in order of import; posting a file has it checked and previewed."""
    board = imports_board(request.actor, request.GET.get("page", "1"))
    form = RosterForm(request.POST or None, request.FILES or None, school=board.school)
    if request.method == "POST" and form.is_valid():
        return _take(request, form)
    status = 422 if form.errors else 200
    return render(request, "rosters/imports.html", {"board": board, "form": form}, status=status)


def _take(request: PersonRequest, form: RosterForm) -> HttpResponse:
    given = form.cleaned_data
    roster = receive_roster(
        actor=request.actor,
        kind=given["kind"],
        data=given["file"].read(),
        file_name=given["file"].name,
        mode=given["mode"],
        school_year=given["school_year"] or None,
        semester=given["semester"] or None,
    )
    return redirect("rosters:import_detail", roster.pk)


def _asked(request: HttpRequest) -> Asked:
    if request.method == "POST":
        return Asked("effects", request.POST.get("q", ""))
    given = request.GET
    return Asked(given.get("view", ""), "", given.get("severity", ""), given.get("page", "1"))


@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """One file on its way: how far it is, what it would change, or why it does not come in.

    Searching is posted, so that no name stands in an address.
    """
    page = import_page(request.actor, import_id, _asked(request))
    template = (
        "rosters/import_detail.html#state"
        if request.headers.get("HX-Request")
        else "rosters/import_detail.html"
    )
    return render(request, template, {"page": page, "sheet_rows_most": ROWS_MOST})


@require_GET
def who(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Who may see this import."""
    return who_page(
        request,
        import_readers(request.actor, import_id),
        what=_("這一次名冊匯入"),
        back=reverse("rosters:import_detail", args=[import_id]),
    )


@require_POST
@counted("rosters.apply", times=120)
def apply(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Confirm a preview."""
    roster = apply_roster(actor=request.actor, import_id=import_id)
    return redirect("rosters:import_detail", roster.pk)


@require_POST
def drop(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """Give a file up."""
    drop_roster(actor=request.actor, import_id=import_id)
    messages.success(request, _("已放棄這份名冊，檔案已從系統移除，資料沒有任何變動。"))
    return redirect("rosters:imports")


@require_http_methods(["GET", "POST"])
@counted("rosters.undo", times=30)
def undo(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """What undoing would bring back, or what stands in its way; posting undoes."""
    if request.method == "POST":
        roster = undo_roster(actor=request.actor, import_id=import_id)
        messages.success(request, _("已復原：資料回到這次匯入之前的樣子。"))
        return redirect("rosters:import_detail", roster.pk)
    return render(request, "rosters/undo.html", {"page": undo_page(request.actor, import_id)})


@require_GET
@counted("rosters.hand_back", times=120, methods=frozenset({"GET"}))
def sheet(request: PersonRequest, import_id: UUID, form: str) -> HttpResponse:
    """The file as it was sent, with a column of reasons."""
    content = hand_back(actor=request.actor, import_id=import_id, form=form)
    name = f"roster-{import_id}-reasons.{form}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=TYPES[form], headers=disposition)


@require_GET
def issues(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """All findings of one import as CSV that opens in a spreadsheet; no cell can act as a formula."""
    page = import_page(request.actor, import_id)
    name = f"roster-import-{import_id}-issues.csv"
    response = HttpResponse(
        content_type=CSV_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(
        [_("程度"), _("工作表"), _("列"), _("欄位"), _("規則"), _("內容"), _("說明")],
    )
    for line in page.findings:
        cells = (
            str(line.severity_label),
            line.sheet,
            str(line.row),
            line.column,
            line.rule,
            line.value,
            line.text,
        )
        writer.writerow([export_cell(cell) for cell in cells])
    return response
