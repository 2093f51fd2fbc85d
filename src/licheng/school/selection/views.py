from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import Role
from licheng.school.people.who import who_page
from licheng.school.selection import operations
from licheng.school.selection.queries import board_for, selection_readers


@require_GET
def board(request: PersonRequest) -> HttpResponse:
    """What may be selected this school year, what is, and how many more fit."""
    return render(request, "selection/board.html", {"board": board_for(request.actor)})


@require_POST
def select_outcome(request: PersonRequest, outcome_id: UUID) -> HttpResponse:
    """Select one outcome."""
    operations.select_outcome(actor=request.actor, outcome_id=outcome_id)
    return _answer(request, _("已勾選。"))


@require_POST
def unselect_outcome(request: PersonRequest, outcome_id: UUID) -> HttpResponse:
    """Take one outcome out again."""
    operations.unselect_outcome(actor=request.actor, outcome_id=outcome_id)
    return _answer(request, _("已取消勾選。"))


@require_POST
def select_activity(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """Select one activity record."""
    operations.select_activity(actor=request.actor, activity_id=activity_id)
    return _answer(request, _("已勾選。"))


@require_POST
def unselect_activity(request: PersonRequest, activity_id: UUID) -> HttpResponse:
    """Take one activity record out again."""
    operations.unselect_activity(actor=request.actor, activity_id=activity_id)
    return _answer(request, _("已取消勾選。"))


@require_GET
def who(request: PersonRequest, person_id: int) -> HttpResponse:
    """Who may see what a student selects."""
    if person_id == request.actor.person_id:
        back = reverse("selection:board")
    else:
        back = reverse("ward" if Role.GUARDIAN in request.actor.roles else "people:student", args=[person_id])
    return who_page(request, selection_readers(request.actor, person_id), what=_("勾選結果"), back=back)


def _answer(request: PersonRequest, said: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        context = {"board": board_for(request.actor), "said": said}
        return render(request, "selection/board.html#choices", context)
    messages.success(request, said)
    return redirect("selection:board")
