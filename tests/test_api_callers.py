"""Both APIs, asked for everything by everybody: nothing breaks, and every answer is one that the description names."""

from collections import defaultdict
from datetime import timedelta

import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.intake.operations import register_school
from licheng.foundations.authz import Actor
from licheng.foundations.limits.operations import Limit
from licheng.foundations.machines import bearer
from licheng.foundations.machines.models import TokenUse
from licheng.foundations.machines.operations import make_token, revoke_token
from licheng.foundations.machines.scopes import Scope
from tests.archive.packages import SCHOOL_KEY
from tests.factories import ClassGroupFactory, SchoolFactory, StudentFactory

pytestmark = pytest.mark.django_db
CLOCK = Actor.system("test")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 2  # good and bad ones of each operation; every kind of caller asks each
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
HEADERS = {"Tus-Resumable", "Upload-Offset"}  # what the descriptions name; who asks is added by caller
SITES = ("school", "archive")


@pytest.fixture
def site(request, settings, monkeypatch, places):
    """One site with two schools, without limits that would end the questions early."""
    name = request.param
    settings.ROOT_URLCONF = f"licheng.config.urls_{name}"
    settings.ENTER_SCHOOL = settings.ENTER_SCHOOL if name == "school" else ""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "whitenoise" not in one]
    for limit in ("PER_TOKEN", "PER_ADDRESS", "UNKNOWN_PER_ADDRESS"):
        monkeypatch.setattr(bearer, limit, Limit(times=10**6, seconds=600))
    for code in ("000001", "000002"):
        if name == "archive":
            register_school(actor=CLOCK, code=code, name=code, keys=f"{SCHOOL_KEY.vkey}\n")
            school = RegisteredSchool.objects.get(code=code)
            Deposit.objects.create(
                school=school, school_year=115, package_sha256="0" * 64, package_bytes=9, password_sealed=b""
            )
        else:
            school = SchoolFactory(code=code)
            StudentFactory(school=school, profile__class_group=ClassGroupFactory(school=school))
    # As Django's own test client does: the connection of the test's transaction outlives its requests.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield name
    for signal in signals:
        signal.connect(close_old_connections)


def secret_of(scopes, holder="000001"):
    return make_token(actor=CLOCK, holder=holder, name="系統", scopes=list(scopes), days=9)[1]


def callers():
    """Every kind of caller, by name: what it sends as Authorization."""
    with time_machine.travel(timezone.now() - timedelta(days=10)):
        expired = secret_of(Scope)
    revoked, of_revoked = make_token(actor=CLOCK, holder="000001", name="x", scopes=list(Scope), days=9)
    revoke_token(actor=CLOCK, token_id=revoked.pk)
    found = {"nobody": None, "wrong": "lck_wrong", "expired": expired, "revoked": of_revoked}
    found |= {f"only {scope}": secret_of([scope]) for scope in Scope}
    return found | {"every scope": secret_of(Scope), "another school": secret_of(Scope, "000002")}


def closing(application):
    """The application, each answer closed as a server does it: files that came with the request go with it."""

    def answer(environ, start_response):
        body = application(environ, start_response)
        parts = list(body)
        body.close()
        return parts

    return answer


def asked(operation, mode, by):
    """What an operation answered to generated questions, by caller; each answer is held against the description."""
    statuses = {caller: set() for caller in by}

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
        declared = {name: value for name, value in case.headers.items() if name in HEADERS}
        for caller, secret in by.items():
            case.headers = dict(declared)
            headers = {"Authorization": f"Bearer {secret}"} if secret else {}
            answer = case.call(headers=headers)
            case.validate_response(answer, headers=headers, checks=CHECKS)
            statuses[caller].add(answer.status_code)

    ask()
    return statuses


@pytest.mark.parametrize("site", SITES, indirect=True)
def test_everybody_asks_for_everything(site):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", closing(get_wsgi_application()))
    here = (
        {"deposit"}
        if site == "archive"
        else {"classes:read", "students:read", "progress:read", "rosters:write"}
    )
    by = callers()

    seen = defaultdict(set)
    for operation in (found.ok() for found in schema.get_all_operations()):
        asked(
            operation, GenerationMode.NEGATIVE, by
        )  # these may lack the token too: only their form is judged
        for caller, statuses in asked(operation, GenerationMode.POSITIVE, by).items():
            seen[caller, operation.label] |= statuses

    strangers = {"nobody", "wrong", "expired", "revoked"}
    for (caller, label), statuses in seen.items():
        if caller in strangers:
            assert statuses == {401}, (caller, label)
        elif caller.startswith("only ") and caller[5:] not in here and not label.endswith("/token"):
            assert statuses == {403}, (caller, label)
        else:
            assert 401 not in statuses, (caller, label)
    assert not TokenUse.objects.filter(status__gte=500).exists()
    assert {status for statuses in seen.values() for status in statuses} & {200, 201, 204}


@pytest.mark.parametrize("site", SITES, indirect=True)
def test_what_belongs_to_another_school_is_not_there(site):
    other = Client(headers={"Authorization": f"Bearer {secret_of(Scope, '000002')}"})
    if site == "archive":
        deposit = Deposit.objects.get(school__code="000001").pk
        tus = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "0"}
        package, form = f"/api/v1/deposits/{deposit}/package", "application/offset+octet-stream"
        answers = [
            other.get(f"/api/v1/deposits/{deposit}/"),
            other.get(f"/api/v1/deposits/{deposit}/receipts/"),
            other.head(package, **tus),
            other.patch(package, b"x", content_type=form, **tus),
        ]
    else:
        group = StudentFactory._meta.model.objects.get(school__code="000001").student.class_group_id
        answers = [other.get(f"/api/v1/{path}?class_id={group}") for path in ("students", "progress")]

    assert {answer.status_code for answer in answers} == {404}
