from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from licheng.foundations import fence
from licheng.foundations.requests import open_to_all
from licheng.school.frontdesk.queries import (
    announcements_of,
    front_page,
    manual_named,
    manuals,
    school_of_code,
    schools_to_choose,
)
from licheng.school.people.models import School
from licheng.school.people.queries import school_named
from licheng.school.people.queries.accounts import CHOSEN_SCHOOL_COOKIE

CHOSEN_SECONDS = 365 * 86_400
FEW_SCHOOLS = 12
PER_PAGE = 20


@open_to_all
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """The front page of the installation: the school chosen last, the only one, or the choice."""
    schools = schools_to_choose()
    chosen = next(
        (school for school in schools if school.code == request.COOKIES.get(CHOSEN_SCHOOL_COOKIE)), None
    )
    if chosen is None and len(schools) == 1:
        chosen = schools[0]
    return _page_of(request, school_of_code(chosen.code)) if chosen else _choice(request, schools)


@open_to_all
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a school by code or name."""
    text = request.GET.get("school", "")
    if not text.strip():
        return _choice(request, schools_to_choose())
    found = None if "\0" in text else school_named(text)  # what no name can hold, the database cannot ask for
    if found is None:
        return _choice(request, schools_to_choose(), asked=text)
    return redirect("frontdesk:school", found.code)


@open_to_all
@require_GET
def school(request: HttpRequest, school_code: str) -> HttpResponse:
    """One school's front page; it is remembered as the one chosen last."""
    found = school_of_code(school_code)
    response = _page_of(request, found)
    response.set_cookie(
        CHOSEN_SCHOOL_COOKIE,
        found.code,
        max_age=CHOSEN_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@open_to_all
@require_GET
def announcements(request: HttpRequest, school_code: str) -> HttpResponse:
    """Every announcement of a school that strangers may read now."""
    found = school_of_code(school_code)
    with fence.inside(found.pk):
        page = Paginator(announcements_of(found), PER_PAGE).get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)
    return render(request, "frontdesk/announcements.html", {"school": found, "page": page})


@open_to_all
@require_GET
def manual_list(request: HttpRequest) -> HttpResponse:
    """Every handbook."""
    return render(request, "frontdesk/manuals.html", {"manuals": manuals()})


@open_to_all
@require_GET
def manual(request: HttpRequest, manual: str) -> HttpResponse:
    """One handbook."""
    return render(request, "frontdesk/manual.html", {"manual": manual_named(manual), "manuals": manuals()})


def _page_of(request: HttpRequest, found: School) -> HttpResponse:
    return render(request, "frontdesk/front.html", {"front": front_page(found), "manuals": manuals()})


def _choice(request: HttpRequest, schools: list[School], asked: str = "") -> HttpResponse:
    context = {"schools": schools, "is_short": len(schools) <= FEW_SCHOOLS, "asked": asked}
    return render(request, "frontdesk/choose.html", context, status=422 if asked else 200)
