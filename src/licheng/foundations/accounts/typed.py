"""What was typed into a form that met the question who one is: kept for a while, and put back into the form.

It stands sealed in the session, because forms hold reasons and names; passwords and codes are never kept.
"""

import json
import re
from http import HTTPStatus
from typing import TypedDict

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from licheng.foundations.accounts import kept
from licheng.foundations.accounts.models import User
from licheng.foundations.ui.filling import filled

KEPT = "typed"  # the session's key
MOST_BYTES = 65_536  # own bound; the longest form that wants a fresh proof holds some 12 kB
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 -- the name of a field
MAIN = re.compile(r"<main\b[^>]*>")


class Typed(TypedDict):
    """A form that was sent: to which address, from which page, what was in it, and whether files were."""

    action: str
    page: str
    fields: dict[str, list[str]]
    has_files: bool


def keep(request: HttpRequest, page: str) -> None:
    """Keep what a refused form holds, for the page it stands on; a button's form holds nothing to keep."""
    if request.method != "POST" or not isinstance(request.user, User):
        return
    hidden = getattr(request, "sensitive_post_parameters", ())  # Django's mark of passwords and codes
    if hidden == "__ALL__":
        return
    fields = {name: values for name, values in request.POST.lists() if name not in {TOKEN, *hidden}}
    place, _hash, _where = page.partition("#")  # which a browser never asks for
    typed = Typed(action=request.get_full_path(), page=place, fields=fields, has_files=bool(request.FILES))
    text = json.dumps(typed)
    if (typed["has_files"] or any(map(any, fields.values()))) and len(text.encode()) <= MOST_BYTES:
        kept.keep(request, KEPT, text)


def forget_sent(request: HttpRequest) -> None:
    """Forget what was kept once its form is sent again; if that is refused once more it is kept anew."""
    typed = _kept(request) if request.method == "POST" else None
    if typed and typed["action"] == request.get_full_path():
        kept.forget(request, KEPT)


def give_back(request: HttpRequest, response: HttpResponseBase) -> None:
    """Fill in the form of this page, if something typed into it is kept and identity is shown again by now.

    On a page that shows the form no more, what was typed can be sent from its head.
    """
    if not isinstance(response, HttpResponse) or not _is_whole_page(request, response):
        return
    typed = _kept(request)
    if typed is None or typed["page"] != request.get_full_path():
        return
    page = response.text
    place, action, fields = typed["page"], typed["action"], typed["fields"]
    told: dict[str, object] = {"has_files": typed["has_files"], "action": action, "fields": [*fields.items()]}
    note = render_to_string("accounts/typed.html#note", told)
    there = filled(page, at=place, action=action, typed=fields, note=note)
    if there is None and fields:
        again = render_to_string("accounts/typed.html#again", told, request)
        there = MAIN.sub(lambda main: main[0] + again, page, count=1)
    response.content = (there or page).encode(response.charset)


def _is_whole_page(request: HttpRequest, response: HttpResponse) -> bool:
    if request.method != "GET" or response.status_code != HTTPStatus.OK:
        return False
    actor = getattr(request, "actor", None)
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return is_html and actor is not None and actor.is_fresh and "HX-Request" not in request.headers


def _kept(request: HttpRequest) -> Typed | None:
    text = kept.kept(request, KEPT)
    typed: Typed | None = json.loads(text) if text else None
    return typed
