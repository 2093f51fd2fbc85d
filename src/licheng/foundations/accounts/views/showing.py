"""Showing who one is: after the password, again before weighty actions, or by a passkey alone."""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from licheng.foundations.accounts import factors, passkeys, typed
from licheng.foundations.accounts.entering import actor_at_the_door
from licheng.foundations.accounts.errors import NotShown
from licheng.foundations.accounts.factor_forms import CodeForm, CredentialForm, PasswordAgainForm
from licheng.foundations.accounts.mfa import passkey_host
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.onward import onward, own_path
from licheng.foundations.accounts.operations import show_code, show_passkey, show_password
from licheng.foundations.accounts.operations.showing import Occasion
from licheng.foundations.accounts.queries import account_numbered
from licheng.foundations.accounts.views.factors import STEP, prove
from licheng.foundations.accounts.views.own import account_of
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import PersonRequest, open_to_all, part_of


@method_decorator([part_of(STEP), never_cache, sensitive_post_parameters()], name="dispatch")
class StepUp(View):
    """One page for both: the factor that a sign-in owes, and identity again before a weighty action."""

    def get(self, request: PersonRequest) -> HttpResponseBase:
        """Ask for a passkey or a code; for the password only where there is nothing else."""
        return self._page(request)

    def post(self, request: PersonRequest) -> HttpResponseBase:
        """Take whichever of the three was sent, and go back to where the person came from."""
        user = account_of(request)
        is_owed = factors.pending_factor(request) and factors.has_factor(user)
        forms = {"code": CodeForm, "credential": CredentialForm, "password": PasswordAgainForm}
        way = next((way for way in forms if way in request.POST), "code")
        form = forms[way](request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            self._show(request, user, way, form.cleaned_data[way], is_owed=is_owed)
        except NotShown as refusal:
            form.add_error(None, refusal.whole)
            return self._page(request, form, status=422)
        prove(request, user, "password" if way == "password" else factors.FACTOR_METHOD)
        if is_owed:
            return redirect(onward(request))
        messages.success(request, _("身分已確認，請再按一次。"))
        return redirect(own_path(request.POST.get("next", "")) or "home")

    def _show(self, request: PersonRequest, user: User, way: str, given: Any, *, is_owed: bool) -> None:
        occasion: Occasion = "account.factor" if is_owed else "account.step_up"
        if way == "code":
            show_code(actor=request.actor, user=user, code=given, occasion=occasion)
        elif way == "credential":
            assertion = passkeys.finish_showing(user, given)
            show_passkey(actor=request.actor, user=user, assertion=assertion, occasion=occasion)
        else:
            show_password(actor=request.actor, user=user, password=given)

    def _page(self, request: PersonRequest, form: Any = None, status: int = 200) -> HttpResponse:
        user = account_of(request)
        held = factors.factors_of(user)
        context: dict[str, Any] = {
            "form": form,
            "code_form": form if isinstance(form, CodeForm) else CodeForm(),
            "password_form": form if isinstance(form, PasswordAgainForm) else PasswordAgainForm(),
            "held": held,
            "is_owed": factors.pending_factor(request) and held.count > 0,
            "has_password": user.has_usable_password(),
            "keeps_typed": typed.KEPT in request.session,
            "minutes": settings.STEP_UP_SECONDS // 60,
            "next": own_path(request.POST.get("next") or request.GET.get("next", "")),
        }
        if held.passkeys and passkey_host():
            context["options"] = passkeys.begin_showing(user)
        return render(request, "accounts/step_up.html", context, status=status)


@method_decorator([open_to_all, never_cache], name="dispatch")
class PasskeySignIn(View):
    """Signing in by a passkey alone, which the device has asked its owner's finger, face or PIN for."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """A challenge for whichever passkey of this site the device holds."""
        _count(request)
        if passkey_host() is None:
            return redirect("sign_in")
        return JsonResponse(passkeys.begin_showing(None))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign in; one message whatever was wrong, so that accounts cannot be found out."""
        _count(request)
        form = CredentialForm(request.POST)
        user = form.is_valid() and self._user(request, form.cleaned_data["credential"])
        if not user:
            messages.error(request, _("這把通行金鑰不能登入這裡。請改用帳號和密碼。"))
            return redirect("sign_in")
        if request.user.is_authenticated:
            logout(request)  # else the other account's session ends at the login, with what is noted next
        factors.mark(request, user, "shown")
        factors.record_proof(request, user, factors.FACTOR_METHOD)
        target = own_path(request.POST.get("next", "")) or None
        answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=target))
        return answer

    def _user(self, request: HttpRequest, credential: Any) -> User | None:
        number = passkeys.claimed_user(credential)
        user = account_numbered(number) if number is not None else None
        if user is None:
            return None
        # Before anybody is known a bad signature is not counted against the account it names.
        assertion = passkeys.finish_showing(user, credential)
        # A challenge of the step-up page, which does not insist on PIN or finger, may be answered here too.
        actor = actor_at_the_door(request, user) if assertion and assertion.has_asked else None
        if actor is None:
            return None
        try:
            show_passkey(actor=actor, user=user, assertion=assertion, occasion="account.passkey_sign_in")
        except NotShown:
            return None
        return user


def _count(request: HttpRequest) -> None:
    limit = Limit(settings.PASSKEY_ASKS, settings.FACTOR_TRIES_SECONDS)
    consume(action="passkey-sign-in", who=address_of(request), limit=limit)
