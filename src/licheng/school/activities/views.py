from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.requests import PersonRequest
from licheng.school import giving
from licheng.school.activities import operations
from licheng.school.activities.categories import CATEGORIES
from licheng.school.activities.forms import ActivityForm, form_for
from licheng.school.activities.queries import (
    ActivityPage,
    activities_listed,
    activity_readers,
    activity_shown,
    activity_to_edit,
    file_seen_by,
    file_shown,
    use_of_year,
)
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import limits
from licheng.school.filing import shown_terms
from licheng.school.governance.queries import openings_for
from licheng.school.people.actors import school_of
from licheng.school.people.models import LookedAt, Role
from licheng.school.people.operations import note_look
from licheng.school.people.who import who_page


@require_GET
def activity_list(request: PersonRequest) -> HttpResponse:
    """The student's records by category, and the categories to begin one in."""
    listed = activities_listed(request.actor, request.GET.get("category", ""), request.GET.get("page", ""))
    opening = openings_for(school_of(request.actor).place, request.actor.person_id)[WindowKind.UPLOAD]
    context = {
        "listed": listed,
        "categories": CATEGORIES.values(),
        "may_start": Role.STUDENT in request.actor.roles and opening.is_open,
        "opening": opening,
        "use": use_of_year(request.actor),
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
    opening = openings_for(school_of(request.actor).place, request.actor.person_id)[WindowKind.UPLOAD]
    shown = activity_shown(request.actor, activity_id)
    giving.ask_for_lost(request.actor, shown.files.values())
    note_look(actor=request.actor, student_id=shown.student_id, what=LookedAt.ACTIVITY, item_id=activity_id)
    context = {"shown": shown, "opening": opening}
    return render(request, "activities/detail.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """The form of one record: fields, note and link; its files go to the uploads by a form of their own."""
    activity = activity_to_edit(request.actor, activity_id)
    initial = {**activity.fields, "note": activity.note, "link": activity.link}
    form = form_for(activity.category, request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        operations.write_activity(
            actor=request.actor,
            activity_id=activity_id,
            fields=form.written(),
            note=form.cleaned_data["note"],
            link=form.cleaned_data["link"],
        )
        messages.success(request, _("已儲存。"))
        return redirect("activities:detail", activity_id)
    shown = activity_shown(request.actor, activity_id)
    status = 422 if form.errors else 200
    return render(request, "activities/edit.html", _form_context(request, form, shown), status=status)


def _form_context(request: PersonRequest, form: ActivityForm, shown: ActivityPage) -> dict[str, object]:
    place = school_of(request.actor).place
    allowed = limits(place)
    return {
        "opening": openings_for(place, request.actor.person_id)[WindowKind.UPLOAD],
        "form": form,
        "shown": shown,
        "document_terms": shown_terms(allowed, "document"),
        "media_terms": shown_terms(allowed, "media"),
        "use": use_of_year(request.actor),
    }


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
    """One file: the original for its owner, the version for readers for others."""
    return giving.serve_file(request, request.actor, file_seen_by(request.actor, activity_id, role))


@require_GET
def page(request: PersonRequest, activity_id: UUID, role: str, number: int) -> HttpResponseBase:
    """One page of a document as a picture."""
    return giving.serve_page(request, request.actor, file_seen_by(request.actor, activity_id, role), number)


@require_GET
def thumbnail(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """The first page small."""
    return giving.serve_thumbnail(request, request.actor, file_seen_by(request.actor, activity_id, role))


@require_GET
def previews(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponse:
    """The fragment with the pages, asked for again and again until they are drawn."""
    return giving.previews_fragment(request, request.actor, file_shown(request.actor, activity_id, role))


@require_GET
def play(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """Sound or film for the player."""
    return giving.serve_player(request, request.actor, file_seen_by(request.actor, activity_id, role))


@require_GET
def player(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponse:
    """Sound or film on a page of its own."""
    seen = file_seen_by(request.actor, activity_id, role)
    facts = giving.media_facts(seen.stored)
    giving.note_file(request.actor, seen)
    shown = file_shown(request.actor, activity_id, role)
    return render(request, "files/player.html", {"file": shown, "facts": facts})


@require_GET
def receipt(request: PersonRequest, activity_id: UUID, role: str) -> HttpResponseBase:
    """The receipt of one upload."""
    return giving.serve_receipt(request.actor, file_seen_by(request.actor, activity_id, role))


@require_GET
def who(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """Who may see this record."""
    return who_page(
        request,
        activity_readers(request.actor, activity_id),
        what=_("這一筆多元表現"),
        back=reverse("activities:detail", args=[activity_id]),
    )
