"""The way out to the issuer and back, and the pages beside it."""

import hmac
import logging
import secrets
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.socialaccount.internal.statekit import unstash_state
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.accounts import factors
from licheng.foundations.accounts.entering import actor_at_the_door
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.oidc.errors import IdentityRefused, IssuerAway
from licheng.foundations.accounts.oidc.fitting import (
    WAITING,
    account_linked_to,
    check_fits,
    let_wait,
    linked_to,
    waiting,
)
from licheng.foundations.accounts.oidc.issuer import Identity, identity_shown, provider_for
from licheng.foundations.accounts.oidc.speaking import has_issuer
from licheng.foundations.accounts.onward import own_path
from licheng.foundations.accounts.operations.identities import (
    link_identity,
    note_identity_refused,
    unlink_identity,
)
from licheng.foundations.authz import Actor, require_fresh
from licheng.foundations.errors import NotFound
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of
from licheng.foundations.requests import PersonRequest, open_to_all

log = logging.getLogger(__name__)

DOOR = Actor.system("oidc")
ASKED = Limit(times=600, seconds=900)  # own bound, of one address: a whole school may stand behind it
NONCE_BYTES = 32


@open_to_all
@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponseBase:
    """Off to the issuer, with state, nonce and PKCE; back to `next`, which is an address of this site.

    Raises NotFound where this site knows no issuer.
    """
    _count(request)
    user = request.user if isinstance(request.user, User) else None
    try:
        provider = provider_for(request)
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        answer: HttpResponseBase = provider.redirect(
            request,
            "connect" if user else "login",
            next_url=own_path(request.GET.get("next", "")),
            nonce=nonce,
            user_id=user.pk if user else None,
            auth_params={"nonce": nonce},
        )
    except IssuerAway as away:
        return _away(request, away)
    return answer


@open_to_all
@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponseBase:
    """Back from the issuer: sign in, offer to link, or refuse; refusals look alike and are written down."""
    _count(request)
    user: User | None = request.user if isinstance(request.user, User) else None
    try:
        state = _state(request)
        identity = identity_shown(request, state)
        if state["process"] == "connect":
            return _offer_link(request, identity, state)
        user = account_linked_to(identity)
        return _enter(request, identity, user, state) if user else _first_time(request, identity)
    except IdentityRefused as refused:
        note_identity_refused(actor=DOOR, user=user, reason=refused.reason)
        log.warning("an answer of the issuer was refused: %s", refused.reason)
        raise
    except IssuerAway as away:
        return _away(request, away)


@open_to_all
@require_GET
@never_cache
def first(request: HttpRequest) -> HttpResponse:
    """What to do when an identity belongs to no account yet: sign in once in the ordinary way, then link."""
    _count(request)
    identity = waiting(request)
    return render(request, "accounts/oidc/first.html", {"identity": identity, "link": reverse("oidc_link")})


@require_GET
@never_cache
def index(request: PersonRequest) -> HttpResponse:
    """One's identities at the issuer, to link and unlink."""
    return render(request, "accounts/oidc/linked.html", {"linked": linked_to(_account(request))})


@require_http_methods(["GET", "POST"])
@never_cache
def link(request: PersonRequest) -> HttpResponse:
    """Confirm that the identity just shown may sign in to one's own account, after step-up."""
    identity, user = waiting(request), _account(request)
    try:
        check_fits(identity, user, request.actor)
    except IdentityRefused as refused:
        note_identity_refused(actor=request.actor, user=user, reason=refused.reason)
        del request.session[WAITING]
        raise
    require_fresh(request.actor)
    if request.method == "GET":
        return render(request, "accounts/oidc/link.html", {"identity": identity})
    link_identity(actor=request.actor, user=user, issuer=identity.issuer, subject=identity.subject)
    del request.session[WAITING]
    messages.success(request, _("已連結。以後可以用教育雲端帳號登入。"))
    return redirect("oidc")


@require_POST
def unlink(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Let an identity sign in no more."""
    unlink_identity(actor=request.actor, user=_account(request), identity_id=identity_id)
    messages.success(request, _("已解除連結，以後不能再用那個教育雲端帳號登入。"))
    return redirect("oidc")


def _state(request: HttpRequest) -> dict[str, Any]:
    """What this session sent out with; each state works once. Raises IdentityRefused."""
    given = request.GET
    state: dict[str, Any] | None = unstash_state(
        request, state_id=given.get("state", ""), provider_id=settings.OIDC_ISSUER
    )
    if state is None:
        raise IdentityRefused("state")
    issuer = given.get("iss", settings.OIDC_ISSUER)  # RFC 9207: an answer of another issuer is a mix-up
    if not hmac.compare_digest(issuer.encode(), settings.OIDC_ISSUER.encode()):
        raise IdentityRefused("issuer-of-answer")
    if given.get("error"):
        raise IdentityRefused("declined" if given["error"] == "access_denied" else "error")
    if not given.get("code"):
        raise IdentityRefused("code")
    return state


def _enter(request: HttpRequest, identity: Identity, user: User, state: dict[str, Any]) -> HttpResponseBase:
    check_fits(identity, user, actor_at_the_door(request, user))
    target = resolve_url(own_path(state.get("next") or "") or "home")
    if request.user.is_authenticated:
        logout(request)
    if identity.acr and identity.acr in settings.OIDC_TRUSTED_ACR:
        factors.mark(request, user, "shown")
    answer: HttpResponseBase = perform_login(request, Login(user=user, redirect_url=target))
    return answer


def _first_time(request: HttpRequest, identity: Identity) -> HttpResponse:
    let_wait(request, identity)
    return redirect("oidc_first")


def _offer_link(request: HttpRequest, identity: Identity, state: dict[str, Any]) -> HttpResponse:
    """Only whoever set out to link may link: another account in this session by now is another person."""
    if not isinstance(request.user, User) or request.user.pk != state.get("user_id"):
        raise IdentityRefused("somebody-else")
    let_wait(request, identity)
    return redirect("oidc_link")


def _away(request: HttpRequest, away: IssuerAway) -> HttpResponse:
    log.warning("the issuer is away")
    messages.error(request, away.whole)
    return redirect("oidc" if request.user.is_authenticated else "sign_in")


def _count(request: HttpRequest) -> None:
    if not has_issuer():
        raise NotFound
    consume(action="oidc", who=address_of(request), limit=ASKED)


def _account(request: PersonRequest) -> User:
    if not has_issuer() or not isinstance(request.user, User):
        raise NotFound
    return request.user
