"""The address of an account: asked for once after signing in, changed later."""

import time
from typing import TypedDict, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from licheng.foundations.accounts.forms import EmailCodeForm, EmailForm
from licheng.foundations.accounts.onward import keep_onward, onward
from licheng.foundations.accounts.operations import confirm_email, declare_no_email, send_email_code
from licheng.foundations.accounts.operations.email import CODE_MINUTES
from licheng.foundations.accounts.queries import email_of, has_outbox
from licheng.foundations.accounts.views.own import account_of
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest, part_of

WAITING = "email_waiting"


class Waiting(TypedDict):
    """What the session keeps until the code comes back: no code, only its digest."""

    address: str
    digest: str
    until: float


def waiting_of(request: PersonRequest) -> Waiting | None:
    """The address whose code is awaited, or None once its time is over."""
    waiting = cast("Waiting | None", request.session.get(WAITING))
    return waiting if waiting and waiting["until"] > time.time() else None


@method_decorator([never_cache, part_of("email")], name="dispatch")
class Email(View):
    """The address; `proposed` is where a site offers the one it knows from its rosters."""

    def proposed(self, request: PersonRequest) -> str:  # noqa: ARG002 -- sites that know one look at the request
        """The address offered as a start; none here."""
        return ""

    def get(self, request: PersonRequest) -> HttpResponse:
        """The present address, and the form for another one."""
        keep_onward(request)
        address = email_of(account_of(request))
        return self._page(request, EmailForm(initial={"email": "" if address else self.proposed(request)}))

    def post(self, request: PersonRequest) -> HttpResponse:
        """Send a code to the address."""
        form = EmailForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, 422)
        address = form.cleaned_data["email"]
        digest = send_email_code(actor=request.actor, user=account_of(request), address=address)
        until = time.time() + CODE_MINUTES * 60
        request.session[WAITING] = Waiting(address=address, digest=digest, until=until)
        return redirect("email_code")

    def _page(self, request: PersonRequest, form: EmailForm, status: int = 200) -> HttpResponse:
        user = account_of(request)
        context = {"form": form, "address": email_of(user), "without_email_at": user.without_email_at}
        return render(request, "accounts/email.html", context, status=status)


@never_cache
@part_of("email")
def email_code(request: PersonRequest) -> HttpResponse:
    """Type in the code that was sent."""
    waiting = waiting_of(request)
    if waiting is None:
        return redirect("email")
    form = EmailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_email(
                actor=request.actor,
                user=account_of(request),
                address=waiting["address"],
                digest=waiting["digest"],
                code=form.cleaned_data["code"],
            )
        except Invalid as refusal:
            form.add_error("code", str(refusal.data["reason"]))
        else:
            del request.session[WAITING]
            messages.success(request, _("電子郵件已確認。"))
            return redirect(onward(request))
    context = {"form": form, "address": waiting["address"], "has_outbox": has_outbox()}
    return render(request, "accounts/email_code.html", context, status=422 if form.errors else 200)


@require_POST
@part_of("email")
def email_none(request: PersonRequest) -> HttpResponse:
    """Say that one has no address."""
    declare_no_email(actor=request.actor, user=account_of(request))
    messages.info(request, _("已記下您沒有電子郵件。忘記密碼時，只能請學校重新發啟用碼；之後隨時可以補上。"))
    return redirect(onward(request))
