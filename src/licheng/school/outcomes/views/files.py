from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from licheng.school import giving
from licheng.school.outcomes.queries import file_seen, file_shown
from licheng.school.people.actors import SchoolRequest


@require_safe
def file(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponseBase:
    """The file, to be saved: the original for its owner, the version for readers for others."""
    return giving.serve_file(request, request.actor, file_seen(request.actor, outcome_id, role))


@require_safe
def page(request: SchoolRequest, outcome_id: UUID, role: str, number: int) -> HttpResponseBase:
    """One page as a picture."""
    return giving.serve_page(request, request.actor, file_seen(request.actor, outcome_id, role), number)


@require_safe
def thumbnail(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponseBase:
    """The first page small."""
    return giving.serve_thumbnail(request, request.actor, file_seen(request.actor, outcome_id, role))


@require_safe
def previews(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponse:
    """The fragment with the pages, asked for again and again until they are drawn."""
    return giving.previews_fragment(request, request.actor, file_shown(request.actor, outcome_id, role))


@require_safe
def play(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponseBase:
    """Sound or film for the player of the page."""
    return giving.serve_player(request, request.actor, file_seen(request.actor, outcome_id, role))


@require_safe
def player(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponse:
    """Sound or film on a page of its own."""
    seen = file_seen(request.actor, outcome_id, role)
    facts = giving.media_facts(seen.stored)
    giving.note_file(request.actor, seen)
    shown = file_shown(request.actor, outcome_id, role)
    return render(request, "files/player.html", {"file": shown, "facts": facts})


@require_safe
def receipt(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponse:
    """The proof that the school's log holds this very file."""
    return giving.serve_receipt(request.actor, file_seen(request.actor, outcome_id, role))
