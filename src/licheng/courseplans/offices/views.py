from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from licheng.courseplans.offices import operations
from licheng.courseplans.offices.forms import OfficerForm, RecoveryForm
from licheng.courseplans.offices.operations import Post
from licheng.courseplans.offices.queries import directory as directory_of
from licheng.courseplans.offices.queries import officer_seen
from licheng.foundations.accounts import kept
from licheng.foundations.accounts.queries import accounts_opened_by
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def directory(request: PersonRequest) -> HttpResponse:
    """Schools and the officers who work here, for operators; searching is posted: no name in an address."""
    words, page = request.POST.get("words", ""), request.GET.get("page", "1")
    found = directory_of(request.actor, words=words, page=page)
    return render(request, "offices/directory.html", {"directory": found, "form": OfficerForm()})


@require_POST
@sensitive_variables("code")
def add_officer(request: PersonRequest) -> HttpResponse:
    """Open an account, or change a post; the code of one that is not in use yet has a page of its own."""
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
            if code is not None:
                return _to_code(request, officer.pk, code)
            says = _("已更新。這個帳號已經啟用過；不能登入時，請在這裡發給新的啟用碼。")
            messages.success(request, says)
            return redirect("officer", officer.pk)
    context = {"directory": directory_of(request.actor), "form": form}
    return render(request, "offices/directory.html", context, status=UNPROCESSABLE)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("code")
def officer(request: PersonRequest, officer_id: int) -> HttpResponse:
    """One officer; with how her identity was seen, she gets a code to enter again."""
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
            return _to_code(request, officer_id, code)
    return render(request, "offices/officer.html", {"officer": who, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("code", "context")
def officer_code(request: PersonRequest, officer_id: int) -> HttpResponse:
    """The code that was made just now, until somebody says that it is handed on."""
    who = officer_seen(request.actor, officer_id)
    if request.method == "POST":
        kept.forget_codes(request)
        return redirect("officer", officer_id)
    code = kept.codes_kept(request)
    context = {"officer": who, "code": code, "opens": bool(accounts_opened_by({who.user_id: code or ""}))}
    return render(request, "offices/code.html", context)


@sensitive_variables("code")
def _to_code(request: PersonRequest, officer_id: int, code: str) -> HttpResponse:
    """Keep the code for its page, and go there: a reload of that page makes no new one."""
    page = reverse("officer_code", args=[officer_id])
    kept.keep_codes(request, page, code)
    return redirect(page)


@require_POST
def end_officer(request: PersonRequest, officer_id: int) -> HttpResponse:
    """Let somebody work here no longer."""
    ended = operations.end_officer(actor=request.actor, officer_id=officer_id)
    messages.success(request, _("已結束 %(name)s 的職務，並登出所有裝置。") % {"name": ended.name})
    return redirect("directory")
