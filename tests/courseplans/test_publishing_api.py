"""The public API answers what its description says, to good questions and to bad ones."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests.courseplans.plans_world import courses
from tests.test_api_callers import CHECKS

pytestmark = pytest.mark.django_db
EXAMPLES = 15


@pytest.fixture
def schema(world, settings):
    """The description as the running site gives it, beside a plan on file."""
    courses(world.plan("filed"), 3)
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "whitenoise" not in one]
    signals = (request_started, request_finished)
    for signal in signals:  # the connection of the test's transaction outlives its requests
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in signals:
        signal.connect(close_old_connections)


def statuses(operation, mode):
    """What generated questions are answered with; each answer is held against the description."""
    seen = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    ask()
    return seen


def test_good_and_bad_questions_are_answered_as_described(schema):
    answered = set()
    for operation in (found.ok() for found in schema.get_all_operations()):
        modes = [GenerationMode.POSITIVE]
        modes += [GenerationMode.NEGATIVE] if operation.path_parameters else []
        for mode in modes:
            answered |= statuses(operation, mode)

    assert {200, 404, 422} <= answered
    assert {status for status in answered if status >= 500} == set()


def test_a_plan_on_file_is_answered_as_described(schema, client):
    operation = schema["/api/v1/schools/{school_code}/years/{entry_year}/courses"]["GET"]
    here = {"school_code": "010301", "entry_year": 115}
    first = operation.Case(path_parameters=here).call()
    again = operation.Case(path_parameters=here, headers={"If-None-Match": first.headers["etag"][0]}).call()

    operation.validate_response(first)
    operation.validate_response(again)
    assert (first.status_code, again.status_code) == (200, 304)


def test_a_school_under_another_name_is_another_answer(world, client):
    courses(world.plan("filed"), 1)
    address = "/api/v1/schools/010301/years/115/courses"
    named = client.get(address).headers["ETag"]
    world.schools["here"].name = "新名高中"
    world.schools["here"].save()

    again = client.get(address, headers={"If-None-Match": named})

    assert (again.status_code, again.json()["school_name"]) == (200, "新名高中")


def test_the_answer_of_one_school_names_no_other(world, client):
    for place in ("here", "near"):
        courses(world.plan("filed", place=place), 1)
    of_here = client.get("/api/v1/schools/010301/years/115/courses").headers["ETag"]
    file_here = client.get("/schools/010301/115/files/txt/").headers["ETag"]

    near = client.get("/api/v1/schools/010302/years/115/courses", headers={"If-None-Match": of_here})
    file_near = client.get("/schools/010302/115/files/txt/", headers={"If-None-Match": file_here})

    assert (near.status_code, near.json()["school_code"], file_near.status_code) == (200, "010302", 200)
