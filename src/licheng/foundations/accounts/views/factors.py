"""Second factors: the page of one's own, adding and removing, and showing who one is."""

import base64

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licheng.foundations.accounts import factors, passkeys
from licheng.foundations.accounts.factor_forms import AppForm, NameForm, PasskeyForm
from licheng.foundations.accounts.mfa import passkey_host
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.onward import keep_onward, onward
from licheng.foundations.accounts.operations import (
    add_app,
    add_passkey,
    keep_recovery_codes,
    move_session,
    remove_factor,
    rename_passkey,
    renew_recovery_codes,
    show_recovery_codes,
)
from licheng.foundations.accounts.views.own import account_of
from licheng.foundations.authz import require_fresh
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest, part_of

SECRET = "factors_secret"  # noqa: S105 -- the name of a session key
STEP = "factors"


@part_of(STEP)
@require_safe
@never_cache
def index(request: PersonRequest) -> HttpResponse:
    """What protects this account. Whoever still owes a factor is asked for it, or sets one up, here."""
    user = account_of(request)
    held = factors.factors_of(user)
    is_owed = factors.pending_factor(request)
    if is_owed:
        keep_onward(request)
    if is_owed and held.count:
        return redirect("step_up")
    context = {"held": held, "is_owed": is_owed, "must_have": request.actor.needs_factor}
    context |= {
        "passkey_host": passkey_host(),
        "can_remove": held.count > 1 or not request.actor.needs_factor,
    }
    return render(request, "accounts/factors.html", context)


@method_decorator([part_of(STEP), never_cache, sensitive_post_parameters()], name="dispatch")
class AddApp(View):
    """Setting up an authenticator app: a secret as picture and text, proved by its first code."""

    def get(self, request: PersonRequest) -> HttpResponseBase:
        """A new secret, kept sealed in the session until a code proves that the app has it."""
        require_fresh(request.actor)
        if SECRET not in request.session:  # whoever comes back has scanned this one already
            request.session[SECRET] = get_adapter().encrypt(generate_totp_secret())
        return self._page(request, AppForm())

    def post(self, request: PersonRequest) -> HttpResponseBase:
        """Keep the secret once the app's code is right."""
        form = AppForm(request.POST)
        if SECRET not in request.session:
            return redirect("add_app")
        if form.is_valid():
            secret = get_adapter().decrypt(request.session[SECRET])
            try:
                is_first = add_app(
                    actor=request.actor,
                    user=account_of(request),
                    secret=secret,
                    code=form.cleaned_data["code"],
                )
            except Invalid as refusal:
                form.add_error("code", str(refusal.data["reason"]))
            else:
                del request.session[SECRET]
                return _added(request, is_first=is_first)
        return self._page(request, form, status=422)

    def _page(self, request: PersonRequest, form: AppForm, status: int = 200) -> HttpResponse:
        adapter = get_adapter()
        secret = adapter.decrypt(request.session[SECRET])
        picture = adapter.build_totp_svg(adapter.build_totp_url(account_of(request), secret))
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        context = {
            "form": form,
            "secret": spaced,
            "picture": base64.b64encode(picture.encode()).decode(),
        }
        return render(request, "accounts/add_app.html", context, status=status)


@method_decorator([part_of(STEP), never_cache], name="dispatch")
class AddPasskey(View):
    """Making a passkey on this device, a phone or a security key."""

    def get(self, request: PersonRequest) -> HttpResponseBase:
        """A new challenge for the browser."""
        require_fresh(request.actor)
        return self._page(request, PasskeyForm(initial={"name": _("這部裝置")}))

    def post(self, request: PersonRequest) -> HttpResponseBase:
        """Keep the passkey that the browser made."""
        form = PasskeyForm(request.POST)
        if form.is_valid():
            made = passkeys.finish_making(form.cleaned_data["credential"])
            if made is not None:
                is_first = add_passkey(
                    actor=request.actor,
                    user=account_of(request),
                    registration=made,
                    name=form.cleaned_data["name"].strip(),
                )
                return _added(request, is_first=is_first)
        form.add_error(None, _("通行金鑰沒有建立成功。請再按一次「建立通行金鑰」。"))
        return self._page(request, form, status=422)

    def _page(self, request: PersonRequest, form: PasskeyForm, status: int = 200) -> HttpResponse:
        host = passkey_host()
        options = passkeys.begin_making(account_of(request)) if host else None
        return render(request, "accounts/add_passkey.html", {"form": form, "options": options}, status=status)


@require_POST
def rename(request: PersonRequest, factor_id: int) -> HttpResponse:
    """Give an own passkey another name."""
    form = NameForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    rename_passkey(actor=request.actor, user=account_of(request), factor_id=factor_id, name=name)
    messages.success(request, _("已改名。"))
    return redirect("factors")


@require_POST
def remove(request: PersonRequest, factor_id: int) -> HttpResponse:
    """Remove an own passkey or app."""
    user = account_of(request)
    remove_factor(actor=request.actor, user=user, factor_id=factor_id)
    factors.mark(request, user, "shown" if factors.has_factor(user) else "none")
    messages.success(request, _("已移除。其他裝置下次使用時要再確認一次身分。"))
    return redirect("factors")


@require_POST
def renew_codes(request: PersonRequest) -> HttpResponse:
    """Make new recovery codes and show them."""
    renew_recovery_codes(actor=request.actor, user=account_of(request))
    return redirect("recovery_codes")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("codes", "context")
def recovery_codes(request: PersonRequest) -> HttpResponse:
    """The recovery codes, until one says that they are kept; afterwards only how many are left."""
    user = account_of(request)
    if request.method == "POST":
        keep_recovery_codes(actor=request.actor, user=user)
        return redirect(onward(request, "factors"))
    codes = show_recovery_codes(actor=request.actor, user=user)
    spaced = [f"{code[:5]} {code[5:]}" for code in codes]
    context = {
        "codes": spaced,
        "as_text": "\n".join(spaced),
        "left": factors.factors_of(user).codes_left,
    }
    return render(request, "accounts/recovery_codes.html", context)


def _added(request: PersonRequest, *, is_first: bool) -> HttpResponse:
    """What was just set up was shown too; the session goes on with it."""
    prove(request, account_of(request), factors.FACTOR_METHOD)
    messages.success(request, _("登入保護已加上。"))
    return redirect("recovery_codes" if is_first else "factors")


def prove(request: PersonRequest, user: User, method: str) -> None:
    """Note what was shown, and go on under another session key: whoever knew the one before has nothing."""
    before = request.session.session_key or ""
    factors.mark(request, user, "none" if method == "password" else "shown")
    factors.record_proof(request, user, method)
    request.session.cycle_key()
    move_session(actor=request.actor, user=user, old_key=before, new_key=request.session.session_key or "")
