from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from licheng.archive.intake.checkpoints import checkpoint_now
from licheng.archive.intake.forms import ActsForm
from licheng.archive.intake.operations import search_acts
from licheng.archive.intake.queries import acts_page, deposit_detail, intake_board
from licheng.foundations.accounts.queries import recovered_at
from licheng.foundations.audit.queries import Wanted
from licheng.foundations.requests import PersonRequest, open_to_all, strangers_see


@open_to_all
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What the archive is, for whoever passes by."""
    return render(request, "intake/front.html")


@strangers_see(front)
@require_safe
def board(request: PersonRequest) -> HttpResponse:
    """The intake board; while something is being checked the page asks for its middle part again."""
    asked = request.GET
    found = intake_board(
        request.actor,
        state=asked.get("state", ""),
        school=asked.get("school", ""),
        page=asked.get("page", "1"),
    )
    template = "intake/board.html#board" if getattr(request, "htmx", False) else "intake/board.html"
    return render(request, template, {"board": found, "recovered_at": recovered_at(request.user)})


@require_safe
def deposit(request: PersonRequest, deposit_id: UUID) -> HttpResponse:
    """One deposit: what it holds, and why it went back."""
    detail = deposit_detail(request.actor, deposit_id)
    template = "intake/deposit.html#deposit" if getattr(request, "htmx", False) else "intake/deposit.html"
    return render(request, template, {"detail": detail, "line": detail.line})


@require_http_methods(["GET", "HEAD", "POST"])
def acts(request: PersonRequest) -> HttpResponse:
    """The archive's audit; posting looks for some acts, so that labels and keys alone stand in an address."""
    if request.method == "POST":
        page = acts_page(request.actor, Wanted(), "")
        form = ActsForm(request.POST)
        if form.is_valid():
            return redirect(f"{reverse('acts')}?{form.wanted.as_query()}")
        return render(request, "intake/acts.html", {"page": page, "form": form}, status=422)
    wanted = Wanted.from_query(request.GET.dict())
    page = search_acts(actor=request.actor, wanted=wanted, before=request.GET.get("before", ""))
    return render(request, "intake/acts.html", {"page": page, "form": ActsForm(initial=asdict(wanted))})


@open_to_all
@require_safe
def checkpoint_page(request: HttpRequest) -> HttpResponse:
    """The signed head of the archive's log for people; public."""
    return render(request, "intake/checkpoint.html", {"head": checkpoint_now()})
