"""The page on which somebody exchanges a single-use code for a password of their own; public."""

from contextlib import nullcontext
from typing import ClassVar

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth import logout
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from licheng.foundations import fence
from licheng.foundations.accounts.errors import CodeRefused
from licheng.foundations.accounts.factors import record_proof
from licheng.foundations.accounts.forms import EnrolForm
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import redeem_code
from licheng.foundations.accounts.views.beginning import Beginning
from licheng.foundations.errors import Invalid, TooMany
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import open_to_all


@method_decorator([open_to_all, never_cache, sensitive_post_parameters()], name="dispatch")
class Enrol(Beginning, View):
    """Code in, own password set, signed in; `form_class` says which fields make up a login here."""

    form_class: ClassVar[type[EnrolForm]] = EnrolForm

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form."""
        return self._page(request, self.form_class(initial=self.initial(request)))

    @method_decorator(sensitive_variables("form"))
    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Redeem the code and sign in; what else is owed is asked for by the gate on the way home."""
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                user = self._redeem(request, form)
            except (CodeRefused, TooMany) as refusal:
                form.add_error(None, refusal.whole)
                return self._page(request, form, refusal.status)
            except Invalid as refusal:
                form.add_error("new", str(refusal.data["reason"]))
            else:
                if request.user.is_authenticated:
                    logout(request)
                record_proof(request, user, "code")
                home = reverse("home")
                answer: HttpResponseBase = perform_login(request, Login(user=user, redirect_url=home))
                return answer
        return self._page(request, form, 422)

    def _redeem(self, request: HttpRequest, form: EnrolForm) -> User:
        """Behind the fence of the school that was named, as whoever is signed in there."""
        actor = form.issuer()
        with nullcontext() if actor.school_id is None else fence.inside(actor.school_id):
            return redeem_code(
                actor=actor,
                login=form.login(),
                code=form.cleaned_data["code"],
                password=form.cleaned_data["new"],
                address=address_of(request),
            )

    def _page(self, request: HttpRequest, form: EnrolForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "rules": password_validators_help_texts()}
        return render(request, "accounts/enrol.html", context, status=status)
