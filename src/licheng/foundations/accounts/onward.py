"""Where somebody wanted to go before a step of signing in came between, kept in the session."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

KEPT = "onward"


def keep_onward(request: HttpRequest) -> None:
    """Keep the page that the gate names in `next`, if it is one of this site."""
    target = request.GET.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        request.session[KEPT] = target


def onward(request: HttpRequest) -> str:
    """The page that was kept, once; the home page otherwise."""
    return str(request.session.pop(KEPT, "home"))
