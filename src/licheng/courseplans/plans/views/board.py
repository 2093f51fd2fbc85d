from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from licheng.courseplans.plans.forms import BeginForm
from licheng.courseplans.plans.queries import begin_choices, plan_board
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.accounts.queries import recovered_at
from licheng.foundations.requests import PersonRequest


@require_safe
def board(request: PersonRequest) -> HttpResponse:
    """The plans that somebody works on."""
    asked = request.GET
    found = plan_board(
        request.actor,
        state=asked.get("state", ""),
        words=asked.get("words", ""),
        page=asked.get("page", "1"),
    )
    years, sources = begin_choices(request.actor)
    form = BeginForm(years, sources) if years else None
    context = {"board": found, "begin_form": form, "states": PlanState.choices}
    return render(request, "plans/board.html", context | {"recovered_at": recovered_at(request.user)})
