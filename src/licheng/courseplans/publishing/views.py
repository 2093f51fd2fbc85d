from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import condition, require_safe

from licheng.courseplans.publishing.downloads import DOWNLOADS, etag_of, write_download
from licheng.courseplans.publishing.errors import NotOnFile
from licheng.courseplans.publishing.forms import SearchForm
from licheng.courseplans.publishing.queries import (
    counties_of,
    course_page,
    filed_plan,
    group_page,
    latest_plans,
    school_page,
    search,
    years_on_file,
)
from licheng.foundations.limits.counted import counted
from licheng.foundations.limits.operations import consume
from licheng.foundations.limits.queries import address_of
from licheng.foundations.machines.bearer import PER_ADDRESS
from licheng.foundations.requests import open_to_all

ANSWERS_AN_HOUR = 600  # own bounds: for one address forty times as many, as everywhere
READING = frozenset({"GET"})


@open_to_all
@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """The public search, which is also the front page for everybody who is not signed in."""
    form = SearchForm(request.GET, years=(years := years_on_file()))
    year = form.cleaned_data["year"] if form.is_valid() else None
    known = latest_plans(year)
    context = {"form": form, "years": years, "year": year, "counties": counties_of(known)}
    if not form.is_valid():
        return render(request, "publishing/search.html", context, status=422)
    asked = form.asked(request.GET.get("page", "1"))
    if asked.code:
        return redirect("publishing:course", asked.code)
    kept = request.GET.copy()
    kept.pop("page", None)
    context |= {"asked": asked, "kept": f"{kept.urlencode()}&" if kept else ""}
    if not asked.is_empty:
        consume(action="plan-search", who=address_of(request), limit=PER_ADDRESS)
    context["found"] = None if asked.is_empty else search(asked, known)
    return render(request, "publishing/search.html", context)


@open_to_all
@require_safe
def school(request: HttpRequest, school_code: str, entry_year: int | None = None) -> HttpResponse:
    """What a school teaches those who enter in one year, the newest when none is said."""
    page = school_page(school_code, entry_year)
    offered = {
        key: one.label for key, one in DOWNLOADS.items() if page.plan.version > 1 or not one.is_correction
    }
    return render(request, "publishing/school.html", {"page": page, "downloads": offered})


@open_to_all
@require_safe
def group(request: HttpRequest, school_code: str, entry_year: int, group_code: str) -> HttpResponse:
    """One group of a school: what is required, and every course year by year."""
    return render(request, "publishing/group.html", {"page": group_page(school_code, entry_year, group_code)})


@open_to_all
@require_safe
def course(request: HttpRequest, course_code: str) -> HttpResponse:
    """One course by its code; a code that no plan on file has is explained all the same."""
    page = course_page(course_code)
    return render(request, "publishing/course.html", {"page": page}, status=200 if page.course else 404)


def _etag(_request: HttpRequest, school_code: str, entry_year: int, download: str) -> str:
    return etag_of(filed_plan(school_code, entry_year), download)


@open_to_all
@require_safe
@counted("plan-download", times=ANSWERS_AN_HOUR, methods=READING)
@condition(etag_func=_etag)
def file(_request: HttpRequest, school_code: str, entry_year: int, download: str) -> HttpResponse:
    """The course codes of a plan on file, or what was corrected in them, as a file."""
    if download not in DOWNLOADS:
        raise NotOnFile
    plan = filed_plan(school_code, entry_year)
    name = f"{entry_year}{school_code}_{DOWNLOADS[download].stem}.{DOWNLOADS[download].layout}"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    body = write_download(plan, download)
    return HttpResponse(body, content_type=DOWNLOADS[download].content_type, headers=headers)
