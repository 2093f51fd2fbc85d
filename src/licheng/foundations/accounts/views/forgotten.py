"""A forgotten password, in three pages: asking, the link, the new password."""

from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from licheng.foundations.accounts import lockout
from licheng.foundations.accounts.errors import LinkRefused
from licheng.foundations.accounts.forms import AccountForm, NewPasswordForm
from licheng.foundations.accounts.operations import ask_for_reset, reset_password
from licheng.foundations.accounts.queries import has_outbox
from licheng.foundations.accounts.views.beginning import Beginning
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid
from licheng.foundations.limits.counted import counted
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import open_to_all

TOKEN = "reset_token"  # noqa: S105 -- the name of a place in the session
NOBODY = Actor.system("forgotten")


@method_decorator([open_to_all, never_cache], name="dispatch")
class Forgot(Beginning, View):
    """Ask for a link; `form_class` says which fields make up a login here."""

    form_class: ClassVar[type[AccountForm]] = AccountForm

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        needs_proof = lockout.address_wants_proof(request)
        form = self.form_class(initial=self.initial(request), needs_proof=needs_proof)
        return render(request, "accounts/forgot.html", {"form": form})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the question; the answer is the same for every account, and for none."""
        form = self.form_class(request.POST, needs_proof=lockout.address_wants_proof(request))
        if not form.is_valid():
            return render(request, "accounts/forgot.html", {"form": form}, status=422)
        ask_for_reset(actor=NOBODY, login=form.login(), address=address_of(request))
        return render(request, "accounts/forgot_asked.html", {"has_outbox": has_outbox()})


@open_to_all
@never_cache
@require_safe
@counted("reset.opened", times=8, methods=frozenset({"GET", "HEAD"}))  # each makes a session
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Put the link's token into the session, so that no page with it in its address stays open."""
    request.session[TOKEN] = token
    return redirect("reset_password")


@open_to_all
@never_cache
@sensitive_post_parameters()
def reset_page(request: HttpRequest) -> HttpResponse:
    """Choose the new password; whether the link is good is told only with it, and looking uses nothing up."""
    token = request.session.get(TOKEN, "")
    form = NewPasswordForm(request.POST or None)
    if not token:
        raise LinkRefused
    if request.method == "POST" and form.is_valid():
        try:
            reset_password(actor=NOBODY, token=token, new=form.cleaned_data["new"])
        except Invalid as refusal:
            form.add_error("new", str(refusal.data["reason"]))
        else:
            request.session.flush()
            messages.success(request, _("密碼已重新設定，請用新密碼登入。"))
            return redirect("sign_in")
    return render(request, "accounts/reset.html", {"form": form}, status=422 if form.errors else 200)
