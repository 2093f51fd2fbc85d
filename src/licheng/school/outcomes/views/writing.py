from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.errors import DomainError, Invalid
from licheng.school.giving import ask_for_lost
from licheng.school.outcomes import operations, queries
from licheng.school.outcomes.forms import NoteForm
from licheng.school.people.actors import SchoolRequest
from licheng.school.people.models import LookedAt, Role
from licheng.school.people.operations import note_look

type Problems = list[dict[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
def list_(request: SchoolRequest) -> HttpResponse:
    """The student's outcomes and the courses for which new ones can be made.

    Searching is posted: notes and file names hold people's names, and no address does.
    """
    asked = request.POST if request.method == "POST" else request.GET
    mine = queries.my_outcomes(
        request.actor,
        request.school,
        group=asked.get("state", ""),
        search=request.POST.get("q", "").strip(),
        page=asked.get("page", "1"),
    )
    return render(request, "outcomes/list.html", {"mine": mine})


@require_POST
def start(request: SchoolRequest, enrolment_id: int) -> HttpResponse:
    """Begin an outcome and open its form."""
    outcome = operations.start_outcome(actor=request.actor, enrolment_id=enrolment_id)
    messages.success(request, _("已建立草稿。先上傳檔案，再寫簡述。"))
    return redirect("outcomes:edit", outcome.pk)


@require_safe
def detail(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """One outcome: where it is, its files and receipts, what happened to it."""
    outcome = queries.outcome_detail(request.actor, outcome_id)
    ask_for_lost(request.actor, outcome.files)
    relation = Role.TEACHER if outcome.may_certify else ""
    note_look(
        actor=request.actor,
        student_id=outcome.student_id,
        what=LookedAt.OUTCOME,
        item_id=outcome_id,
        relation=relation,
    )
    return render(request, "outcomes/detail.html", {"outcome": outcome})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """The outcome's form; its files go to the uploads by a form of their own."""
    if request.method != "POST" or "note" not in request.POST:
        return _edit_page(request, outcome_id, None, {})
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            operations.write_note(actor=request.actor, outcome_id=outcome_id, note=form.cleaned_data["note"])
        except Invalid as refusal:
            form.add_error("note", refusal.whole)
    if form.errors:
        return _edit_page(request, outcome_id, form, {})
    if request.POST.get("then") == "send":
        return _send(request, outcome_id, form)
    messages.success(request, _("已儲存。"))
    return redirect("outcomes:edit", outcome_id)


def _send(request: SchoolRequest, outcome_id: UUID, form: NoteForm | None) -> HttpResponse:
    try:
        operations.send_outcome(actor=request.actor, outcome_id=outcome_id)
    except DomainError as refusal:
        refused = {"": refusal.whole}
        return _edit_page(request, outcome_id, form, refused, status=refusal.status)
    messages.success(request, _("已送給老師認證。結果發佈之後，您會在這裡看到。"))
    return redirect("outcomes:detail", outcome_id)


def _edit_page(
    request: SchoolRequest,
    outcome_id: UUID,
    form: NoteForm | None,
    refused: dict[str, str],
    status: int = 422,
) -> HttpResponse:
    page = queries.outcome_to_edit(request.actor, outcome_id)
    form = form or NoteForm(initial={"note": page.outcome.note})
    errors: Problems = [{"id": f"id_{role}" if role else "", "text": text} for role, text in refused.items()]
    context = {"page": page, "outcome": page.outcome, "form": form, "errors": errors}
    context["use"] = queries.use_of_semester(request.actor, request.school)
    return render(request, "outcomes/edit.html", context, status=status if errors or form.errors else 200)


@require_POST
def remove_file(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponse:
    """Take a file away from the outcome; the upload control asks for no page."""
    operations.remove_file(actor=request.actor, outcome_id=outcome_id, role=role)
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204)
    messages.success(request, _("已移除檔案。"))
    return redirect("outcomes:edit", outcome_id)


@require_POST
def delete(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Delete a draft."""
    operations.delete_outcome(actor=request.actor, outcome_id=outcome_id)
    messages.success(request, _("已刪除這件成果。"))
    return redirect("outcomes:list")


@require_POST
def send(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Send to the teachers."""
    operations.send_outcome(actor=request.actor, outcome_id=outcome_id)
    messages.success(request, _("已送給老師認證。結果發佈之後，您會在這裡看到。"))
    return redirect("outcomes:detail", outcome_id)


@require_POST
def take_back(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Take back what the teacher has not decided yet."""
    operations.take_back_outcome(actor=request.actor, outcome_id=outcome_id)
    messages.success(request, _("已收回，可以修改後再送出。"))
    return redirect("outcomes:edit", outcome_id)
