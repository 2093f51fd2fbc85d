from http import HTTPStatus
from typing import Any, ClassVar

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from licheng.foundations.accounts import lockout
from licheng.foundations.accounts.devices import device_of
from licheng.foundations.accounts.forms import SignInForm
from licheng.foundations.accounts.mfa import passkey_host
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.onward import own_path
from licheng.foundations.accounts.queries import has_outbox
from licheng.foundations.accounts.signing_in import Attempt, attempt
from licheng.foundations.accounts.views.beginning import Beginning
from licheng.foundations.requests import open_to_all


@method_decorator([open_to_all, never_cache, sensitive_post_parameters()], name="dispatch")
class SignIn(Beginning, View):
    """The sign-in page of a site; `form_class` says which fields make up a login here."""

    form_class: ClassVar[type[SignInForm]] = SignInForm

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, or go home when already signed in as somebody of this site."""
        if getattr(request, "actor", None) is not None:
            return redirect("home")
        is_new_here = device_of(request) is None
        needs_proof = is_new_here and lockout.address_wants_proof(request)
        return self._page(request, self.form_class(initial=self.initial(request), needs_proof=needs_proof))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign in; one message for every reason not to, so that nothing can be learnt about an account."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self._page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        login = form.login()
        if lockout.wants_proof(request, login):
            form = self.form_class(request.POST, needs_proof=True)
            if not form.is_valid():
                return self._page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        tried = attempt(request, login=login, password=form.cleaned_data["password"])
        return self._enter(request, tried.user) if tried.user else self._refuse(request, form, login, tried)

    def _enter(self, request: HttpRequest, user: User) -> HttpResponseBase:
        """On through the library's flow, which notes what was shown; the gate asks for what is still owed."""
        if request.user.is_authenticated:
            logout(request)
        answer: HttpResponseBase = perform_password_login(
            request, {}, Login(user=user, redirect_url=resolve_url(self._next(request)))
        )
        return answer

    def _refuse(self, request: HttpRequest, form: SignInForm, login: str, tried: Attempt) -> HttpResponse:
        """The form again, with what was typed but the password, and a proof of work where it is due."""
        text = _("學校、帳號或密碼不正確。請確認學校、帳號與大小寫；還沒設定過密碼的，請先用啟用碼設定。")
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if tried.locked_minutes:
            text = _("連續輸入錯誤太多次，暫時不能在這裡登入這個帳號。請等 {wait} 分鐘，或按「忘記密碼」。")
            text = text.format(wait=tried.locked_minutes)
            status = HTTPStatus.TOO_MANY_REQUESTS
        again = self.form_class(initial=form.typed(), needs_proof=lockout.wants_proof(request, login))
        return self._page(request, again, status, errors=[{"id": "", "text": text}])

    def _next(self, request: HttpRequest) -> str:
        return own_path(request.POST.get("next", "")) or "home"

    def _page(
        self, request: HttpRequest, form: SignInForm, status: int = HTTPStatus.OK, **more: Any
    ) -> HttpResponse:
        target = request.POST.get("next") or request.GET.get("next", "")
        context = {"form": form, "next": target, "has_outbox": has_outbox(), **more}
        context["passkey_host"] = passkey_host()
        return render(request, "accounts/sign_in.html", context, status=status)


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("sign_in")
