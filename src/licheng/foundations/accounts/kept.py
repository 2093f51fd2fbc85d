"""What a session keeps for its account a while, sealed: a form that was sent too early, codes shown once."""

import time
from base64 import b64decode, b64encode

from django.http import HttpRequest

from licheng.foundations.accounts.models import User
from licheng.foundations.privacy import FieldUnreadable, seal, unseal

KEPT_SECONDS = 900  # own bound: a proof of identity and a second look, or a jammed printer, fit in
CODES = "codes:"  # what the keys of pages of codes begin with; the page's address follows
PAGES_MOST = 10  # own bound: pages of codes of one session at once
DONE = "done"  # the field of the button that says they are handed on


def keep(request: HttpRequest, name: str, text: str) -> None:
    """Keep a text under this key of the session; strangers' sessions keep nothing."""
    if isinstance(request.user, User):
        sealed = b64encode(seal(text, place=_place(name, request.user))).decode()
        request.session[name] = {"at": time.time(), "sealed": sealed}


def kept(request: HttpRequest, name: str) -> str | None:
    """What is kept in this session for its account; forgotten after KEPT_SECONDS, or when its key is gone."""
    user = request.user
    entry = request.session.get(name) if isinstance(user, User) else None
    if entry is None or not isinstance(user, User):
        return None
    if not 0 <= time.time() - entry["at"] < KEPT_SECONDS:
        del request.session[name]
        return None
    try:
        return unseal(b64decode(entry["sealed"]), place=_place(name, user))
    except FieldUnreadable:  # logged there; nobody is shut out of every page for what was kept
        del request.session[name]
        return None


def forget(request: HttpRequest, name: str) -> None:
    """Keep it no longer."""
    request.session.pop(name, None)


def forget_oldest(request: HttpRequest, prefix: str, *, most: int) -> None:
    """Of what is kept under names with this beginning, forget what is over and all but the `most` newest."""
    held = ((entry["at"], name) for name, entry in request.session.items() if name.startswith(prefix))
    newest_first = sorted(held, reverse=True)
    oldest = time.time() - KEPT_SECONDS
    for place, (at, name) in enumerate(newest_first):
        if place >= most or at <= oldest:
            forget(request, name)


def keep_codes(request: HttpRequest, page: str, text: str) -> None:
    """Keep codes for the page at this address, which shows them until they are handed on."""
    keep(request, f"{CODES}{page}", text)
    forget_oldest(request, CODES, most=PAGES_MOST)


def codes_kept(request: HttpRequest) -> str | None:
    """The codes that the page at the request's address shows, or None once they are over."""
    return kept(request, f"{CODES}{request.path}")


def forget_codes(request: HttpRequest) -> None:
    """They are handed on: the page at the request's address shows them no more."""
    forget(request, f"{CODES}{request.path}")


def _place(name: str, user: User) -> str:
    return f"session.{name}/{user.pk}"
