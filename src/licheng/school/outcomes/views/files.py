from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from licheng.school import filing
from licheng.school.outcomes.queries import file_seen
from licheng.school.people.actors import SchoolRequest


@require_safe
def file(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponseBase:
    """The original file, to be saved."""
    return filing.serve_file(file_seen(request.actor, outcome_id, role))


@require_safe
def page(request: SchoolRequest, outcome_id: UUID, role: str, number: int) -> HttpResponse:
    """One page as a picture."""
    return filing.serve_page(file_seen(request.actor, outcome_id, role), number)


@require_safe
def play(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponseBase:
    """Sound or film for the player of the page."""
    return filing.serve_player(file_seen(request.actor, outcome_id, role), request)


@require_safe
def receipt(request: SchoolRequest, outcome_id: UUID, role: str) -> HttpResponse:
    """The proof that the school's log holds this very file."""
    return filing.serve_receipt(file_seen(request.actor, outcome_id, role))
