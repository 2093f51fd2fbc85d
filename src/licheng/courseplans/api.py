"""The public API of plans on file, version 1; its committed description is docs/api/courseplans.openapi.json.

Nobody signs in: everything here stands on public pages too. Requests are counted by address.
"""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja import Path, Schema

from licheng.courseplans.plans.models import Plan
from licheng.courseplans.publishing.downloads import api_etag_of, code_lines
from licheng.courseplans.publishing.errors import NotOnFile
from licheng.courseplans.publishing.queries import course_page, filed_plan, filed_plans
from licheng.foundations.limits.operations import consume
from licheng.foundations.limits.queries import address_of
from licheng.foundations.machines.bearer import PER_ADDRESS, MachineApi, Problem


class PlanOnFile(Schema):
    """A plan that counts now. Units: `entry_year` is an ROC school year."""

    entry_year: int
    version: int


class SchoolOnFile(Schema):
    """A school and the entry years it has plans on file for, newest first."""

    school_code: str
    school_name: str
    county: str
    plans: list[PlanOnFile]


class Schools(Schema):
    """Every school with a plan on file."""

    schools: list[SchoolOnFile]


class Course(Schema):
    """A course as the code file carries it: 23 characters, a name, six credit characters."""

    course_code: str
    name: str
    credits: str


class CodeCorrection(Schema):
    """A code that was replaced since the version before."""

    old_course_code: str
    new_course_code: str
    reason: str


class Courses(Schema):
    """All courses of one plan, in its own order."""

    school_code: str
    school_name: str
    entry_year: int
    version: int
    filed_at: datetime
    courses: list[Course]
    corrections: list[CodeCorrection]


class Part(Schema):
    """One part of a course code; `provisional`: not yet compared with the official table."""

    position: str
    value: str
    name_zh: str
    label_zh: str
    label_en: str
    provisional: bool


class ExplainedCourse(Course):
    """A course with its code explained; `is_current`: the plan that counts now has it."""

    school_code: str
    school_name: str
    entry_year: int
    version: int
    is_current: bool
    replaced_by: str
    parts: list[Part]


SchoolCode = Annotated[str, Path(pattern="^[0-9A-Z]{6}$", description="學校代碼")]
EntryYear = Annotated[int, Path(ge=108, le=300, description="民國入學學年度")]
CourseCode = Annotated[str, Path(pattern="^[0-9]{3}[0-9A-Z]{20}$", description="課程代碼")]
REFUSALS = dict.fromkeys((404, 422, 429), Problem)
ASKED_IF = [{"in": "header", "name": "If-None-Match", "required": False, "schema": {"type": "string"}}]

api = MachineApi(title="課程計畫平臺", version="1", urls_namespace="plans-api")


def _count(request: HttpRequest) -> None:
    consume(action="plans-api", who=address_of(request), limit=PER_ADDRESS)


@api.get("/schools", response={200: Schools, 429: Problem}, operation_id="list_schools")
def schools(request: HttpRequest) -> Schools:
    """Every school with a plan on file, and for which entry years."""
    _count(request)
    found: dict[str, SchoolOnFile] = {}
    for plan in filed_plans():
        school = found.setdefault(
            plan.school_code,
            SchoolOnFile(
                school_code=plan.school_code, school_name=plan.school_name, county=plan.county, plans=[]
            ),
        )
        school.plans.append(PlanOnFile(entry_year=plan.entry_year, version=plan.version))
    return Schools(schools=list(found.values()))


@api.get(
    "/schools/{school_code}/years/{entry_year}/courses",
    response={200: Courses, 304: None, **REFUSALS},
    operation_id="list_courses",
    url_name="courses",
    openapi_extra={"parameters": ASKED_IF},
)
def courses(
    request: HttpRequest, response: HttpResponse, school_code: SchoolCode, entry_year: EntryYear
) -> Courses | HttpResponse:
    """The courses of a school's plan for those who enter in one year.

    With the `ETag` of an earlier answer in `If-None-Match` the answer is 304 as long as nothing changed.
    """
    _count(request)
    plan = filed_plan(school_code, entry_year)
    named = api_etag_of(plan)
    unchanged = get_conditional_response(request, etag=named)
    if unchanged is not None:
        return unchanged
    response["ETag"], response["Cache-Control"] = named, "no-cache"
    return _courses(plan)


def _courses(plan: Plan) -> Courses:
    return Courses(
        school_code=plan.plan_school.code,
        school_name=plan.plan_school.name,
        entry_year=plan.entry_year,
        version=plan.version,
        filed_at=plan.filed_at,  # type: ignore[arg-type]  # the table holds no filed plan without it
        courses=[
            Course(course_code=line.code, name=line.name, credits=line.credits) for line in code_lines(plan)
        ],
        corrections=[
            CodeCorrection(old_course_code=one.old_code, new_course_code=one.new_code, reason=one.reason)
            for one in plan.corrections.order_by("pk")
        ],
    )


@api.get(
    "/courses/{course_code}",
    response={200: ExplainedCourse, **REFUSALS},
    operation_id="explain_course",
    url_name="course",
)
def course(request: HttpRequest, course_code: CourseCode) -> ExplainedCourse:
    """One course by its code, explained part by part; also one that a later version replaced."""
    _count(request)
    page = course_page(course_code)
    if page.course is None or page.school is None:
        raise NotOnFile
    return ExplainedCourse(
        course_code=page.code,
        name=page.course.name,
        credits=page.course.credits,
        school_code=page.school.code,
        school_name=page.school.name,
        entry_year=page.course.plan.entry_year,
        version=page.course.plan.version,
        is_current=page.is_current,
        replaced_by=page.replaced_by.new_code if page.replaced_by else "",
        parts=[
            Part(
                position=part.position,
                value=part.value,
                name_zh=part.name_zh,
                label_zh=part.label_zh,
                label_en=part.label_en,
                provisional=part.provisional,
            )
            for part in page.parts
        ],
    )
