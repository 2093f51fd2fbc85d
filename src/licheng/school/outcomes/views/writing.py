from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.errors import DomainError, Invalid
from licheng.foundations.files.errors import FileRefused, FileTooLarge
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.school.filing import FileMissing, upload_answer
from licheng.school.outcomes import operations, queries
from licheng.school.outcomes.forms import NoteForm
from licheng.school.people.actors import SchoolRequest

type Problems = list[dict[str, str]]


@require_safe
def list_(request: SchoolRequest) -> HttpResponse:
    """The student's outcomes and the courses for which new ones can be made."""
    asked = request.GET
    mine = queries.my_outcomes(
        request.actor,
        request.school,
        group=asked.get("state", ""),
        search=asked.get("q", "").strip(),
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
    return render(request, "outcomes/detail.html", {"outcome": outcome})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """The outcome's form. Files travel by themselves; without JavaScript they come with this form."""
    if request.method != "POST":
        return _edit_page(request, outcome_id, None, {})
    form = NoteForm(request.POST) if "note" in request.POST else None
    if form is None and not request.FILES:  # no operation would ask whose outcome it is
        queries.outcome_to_edit(request.actor, outcome_id)
    refused = _save_files(request, outcome_id)
    if form is not None and form.is_valid():
        try:
            operations.write_note(actor=request.actor, outcome_id=outcome_id, note=form.cleaned_data["note"])
        except Invalid as refusal:
            form.add_error("note", f"{refusal.sentence}{refusal.what_to_do}")
    if refused or (form is not None and form.errors):
        return _edit_page(request, outcome_id, form, refused)
    if request.POST.get("then") == "send":
        return _send(request, outcome_id, form)
    messages.success(request, _("已儲存。"))
    return redirect("outcomes:edit", outcome_id)


def _bytes_of(sent: "UploadedFile[bytes]") -> BinaryIO:
    return cast("BinaryIO", sent.file)  # an upload handler always gives it a file


def _save_files(request: SchoolRequest, outcome_id: UUID) -> dict[str, str]:
    refused = {}
    for role in FileRole.values:
        sent = request.FILES.get(role)
        if sent is None:
            continue
        try:
            stored = operations.attach_file(
                actor=request.actor,
                outcome_id=outcome_id,
                role=role,
                stream=_bytes_of(sent),
                name=sent.name or "",
            )
        except (FileRefused, FileTooLarge) as refusal:
            refused[role] = f"{refusal.sentence}{refusal.what_to_do}"
        else:
            messages.success(request, _("已上傳並存好：%(name)s") % {"name": stored.original_name})
            _tell_of_same_bytes(request, outcome_id, stored)
    return refused


def _send(request: SchoolRequest, outcome_id: UUID, form: NoteForm | None) -> HttpResponse:
    try:
        operations.send_outcome(actor=request.actor, outcome_id=outcome_id)
    except DomainError as refusal:
        refused = {"": f"{refusal.sentence}{refusal.what_to_do}"}
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
    context = {"page": page, "outcome": page.outcome, "form": form, "errors": errors, "refused": refused}
    return render(request, "outcomes/edit.html", context, status=status if errors or form.errors else 200)


def _same_bytes_text(request: SchoolRequest, outcome_id: UUID, stored: StoredFile) -> str:
    names = queries.names_of_same_bytes(request.actor, outcome_id, stored)
    if not names:
        return ""
    text = _("提醒：您在「%(courses)s」的成果已經放了一模一樣的檔案。若不是故意的，請換成這門課的作品。")
    return text % {"courses": _("、").join(names)}


def _tell_of_same_bytes(request: SchoolRequest, outcome_id: UUID, stored: StoredFile) -> None:
    text = _same_bytes_text(request, outcome_id, stored)
    if text:
        messages.warning(request, text)


@require_POST
def upload(request: SchoolRequest, outcome_id: UUID) -> HttpResponse:
    """Take one file in as soon as it is chosen; 201 with what the control shows, or a problem."""
    sent = request.FILES.get("file")
    if sent is None:
        raise FileMissing
    role = request.POST.get("role", "")
    stored = operations.attach_file(
        actor=request.actor, outcome_id=outcome_id, role=role, stream=_bytes_of(sent), name=sent.name or ""
    )
    answer = upload_answer(
        stored,
        receipt_url=reverse("outcomes:receipt", args=[outcome_id, role]),
        preview_url=reverse("outcomes:page", args=[outcome_id, role, 1]),
        notice=_same_bytes_text(request, outcome_id, stored),
    )
    return JsonResponse(answer, status=201)


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
