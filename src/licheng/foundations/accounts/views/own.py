"""What people look after themselves: password, sessions; each step ends what it should."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from licheng.foundations.accounts.forms import PasswordForm
from licheng.foundations.accounts.gate import limits_of
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import (
    change_password,
    end_session,
    end_sessions,
    move_session,
    tell_of_new_password,
)
from licheng.foundations.accounts.queries import email_of, sessions_of
from licheng.foundations.authz import require_fresh
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest


def account_of(request: PersonRequest) -> User:
    """The signed-in account. Raises TypeError for a page that strangers reach, which would be a fault."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("an account page needs a signed-in account")
    return user


@require_GET
def account(request: PersonRequest) -> HttpResponse:
    """How one signs in, and where one changes it."""
    user = account_of(request)
    context = {"email": email_of(user), "without_email_at": user.without_email_at}
    return render(request, "accounts/account.html", context)


@sensitive_post_parameters()
@never_cache
def password(request: PersonRequest) -> HttpResponse:
    """Change one's own password; every other session ends."""
    user = account_of(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        try:
            user = change_password(actor=request.actor, user=user, old=old, new=new)
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        else:
            _stay_alone(request, user)
            tell_of_new_password(actor=request.actor, user=user)
            messages.success(request, _("密碼已更換。"))
            return redirect("home")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


def _stay_alone(request: PersonRequest, user: User) -> None:
    """End the other sessions; this one goes on under another key."""
    here = request.session.session_key or ""
    end_sessions(actor=request.actor, user=user, keep_session_key=here)
    update_session_auth_hash(request, user)
    move_session(actor=request.actor, user=user, old_key=here, new_key=request.session.session_key or "")


@require_GET
def sessions(request: PersonRequest) -> HttpResponse:
    """Where this account is signed in."""
    lines = sessions_of(account_of(request), request.session.session_key or "")
    limits = limits_of(request.actor)
    context = {
        "sessions": lines,
        "has_others": any(not line.is_here for line in lines),
        "idle_minutes": limits["idle_seconds"] // 60,
        "hours": limits["absolute_seconds"] // 3600,
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
def session_end(request: PersonRequest, device_id: int) -> HttpResponse:
    """End one session of this account; if it is this one, back to the sign-in page."""
    here = request.session.session_key or ""
    ended = end_session(actor=request.actor, user=account_of(request), session_id=device_id, here=here)
    if ended == here:
        logout(request)
        return redirect("sign_in")
    messages.success(request, _("那個裝置的登入已結束。"))
    return redirect("sessions")


@require_POST
def sessions_end_others(request: PersonRequest) -> HttpResponse:
    """End every session of this account but this one."""
    require_fresh(request.actor)
    here = request.session.session_key
    ended = end_sessions(actor=request.actor, user=account_of(request), keep_session_key=here)
    messages.success(request, _("已結束其他 {number} 個裝置的登入。").format(number=ended))
    return redirect("sessions")


@require_POST
def sessions_end_all(request: PersonRequest) -> HttpResponse:
    """End every session of this account, this one too; devices are forgotten."""
    require_fresh(request.actor)
    end_sessions(actor=request.actor, user=account_of(request))
    logout(request)
    return redirect("sign_in")
