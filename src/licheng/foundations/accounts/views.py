from typing import ClassVar

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from licheng.foundations.accounts.forms import PasswordForm, SignInForm
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import change_password
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest, open_to_all


@method_decorator([open_to_all, never_cache, sensitive_post_parameters()], name="dispatch")
class SignIn(View):
    """The sign-in page of a site; `form_class` says which fields make up a login here."""

    form_class: ClassVar[type[SignInForm]] = SignInForm

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, or go home when already signed in as somebody of this site."""
        if getattr(request, "actor", None) is not None:
            return redirect("home")
        return self._page(request, self.form_class())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign in; one message for unknown account and wrong password, so that neither can be guessed."""
        form = self.form_class(request.POST)
        if form.is_valid():
            user = authenticate(request, username=form.login(), password=form.cleaned_data["password"])
            if user is not None:
                login(request, user)
                return redirect(self._next(request))
            form.add_error(None, _("帳號或密碼不正確。請確認學校、帳號與大小寫；忘記密碼請洽學校註冊組。"))
        return self._page(request, form, status=422)

    def _next(self, request: HttpRequest) -> str:
        target = request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            return target
        return "home"

    def _page(self, request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
        target = request.POST.get("next") or request.GET.get("next", "")
        return render(request, "accounts/sign_in.html", {"form": form, "next": target}, status=status)


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("sign_in")


@sensitive_post_parameters()
@never_cache
def password(request: PersonRequest) -> HttpResponse:
    """Change one's own password; the first one must be changed before anything else."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("an account page needs a signed-in account")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_password(
                actor=request.actor, user=user, old=form.cleaned_data["old"], new=form.cleaned_data["new"]
            )
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("密碼已更換。"))
            return redirect("home")
    status = 422 if form.errors else 200
    return render(
        request,
        "accounts/password.html",
        {"form": form, "is_first": user.must_change_password},
        status=status,
    )
