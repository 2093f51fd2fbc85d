"""Pages of the audit."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.requests import PersonRequest
from licheng.school.oversight.forms import ActsForm
from licheng.school.oversight.operations import export_acts, note_search
from licheng.school.oversight.queries import Wanted, acts_page, own_acts_page

LAST_NAMED = "audit_last_named"  # the session's key of whom the last search was for


@require_http_methods(["GET", "HEAD", "POST"])
def acts(request: PersonRequest) -> HttpResponse:
    """Acts of the school; posting looks for some, so that no account stands in an address."""
    wanted = Wanted.from_query(request.GET.dict())
    page = acts_page(request.actor, wanted, request.GET.get("before", ""))
    if request.method == "POST":
        form = ActsForm(request.POST, actor=request.actor)
        if form.is_valid():
            return redirect(f"{reverse('oversight:acts')}?{form.wanted.as_query()}")
        return render(request, "oversight/acts.html", {"page": page, "form": form}, status=422)
    _note(request, wanted, is_first=page.is_first)
    form = ActsForm(initial=asdict(wanted) | {"account": page.person}, actor=request.actor)
    return render(request, "oversight/acts.html", {"page": page, "form": form})


def _note(request: PersonRequest, wanted: Wanted, *, is_first: bool) -> None:
    """Have a search for a person written down once: with its first page, or with any that comes without one."""
    named = wanted.person_named
    if named and (is_first or request.session.get(LAST_NAMED) != named):
        note_search(actor=request.actor, wanted=wanted)
        request.session[LAST_NAMED] = named


@require_POST
def export(request: PersonRequest) -> HttpResponse:
    """What is looked for, as CSV."""
    text = export_acts(actor=request.actor, wanted=Wanted.from_query(request.GET.dict()))
    headers = {"Content-Disposition": 'attachment; filename="acts.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def own(request: PersonRequest) -> HttpResponse:
    """What the asker did."""
    page = own_acts_page(request.actor, request.GET.get("before", ""))
    return render(request, "oversight/own.html", {"page": page})
