"""The API for the school's own systems, version 1; its committed description is docs/api/school.openapi.json.

It reads, and takes rosters in. Every operation asks the same rules as pages do, as a machine and not as a
person.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page
from ninja import Field, Query, Schema
from ninja.decorators import decorate_view

from licheng.foundations import fence
from licheng.foundations.authz import Actor
from licheng.foundations.machines.bearer import PER_TOKEN, Machine, MachineApi, Problem
from licheng.foundations.machines.models import MachineToken
from licheng.foundations.machines.queries import actor_for_token
from licheng.foundations.machines.scopes import Scope
from licheng.school.integration.queries import (
    StudentsPage,
    classes_for,
    progress_for,
    school_named_by,
    students_for,
)
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_looks
from licheng.school.rosters.api import router as rosters

type View = Callable[..., HttpResponse]

MOST_PER_PAGE, MOST_PAGES = 200, 10_000  # own bounds
MOST_ID = 2**63 - 1  # what the database can hold


class MachineRequest(HttpRequest):
    """A request that carried a good token."""

    auth: Actor
    machine_token: MachineToken


def machine_of(request: HttpRequest, token: MachineToken) -> Actor | None:
    """The machine as an actor inside the school that holds the token; None when that school is not here."""
    school = school_named_by(token)
    if school is None:
        return None
    fence.enter(school.pk)
    request.school = school  # type: ignore[attr-defined]
    return actor_for_token(token, school_id=school.pk)


def for_machines(scope: Scope | None) -> Machine:
    """Who may ask: a token of the school with this scope."""
    return Machine(scope, machine_of)


def kept_by_its_reader(view: View) -> View:
    """Only the asking machine may keep an answer, and it asks again before it uses it."""

    @wraps(view)
    def answer(*given: Any, **named: Any) -> HttpResponse:
        response = view(*given, **named)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization"])
        return response

    return answer


class Limits(Schema):
    """How often this token may ask."""

    requests: int
    seconds: int


class Token(Schema):
    """Who asks."""

    name: str
    school: Annotated[str, Field(description="學校代碼")]
    scopes: list[str]
    expires_at: datetime
    limits: Limits


class Class(Schema):
    """One class of the current school year."""

    id: int
    school_year: Annotated[int, Field(description="民國學年度")]
    grade: int
    name: str
    homeroom_teacher: str | None
    students: int


class Classes(Schema):
    """All classes of the current school year."""

    items: list[Class]


class StudentLine(Schema):
    """One student; ID numbers and birthdays are never given out here."""

    account: Annotated[str, Field(description="學號")]
    name: str
    class_id: int
    class_name: str
    seat_no: int


class Students(Schema):
    """A part of the students; `count` is of all parts."""

    count: int
    page: int
    pages: int
    items: list[StudentLine]


class Progress(Schema):
    """How many items of a class are in which state."""

    class_id: int
    class_name: str
    outcomes: dict[str, int]
    activities: dict[str, int]


class ProgressOfClasses(Schema):
    """Every class of the current school year, or the one asked for."""

    items: list[Progress]


REFUSALS: dict[int, Any] = {304: None, **dict.fromkeys((401, 403, 404, 413, 422, 429), Problem)}
Id = Annotated[int, Field(ge=1, le=MOST_ID)]

api = MachineApi(
    title="學習歷程學校平臺",
    version="1",
    urls_namespace="school-api",
    auth=for_machines(None),
)
api.add_router("/rosters", rosters, auth=for_machines(Scope.ROSTERS_WRITE))


@api.get("/token", response={200: Token, **REFUSALS}, operation_id="see_token")
@decorate_view(kept_by_its_reader, conditional_page)
def see_token(request: MachineRequest) -> dict[str, object]:
    """Who this token speaks for, what it may, until when and how often. Needs no scope."""
    token = request.machine_token
    return {
        "name": token.name,
        "school": token.holder,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "limits": {"requests": PER_TOKEN.times, "seconds": PER_TOKEN.seconds},
    }


@api.get(
    "/classes",
    response={200: Classes, **REFUSALS},
    auth=for_machines(Scope.CLASSES_READ),
    operation_id="list_classes",
)
@decorate_view(kept_by_its_reader, conditional_page)
def list_classes(request: MachineRequest) -> dict[str, object]:
    """The classes of the current school year. Scope: classes:read."""
    return {"items": classes_for(request.auth)}


@api.get(
    "/students",
    response={200: Students, **REFUSALS},
    auth=for_machines(Scope.STUDENTS_READ),
    operation_id="list_students",
)
@decorate_view(kept_by_its_reader, conditional_page)
def list_students(
    request: MachineRequest,
    class_id: Query[Id | None] = None,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 100,
) -> StudentsPage:
    """The students at the school by class and seat, in parts. Scope: students:read."""
    found = students_for(request.auth, class_id=class_id, page=page, size=per_page)
    note_looks(actor=request.auth, student_ids=found.people, what=LookedAt.CLASS_LIST)
    return found


@api.get(
    "/progress",
    response={200: ProgressOfClasses, **REFUSALS},
    auth=for_machines(Scope.PROGRESS_READ),
    operation_id="see_progress",
)
@decorate_view(kept_by_its_reader, conditional_page)
def see_progress(request: MachineRequest, class_id: Query[Id | None] = None) -> dict[str, object]:
    """How many outcomes and activity records each class has, by state. Scope: progress:read."""
    return {"items": progress_for(request.auth, class_id=class_id)}
