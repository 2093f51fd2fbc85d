import csv
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from licheng_exchange import export_cell

from licheng.foundations.errors import Invalid, StepUpNeeded
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.rosters.forms import RosterForm
from licheng.school.rosters.operations import import_roster
from licheng.school.rosters.queries import check_as, import_page, imports_board, page_of_check


@require_http_methods(["GET", "POST"])
@counted("records.import", times=60)
def imports(request: PersonRequest) -> HttpResponse:
    """The rosters in order of import; posting a file checks it, or checks it and brings it in."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, form)
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        except StepUpNeeded:
            messages.warning(request, _("名冊還沒有匯入。確認身分之後，請再選一次檔案。"))
            raise
    board = imports_board(request.actor, request.GET.get("page", "1"))
    status = 422 if form.errors else 200
    return render(request, "rosters/imports.html", {"board": board, "form": form}, status=status)


def _take(request: PersonRequest, form: RosterForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    kind, data = form.cleaned_data["kind"], file.read()
    if request.POST.get("step") == "check":
        check = check_as(request.actor, kind=kind, data=data, file_name=file.name)
        return render(request, "rosters/import_detail.html", {"page": page_of_check(check)})
    attempt = import_roster(actor=request.actor, kind=kind, data=data, file_name=file.name)
    return redirect("rosters:import_detail", attempt.pk)


@require_GET
def import_detail(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """What one file brought, or why it brought nothing."""
    page = import_page(
        request.actor, import_id, request.GET.get("severity", ""), request.GET.get("page", "1")
    )
    return render(request, "rosters/import_detail.html", {"page": page})


@require_GET
def issues(request: PersonRequest, import_id: UUID) -> HttpResponse:
    """All findings of one import as CSV that opens in a spreadsheet; no cell can act as a formula."""
    page = import_page(request.actor, import_id)
    name = f"roster-import-{import_id}-issues.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(
        [_("程度"), _("工作表"), _("列"), _("欄位"), _("規則"), _("內容"), _("說明")],
    )
    for line in page.all_issues:
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
