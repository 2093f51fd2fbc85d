"""Pages of the audit."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.audit.queries import Wanted
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.oversight.forms import ActsForm
from licheng.school.oversight.operations import export_acts, search_acts
from licheng.school.oversight.queries import account_with_key, acts_page, own_acts_page

LAST_NAMED = "audit_last_named"  # the session's key of whom the last search was for


@require_http_methods(["GET", "HEAD", "POST"])
def acts(request: PersonRequest) -> HttpResponse:
    """Acts of the school; posting looks for some, so that no account stands in an address."""
    wanted = Wanted.from_query(request.GET.dict())
    if request.method == "POST":
        page = acts_page(request.actor, Wanted(), "")
        form = ActsForm(request.POST, actor=request.actor)
        if form.is_valid():
            return redirect(f"{reverse('oversight:acts')}?{form.wanted.as_query()}")
        return render(request, "oversight/acts.html", {"page": page, "form": form}, status=422)
    last_named = request.session.get(LAST_NAMED, {})
    before = request.GET.get("before", "")
    page = search_acts(actor=request.actor, wanted=wanted, before=before, last_named=last_named)
    if wanted.person_named != last_named:
        request.session[LAST_NAMED] = wanted.person_named
    account = account_with_key(request.actor, wanted.person_id)
    form = ActsForm(initial=asdict(wanted) | {"account": account}, actor=request.actor)
    return render(request, "oversight/acts.html", {"page": page, "form": form})


@require_POST
@counted("audit.export", times=30)
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
