"""Where somebody wanted to go before a step of signing in came between, kept in the session."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

KEPT = "onward"


def own_path(target: str) -> str:
    """A path of this site to go on to, or nothing."""
    is_own = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_own else ""


def keep_onward(request: HttpRequest) -> None:
    """Keep the page that the gate names in `next`, if it is one of this site."""
    if target := own_path(request.GET.get("next", "")):
        request.session[KEPT] = target


def onward(request: HttpRequest, otherwise: str = "home") -> str:
    """The page that was kept, once; `otherwise` where none was."""
    return str(request.session.pop(KEPT, otherwise))
