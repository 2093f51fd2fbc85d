"""The page "who may see this?" of every app's records."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from licheng.foundations.askers import RuleReaders


def who_page(request: HttpRequest, told: Sequence[RuleReaders], *, what: str, back: str) -> HttpResponse:
    """Who each rule lets at a record; `what` is the record in words, `back` its address."""
    return render(request, "people/who.html", {"told": told, "what": what, "back": back})
