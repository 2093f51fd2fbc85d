from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.rosters.fetch_forms import FetchForm
from licheng.school.rosters.operations import fetch_codes as fetch
from licheng.school.rosters.queries.fetches import fetch_page


@require_http_methods(["GET", "POST"])
@counted("rosters.fetch", times=60)
def fetch_codes(request: PersonRequest) -> HttpResponse:
    """Choose an entry year; posting fetches its codes and shows what they would change."""
    page = fetch_page(request.actor)
    form = FetchForm(request.POST or None, years=page.years)
    if request.method == "POST" and form.is_valid():
        year: int = form.cleaned_data["entry_year"]
        roster = fetch(actor=request.actor, entry_year=year)
        if roster is not None:
            return redirect("rosters:import_detail", roster.pk)
        messages.info(
            request,
            _("{year} 學年度入學的課程代碼和上次匯入的一樣，沒有要匯入的內容。").format(year=year),
        )
        return redirect("rosters:fetch_codes")
    return render(
        request, "rosters/fetch_codes.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )
