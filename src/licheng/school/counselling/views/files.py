"""The file of a consultation: bytes, pages, receipt."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from licheng.foundations.requests import PersonRequest
from licheng.school import giving
from licheng.school.counselling import operations
from licheng.school.counselling.queries import file_seen_by, file_shown


@require_POST
def remove_file(request: PersonRequest, consultation_id: UUID, role: str) -> HttpResponse:
    """Untie the file."""
    operations.remove_file(actor=request.actor, consultation_id=consultation_id, role=role)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({})
    messages.success(request, _("已移除附件。"))
    return redirect("counselling:edit", consultation_id)


@require_GET
def file(request: PersonRequest, consultation_id: UUID, role: str) -> HttpResponseBase:
    """The file: the original for the counsellor, the version for readers for others."""
    return giving.serve_file(request, request.actor, file_seen_by(request.actor, consultation_id, role))


@require_GET
def page(request: PersonRequest, consultation_id: UUID, role: str, number: int) -> HttpResponseBase:
    """One page as a picture."""
    seen = file_seen_by(request.actor, consultation_id, role)
    return giving.serve_page(request, request.actor, seen, number)


@require_GET
def thumbnail(request: PersonRequest, consultation_id: UUID, role: str) -> HttpResponseBase:
    """The first page small."""
    return giving.serve_thumbnail(request, request.actor, file_seen_by(request.actor, consultation_id, role))


@require_GET
def previews(request: PersonRequest, consultation_id: UUID, role: str) -> HttpResponse:
    """The fragment with the pages, asked for again and again until they are drawn."""
    return giving.previews_fragment(request, request.actor, file_shown(request.actor, consultation_id, role))


@require_GET
def receipt(request: PersonRequest, consultation_id: UUID, role: str) -> HttpResponseBase:
    """The receipt of the upload."""
    return giving.serve_receipt(request.actor, file_seen_by(request.actor, consultation_id, role))
