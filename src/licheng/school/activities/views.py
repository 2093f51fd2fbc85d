from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.errors import DomainError
from licheng.foundations.requests import PersonRequest
from licheng.school.activities import operations
from licheng.school.activities.categories import CATEGORIES
from licheng.school.activities.forms import ActivityForm, form_for
from licheng.school.activities.queries import (
    ActivityPage,
    activities_listed,
    activity_shown,
    activity_to_edit,
    address_of,
    file_seen_by,
)
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import limits, openings
from licheng.school.filing import (
    FileMissing,
    serve_file,
    serve_page,
    serve_player,
    serve_receipt,
    shown_terms,
    upload_answer,
)
from licheng.school.people.actors import school_of
from licheng.school.people.models import Role

ROLES = ("document", "media")
CREATED = 201


@require_GET
def activity_list(request: PersonRequest) -> HttpResponse:
    """The student's records by category, and the categories to begin one in."""
    listed = activities_listed(request.actor, request.GET.get("category", ""), request.GET.get("page", ""))
    opening = openings(school_of(request.actor).place)[WindowKind.UPLOAD]
    context = {
        "listed": listed,
        "categories": CATEGORIES.values(),
        "may_start": Role.STUDENT in request.actor.roles and opening.is_open,
        "opening": opening,
    }
    return render(request, "activities/list.html", context)


@require_POST
def start(request: PersonRequest) -> HttpResponse:
    """Begin a record and go to its form."""
    activity = operations.start_activity(actor=request.actor, category=request.POST.get("category", ""))
    return redirect("activities:edit", activity.pk)


@require_GET
def detail(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """One record with its evidence."""
    opening = openings(school_of(request.actor).place)[WindowKind.UPLOAD]
    context = {"shown": activity_shown(request.actor, activity_id), "opening": opening}
    return render(request, "activities/detail.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """The form of one record: fields, note, link and files; without JavaScript the files come with it."""
    activity = activity_to_edit(request.actor, activity_id)
    initial = {**activity.fields, "note": activity.note, "link": activity.link}
    form = form_for(activity.category, request.POST if request.method == "POST" else None, initial)
    errors: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        operations.write_activity(
            actor=request.actor,
            activity_id=activity_id,
            fields=form.written(),
            note=form.cleaned_data["note"],
            link=form.cleaned_data["link"],
        )
        errors = _take_files(request, activity_id)
        if not errors:
            messages.success(request, _("已儲存。"))
            return redirect("activities:detail", activity_id)
    shown = activity_shown(request.actor, activity_id)
    status = 422 if form.errors or errors else 200
    return render(request, "activities/edit.html", _form_context(request, form, shown, errors), status=status)


def _take_files(request: PersonRequest, activity_id: UUID) -> dict[str, str]:
    refusals: dict[str, str] = {}
    for role in ROLES:
        sent = request.FILES.get(role)
        if sent is None:
            continue
        try:
            operations.attach_file(
                actor=request.actor,
                activity_id=activity_id,
                role=role,
                stream=_bytes_of(sent),
                name=sent.name or "",
            )
        except DomainError as refusal:
            refusals[role] = f"{refusal.sentence}{refusal.what_to_do}"
    return refusals


def _form_context(
    request: PersonRequest, form: ActivityForm, shown: ActivityPage, errors: dict[str, str]
) -> dict[str, object]:
    place = school_of(request.actor).place
    allowed = limits(place)
    return {
        "opening": openings(place)[WindowKind.UPLOAD],
        "form": form,
        "shown": shown,
        "document_terms": shown_terms(allowed, "document"),
        "media_terms": shown_terms(allowed, "media"),
        "errors": errors,
        "file_errors": [{"id": f"id_{role}", "text": text} for role, text in errors.items()],
    }


def _bytes_of(sent: "UploadedFile[Any]") -> BinaryIO:
    if sent.file is None:
        raise FileMissing
    return cast("BinaryIO", sent.file)


@require_POST
def upload(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """One file, taken in at once: 201 with what was kept, or problem+json."""
    role, sent = request.POST.get("role", ""), request.FILES.get("file")
    if sent is None:
        raise FileMissing
    stored = operations.attach_file(
        actor=request.actor, activity_id=activity_id, role=role, stream=_bytes_of(sent), name=sent.name or ""
    )
    receipt_url = address_of(activity_id, role, "receipt")
    preview_url = address_of(activity_id, role, "page", 1) if stored.pages else ""
    return JsonResponse(upload_answer(stored, receipt_url, preview_url), status=CREATED)


@require_POST
def remove_file(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponse:
    """Untie one file."""
    operations.remove_file(actor=request.actor, activity_id=activity_id, role=role)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({})
    messages.success(request, _("已移除檔案。"))
    return redirect("activities:edit", activity_id)


@require_POST
def delete(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """Drop a draft."""
    operations.delete_activity(actor=request.actor, activity_id=activity_id)
    messages.success(request, _("已刪除這筆多元表現。"))
    return redirect("activities:list")


@require_GET
def file(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """The original bytes of one file."""
    return serve_file(file_seen_by(request.actor, activity_id, role))


@require_GET
def page(request: PersonRequest, activity_id: UUID, role: str, number: int) -> HttpResponseBase:
    """One page of a document as a picture."""
    return serve_page(file_seen_by(request.actor, activity_id, role), number)


@require_GET
def play(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """Sound or film for the player."""
    return serve_player(file_seen_by(request.actor, activity_id, role), request)


@require_GET
def receipt(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """The receipt of one upload."""
    return serve_receipt(file_seen_by(request.actor, activity_id, role))
