from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.courseplans.offices import operations
from licheng.courseplans.offices.forms import OfficerForm, RecoveryForm
from licheng.courseplans.offices.operations import Post
from licheng.courseplans.offices.queries import directory as directory_of
from licheng.courseplans.offices.queries import officer_seen
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest

UNPROCESSABLE = 422


@require_safe
def directory(request: PersonRequest) -> HttpResponse:
    """Schools and the officers who work here, for operators."""
    found = directory_of(request.actor, words=request.GET.get("words", ""), page=request.GET.get("page", "1"))
    return render(request, "offices/directory.html", {"directory": found, "form": OfficerForm()})


@require_POST
def add_officer(request: PersonRequest) -> HttpResponse:
    """Open an account; its code is shown here once."""
    form = OfficerForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            officer, code = operations.add_officer(
                actor=request.actor,
                account=given["account"],
                name=given["name"],
                post=Post(given["duty"], given["place"].strip()),
            )
        except Invalid as refusal:
            form.add_error(None, refusal.whole)
        else:
            return render(request, "offices/code.html", {"officer": officer, "code": code})
    context = {"directory": directory_of(request.actor), "form": form}
    return render(request, "offices/directory.html", context, status=UNPROCESSABLE)


@require_http_methods(["GET", "POST"])
def officer(request: PersonRequest, officer_id: int) -> HttpResponse:
    """One officer; with how her identity was seen, she gets a code to enter again, shown here once."""
    who = officer_seen(request.actor, officer_id)
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    status = UNPROCESSABLE if form.errors else 200
    if form.is_valid():
        try:
            _officer, code = operations.recover_officer(
                actor=request.actor, account=who.user.login, **form.cleaned_data
            )
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
            status = refusal.status
        else:
            return render(request, "offices/code.html", {"officer": who, "code": code})
    return render(request, "offices/officer.html", {"officer": who, "form": form}, status=status)


@require_POST
def end_officer(request: PersonRequest, officer_id: int) -> HttpResponse:
    """Let somebody work here no longer."""
    ended = operations.end_officer(actor=request.actor, officer_id=officer_id)
    messages.success(request, _("已結束 %(name)s 的職務，並登出所有裝置。") % {"name": ended.name})
    return redirect("directory")
