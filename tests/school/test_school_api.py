"""The API of the school site: read-only, by token, with the same fences as the pages."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.limits.operations import Limit
from licheng.foundations.machines import bearer
from licheng.foundations.machines.models import MachineToken, TokenUse
from licheng.foundations.machines.operations import make_token, revoke_token
from licheng.foundations.machines.scopes import Scope
from licheng.school.api import api
from licheng.school.outcomes.states import OutcomeState
from tests.factories import YEAR, ClassGroupFactory, EnrolmentFactory, SchoolFactory, StudentFactory
from tests.school.items import stored_file
from tests.world import activity_in, outcome_in

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db
CLOCK = Actor.system("test")
READING = [Scope.CLASSES_READ, Scope.STUDENTS_READ, Scope.PROGRESS_READ]
PROBLEM = "application/problem+json"


@pytest.fixture
def school(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return SchoolFactory(code="070406", active_year=YEAR)


def token_of(school, scopes=READING, days=30):
    """A token of the school: the row and a client that presents it."""
    code = school if isinstance(school, str) else school.code
    token, secret = make_token(actor=CLOCK, holder=code, name="校務系統", scopes=scopes, days=days)
    return token, Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def machine(school):
    return token_of(school)[1]


def get(client, path, **more):
    return client.get(f"/api/v1/{path}", **more)


def test_a_token_says_what_it_is(school, machine):
    answer = get(machine, "token")

    token = MachineToken.objects.get()
    assert answer.json() == {
        "name": "校務系統",
        "school": "070406",
        "scopes": ["classes:read", "progress:read", "students:read"],
        "expires_at": token.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "limits": {"requests": 1200, "seconds": 600},
    }


def test_classes_and_students_of_this_school_only(school, machine):
    group = ClassGroupFactory(school=school, name="一年一班")
    ClassGroupFactory(school=school, school_year=YEAR - 1)
    ClassGroupFactory()
    students = [StudentFactory(school=school, profile__class_group=group) for _one in range(3)]
    students[2].left_on = timezone.localdate()
    students[2].save()
    StudentFactory()

    classes, listed = get(machine, "classes").json(), get(machine, "students").json()

    assert classes == {
        "items": [
            {
                "id": group.pk,
                "school_year": YEAR,
                "grade": 1,
                "name": "一年一班",
                "homeroom_teacher": None,
                "students": 2,
            }
        ]
    }
    assert (listed["count"], listed["page"], listed["pages"]) == (2, 1, 1)
    assert {line["account"] for line in listed["items"]} == {person.account for person in students[:2]}
    assert set(listed["items"][0]) == {"account", "name", "class_id", "class_name", "seat_no"}
    assert students[0].student.id_number not in json.dumps(listed)


def test_students_come_in_parts(school, machine):
    group = ClassGroupFactory(school=school)
    for _one in range(5):
        StudentFactory(school=school, profile__class_group=group)

    parts = [get(machine, f"students?page={page}&per_page=2").json() for page in (1, 2, 3, 4)]

    assert [len(part["items"]) for part in parts] == [2, 2, 1, 0]
    assert len({line["account"] for part in parts for line in part["items"]}) == 5
    assert {(part["count"], part["pages"]) for part in parts} == {(5, 3)}


def test_progress_counts_by_state_and_tells_no_decision_before_it_is_published(school, machine):
    group = ClassGroupFactory(school=school)
    student = StudentFactory(school=school, profile__class_group=group)
    enrolment = EnrolmentFactory(school=school, student=student)
    files = {"document": stored_file(student), "media": stored_file(student, "speech.mp3", "media")}
    for state in (OutcomeState.DRAFT, OutcomeState.WAITING, OutcomeState.PASSED, OutcomeState.HELD_BACK):
        outcome_in(state, enrolment, files)
    activity_in("draft", student, files)

    items = get(machine, "progress").json()["items"]

    assert [(item["class_id"], item["class_name"]) for item in items] == [(group.pk, group.name)]
    outcomes = items[0]["outcomes"]
    assert {state: times for state, times in outcomes.items() if times} == {"draft": 1, "waiting": 3}
    assert not {"passed", "held_back", "sealed"} & set(outcomes)
    assert items[0]["activities"]["draft"] == 1


@pytest.mark.parametrize("path", ["students", "progress"])
def test_another_schools_class_is_not_there(school, machine, path):
    theirs, mine = ClassGroupFactory(), ClassGroupFactory(school=school)

    assert get(machine, f"{path}?class_id={mine.pk}").status_code == 200
    answer = get(machine, f"{path}?class_id={theirs.pk}")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (404, PROBLEM, "not-found")


@pytest.mark.parametrize("path", ["token", "classes", "students", "progress"])
def test_every_bad_token_gets_the_same_answer(school, path):
    revoked, of_revoked = token_of(school)
    revoke_token(actor=CLOCK, token_id=revoked.pk)
    _expired, of_expired = token_of(school, days=1)
    nowhere = token_of("999999")[1]
    strangers = [Client(headers={"Authorization": value}) for value in ("Bearer x", "Basic eDp5", "Bearer ")]

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        answers = [get(client, path) for client in (Client(), of_revoked, of_expired, nowhere, *strangers)]

    assert {(a.status_code, a["Content-Type"], a["WWW-Authenticate"]) for a in answers} == {
        (401, PROBLEM, "Bearer")
    }
    assert len({a.content for a in answers}) == 1
    assert not TokenUse.objects.exists()


@pytest.mark.parametrize(
    ("path", "scope"),
    [("classes", "classes:read"), ("students", "students:read"), ("progress", "progress:read")],
)
def test_a_token_for_something_else_is_told_which_scope_it_lacks(school, path, scope):
    others = [other for other in READING if other != scope]

    answer = get(token_of(school, others)[1], path)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    assert scope in answer.json()["detail"]
    assert get(token_of(school, [scope])[1], path).status_code == 200


def test_a_session_is_no_token(school, client):
    from tests.factories import PersonFactory

    client.force_login(PersonFactory(school=school, roles=["administrator"]).user)

    assert get(client, "classes").status_code == 401


def test_a_machines_token_opens_no_page(school, machine):
    answer = machine.get("/integration/")

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/people/sign-in/")


def test_an_answer_that_has_not_changed_is_not_sent_again(school, machine):
    first = get(machine, "classes")

    again = get(machine, "classes", headers={"If-None-Match": first["ETag"]})
    ClassGroupFactory(school=school)
    changed = get(machine, "classes", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)
    assert {word.strip() for word in first["Cache-Control"].split(",")} == {"private", "no-cache"}
    assert "Authorization" in first["Vary"]


def test_a_token_that_asks_too_often_is_told_when_to_come_back(school, machine, monkeypatch):
    monkeypatch.setattr(bearer, "PER_TOKEN", Limit(times=2, seconds=120))

    answers = [get(machine, "token") for _one in range(5)]

    assert [a.status_code for a in answers] == [200, 200, 429, 429, 429]
    assert answers[2]["Retry-After"] == "120"
    assert answers[2].json()["code"] == "too-many"
    assert get(token_of(school)[1], "token").status_code == 200  # another token of the school goes on
    assert list(TokenUse.objects.order_by("pk").values_list("status", flat=True)) == [200, 200, 429, 200]


def test_strangers_are_counted_by_address(school, machine, monkeypatch):
    monkeypatch.setattr(bearer, "UNKNOWN_PER_ADDRESS", Limit(times=2, seconds=60))
    monkeypatch.setattr(bearer, "PER_ADDRESS", Limit(times=2, seconds=60))
    stranger = Client(headers={"Authorization": "Bearer guess"})

    statuses = [get(stranger, "token").status_code for _one in range(4)]

    assert statuses == [401, 401, 429, 429]
    assert get(machine, "token").status_code == 200  # who has a token is not locked out by a guesser beside


def test_all_of_one_address_are_counted_together(school, monkeypatch):
    monkeypatch.setattr(bearer, "PER_ADDRESS", Limit(times=2, seconds=60))

    statuses = [get(token_of(school)[1], "token").status_code for _one in range(3)]

    assert statuses == [200, 200, 429]


def test_every_use_is_written_down(school, machine):
    get(machine, "classes", REMOTE_ADDR="192.0.2.9")
    get(machine, "students?page=0", REMOTE_ADDR="2001:db8::1")
    get(machine, "progress?class_id=1", REMOTE_ADDR="")

    uses = TokenUse.objects.order_by("pk").values_list("method", "operation", "status", "address")
    assert list(uses) == [
        ("GET", "list_classes", 200, "192.0.2.9"),
        ("GET", "list_students", 422, "2001:db8::1"),
        ("GET", "see_progress", 404, None),
    ]


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per_page=201", "class_id=0", "class_id=99999999999999999999", "page=1e9"]
)
def test_what_cannot_be_asked_is_named(school, machine, query):
    answer = get(machine, f"students?{query}")

    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert query.split("=")[0] in answer.json()["detail"]


def test_bodies_over_a_megabyte_are_refused_unread(school, machine):
    answer = machine.generic("GET", "/api/v1/classes", b"x" * (2**20 + 1), content_type="application/json")

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        413,
        PROBLEM,
        "body-too-large",
    )


def test_nothing_is_changed_through_it(school, machine):
    written = [
        getattr(machine, method)(f"/api/v1/{path}").status_code
        for method in ("post", "put", "patch", "delete")
        for path in ("token", "classes", "students", "progress")
    ]

    assert set(written) == {405}


def test_an_address_that_is_not_there_is_told_in_the_same_form(school, machine):
    answer = get(machine, "nothing-here")

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_questions_to_the_database_do_not_grow_with_the_rows(school, machine, django_assert_max_num_queries):
    for _class in range(3):
        group = ClassGroupFactory(school=school)
        for _one in range(3):
            StudentFactory(school=school, profile__class_group=group)
    for path in ("classes", "students", "progress"):
        with django_assert_max_num_queries(12):
            get(machine, path)


def test_the_committed_description_of_the_api_is_this_one(school):
    committed = json.loads((ROOT / "docs" / "api" / "school.openapi.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == committed
