"""Pages of single-use codes: made by a POST, shown by the page it leads to, so that a reload makes no more.

Until somebody says that they are handed on, or for a quarter of an hour, they stand sealed in the session.
"""

import json
from collections.abc import Callable, Sequence
from typing import TypedDict
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from licheng.foundations.accounts import kept
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.people.actors import SchoolRequest
from licheng.school.people.forms import RecoverForm
from licheng.school.people.models import LookedAt, Person
from licheng.school.people.operations import (
    issue_class_codes,
    issue_person_code,
    make_class_guardian_codes,
    make_guardian_code,
    note_look,
    note_looks,
    recover_person,
)
from licheng.school.people.queries.accounts import class_for_codes, person_to_recover
from licheng.school.people.queries.cards import (
    Card,
    class_of_guardian_codes,
    enrolment_cards,
    guardian_cards,
    person_with_code,
)
from licheng.school.people.queries.guardians import guardians_page


class Made(TypedDict):
    """What a page of codes shows: the codes by person, and whether they let somebody in again."""

    codes: list[tuple[int, str]]
    is_recovery: bool


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("cards")
def class_codes(request: SchoolRequest, class_id: int) -> HttpResponse:
    """Codes for a class, as cards to print and cut."""
    if request.method == "POST":
        none = _("這一班的學生都已啟用，沒有產生新的啟用碼。")
        return _for_class(request, class_id, issue_class_codes, none)
    group = class_for_codes(request.actor, class_id)
    cards = enrolment_cards(request.actor, dict(_made(request)["codes"]))
    back = reverse("people:class_sheet", args=[class_id])
    return _cards(request, cards, LookedAt.CLASS_LIST, title=group.name, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("issued", "cards")
def person_code(request: SchoolRequest, person_id: int) -> HttpResponse:
    """A code for one person, the first one or after her identity was seen."""
    if request.method == "POST":
        if kept.DONE in request.POST:
            return _done(request, "people:student", person_id)
        issued = [issue_person_code(actor=request.actor, person_id=person_id)]
        return _keep(request, request.path, _numbered(issued))
    person_with_code(request.actor, person_id)
    made = _made(request)
    cards = enrolment_cards(request.actor, dict(made["codes"]))
    title = cards[0].class_name if cards else ""
    more = {"back": reverse("people:student", args=[person_id]), "is_recovery": made["is_recovery"]}
    return _cards(request, cards, LookedAt.PERSON, title=title, **more)


@require_http_methods(["GET", "POST"])
@sensitive_variables("issued")
def recover(request: SchoolRequest, person_id: int) -> HttpResponse:
    """Let somebody in again after seeing who she is; the code is shown on the page of her codes."""
    person = person_to_recover(request.actor, person_id)
    form = RecoverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = [recover_person(actor=request.actor, person_id=person_id, **form.cleaned_data)]
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        else:
            page = reverse("people:person_code", args=[person_id])
            return _keep(request, page, _numbered(issued), is_recovery=True)
    context = {"form": form, "person": person}
    return render(request, "people/recover.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("code", "cards", "context")
def guardian_code(request: PersonRequest, person_id: int) -> HttpResponse:
    """A guardian's code, above the student's guardians."""
    if request.method == "POST":
        if kept.DONE in request.POST:
            is_own = person_id == request.actor.person_id
            return _done(request, *(["people:own_guardians"] if is_own else ["people:guardians", person_id]))
        code = make_guardian_code(actor=request.actor, student_id=person_id)
        return _keep(request, request.path, [(person_id, code)])
    page = guardians_page(request.actor, person_id)
    cards = guardian_cards(request.actor, dict(_made(request)["codes"]))
    note_look(actor=request.actor, student_id=person_id, what=LookedAt.PERSON)
    context = {"page": page, "new": cards[0] if cards else None, "is_over": not cards}
    return render(request, "people/guardians.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("cards")
def class_guardian_codes(request: SchoolRequest, class_id: int) -> HttpResponse:
    """One code for the guardian of every student of a class, as cards to print and cut."""
    if request.method == "POST":
        none = _("這一班沒有學生，或每位都已經有太多沒用過的家長連結碼，沒有產生新的。")
        return _for_class(request, class_id, make_class_guardian_codes, none)
    group = class_of_guardian_codes(request.actor, class_id)
    cards = guardian_cards(request.actor, dict(_made(request)["codes"]))
    back = reverse("people:class_sheet", args=[class_id])
    if not cards:
        context: dict[str, object] = {"back": back, "title": group.name, "is_guardian": True}
        return render(request, "people/codes_over.html", context)
    note_looks(actor=request.actor, student_ids=(card.person_id for card in cards), what=LookedAt.CLASS_LIST)
    context = {"cards": cards, "title": group.name}
    return render(request, "people/guardian_cards.html", context)


def page_of_codes(request: SchoolRequest) -> str:
    """The address on cards and letters: the page where a code is redeemed, with the school filled in."""
    return f"{settings.PUBLIC_URL}{reverse('enrol')}?{urlencode({'school': request.school.code})}"


@sensitive_variables("issued")
def _for_class(
    request: SchoolRequest, class_id: int, make: Callable[..., Sequence[tuple[Person, str]]], none: str
) -> HttpResponse:
    """Make codes for a class, or take those that are handed on off their page; `none` is said of no codes."""
    if kept.DONE in request.POST:
        return _done(request, "people:class_sheet", class_id)
    issued = make(actor=request.actor, class_id=class_id)
    if not issued:
        messages.info(request, none)
        return redirect("people:class_sheet", class_id)
    return _keep(request, request.path, _numbered(issued))


@sensitive_variables("cards", "context")
def _cards(request: SchoolRequest, cards: Sequence[Card], what: LookedAt, **more: object) -> HttpResponse:
    """Codes to print and cut, with names, so it is a look at students; or that they are no longer shown."""
    if not cards:
        return render(request, "people/codes_over.html", more)
    note_looks(actor=request.actor, student_ids=(card.person_id for card in cards), what=what)
    address = page_of_codes(request)
    qr = segno.make(address, error="m").svg_data_uri(scale=3, border=2)
    context = {"cards": cards, "address": address.partition("?")[0], "qr": qr, **more}
    return render(request, "people/code_cards.html", context)


@sensitive_variables("codes", "made")
def _keep(
    request: PersonRequest, page: str, codes: list[tuple[int, str]], *, is_recovery: bool = False
) -> HttpResponse:
    """Keep the codes for the page that shows them, and go there."""
    made = Made(codes=codes, is_recovery=is_recovery)
    kept.keep_codes(request, page, json.dumps(made))
    return redirect(page)


def _made(request: PersonRequest) -> Made:
    """What this page shows; no codes once they are over."""
    text = kept.codes_kept(request)
    made: Made = json.loads(text) if text else Made(codes=[], is_recovery=False)
    return made


def _numbered(issued: Sequence[tuple[Person, str]]) -> list[tuple[int, str]]:
    return [(person.pk, code) for person, code in issued]


def _done(request: PersonRequest, name: str, *args: int) -> HttpResponse:
    kept.forget_codes(request)
    return redirect(name, *args)
