from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from licheng.foundations.accounts import devices, gate, lockout
from licheng.foundations.accounts.entering import may_enter
from licheng.foundations.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """What every way of signing in passes through: password, passkey, or another organisation's word."""

    def get_login_stages(self) -> list[str]:
        """None of the library's own: the gate asks for e-mail and second factor, at every request."""
        return []

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse | None:
        """Let in only who still belongs to this site; the others learn nothing."""
        if not may_enter(user):
            clear_login(request)
            return redirect("sign_in")
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        return answer

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Begin the session, and the time it lasts."""
        super().login(request, user)
        if isinstance(user, User):
            gate.begin(request, user)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse:
        """After the last step of signing in this device is known for the account."""
        answer: HttpResponse = super().post_login(request, user, **more)
        if isinstance(user, User):
            devices.remember(request, answer, user)
        return answer

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count too; the unspecified one where the socket has none."""
        return lockout.address(request) or "::"
