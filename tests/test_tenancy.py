"""The fence between schools: every address with an id, as everybody, with the id of the school next door, answers 404.

The control, that each address answers somebody at home, is tests/test_rules_asked.py's.
"""

import io
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import register_school
from licheng.config import web
from licheng.foundations.authz import Actor
from licheng.foundations.tus import BODY_TYPE
from licheng.school.submission.operations.sealing import package_path
from tests.addresses import addresses, keys_of
from tests.archive.packages import SCHOOL_KEY
from tests.relations_world import staff_session
from tests.world import ISSUER, OFFICES, make_world

SCHOOL, ARCHIVE = "licheng.config.urls_school", "licheng.config.urls_archive"
ROLES = ("owner", "classmate", "teacher", "other_teacher", "homeroom", *OFFICES, "linked_guardian")
PUBLIC = {
    "account_login",
    "checkpoint",
    "enrol",
    "forgot",
    "healthz",
    "integrity",
    "integrity_data",
    "outbox",
    "passkey_sign_in",
    "published_keys",
    "readyz",
    "reset",
    "reset_password",
    "set_language",
    "sign_in",
    "sign_out",
    "status",
    "tile",
    "verify",
}
DOOR = {"guardian_join", "home"} | {
    f"frontdesk:{name}"
    for name in ("announcements", "ask", "choose", "manual", "manuals", "school", "thread", "thread_who")
}
PUBLIC_AT_SCHOOL = (
    PUBLIC | DOOR | {"oidc_start", "oidc_callback", "oidc_first"}
)  # the way in by another organisation
# What is public at the archive besides: its signed head, and the description of its API (the API asks for tokens itself).
PUBLIC_AT_ARCHIVE = PUBLIC | {"home", "checkpoint_page"}
API = "archive-api:"
PART = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
OPEN_API = {"archive-api:openapi-json", "archive-api:api-root"}

# The API of the school asks for tokens itself: tests/school/test_school_api.py holds its fence.
SCHOOL_ADDRESSES = [one for one in addresses(SCHOOL) if not one.name.startswith("school-api:")]
WITH_ID = [address for address in SCHOOL_ADDRESSES if address.has_id]
NOT_FOUND, WRONG_METHOD, SIGNED_OUT = 404, 405, 401


def bare(_request, status, *_words):
    return HttpResponse(status=status)


@pytest.fixture
def world(db, settings, monkeypatch):
    monkeypatch.setattr(web, "_plain", bare)  # a third of the sweep would be drawing the page that says 405
    settings.ROOT_URLCONF = SCHOOL
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_SECRET_FILE = ISSUER, "licheng", __file__
    Path(settings.ARCHIVE_KEYS).write_text("", encoding="utf-8")
    made = make_world()
    staff_session(made.here.cast["administrator"])  # who is let at most
    for school in (made.here, made.there):
        package = package_path(school.own["Batch"])
        package.parent.mkdir(parents=True, exist_ok=True)
        package.write_bytes(b"package")
    return made


def signed_in(person):
    """A client that reads refusals as JSON: they are the same refusals, without a page around them."""
    client = Client(headers={"Accept": "application/json"})
    person.user.refresh_from_db()  # an earlier request may have ended all sessions of the account so far
    client.force_login(person.user)
    return client


def body():
    """A form that every POST can read: nothing is refused for being incomplete before its row is looked for."""
    return {
        "file": io.BytesIO(b"%PDF-1.7"),
        "role": "document",
        "note": "心得",
        "reason": "請補件",
        "comment": "有誤",
        "answer": "已更正",
        "own_work": "on",
        "from_this_course": "on",
        "opens": "on",
    }


def methods_of(address):
    """What is asked of an address; a resumable upload is asked by its own protocol."""
    return ("HEAD", "PATCH", "DELETE") if address.name == "uploads:bytes" else ("GET", "POST")


def answer(client, method, url):
    """The status of a request; 405 is told as None when the address takes only the other method."""
    if method in {"GET", "POST"}:
        response = client.post(url, body()) if method == "POST" else client.get(url)
    else:
        response = client.generic(method, url, b"x", content_type=BODY_TYPE, headers=PART)
    if response.streaming:
        list(response.streaming_content)  # read to the end, so that the file behind it is closed
    if response.status_code == WRONG_METHOD and method not in response.headers["Allow"]:
        return None
    return response.status_code


def leaks(client, patterns, rows):
    """Requests with these rows that did not answer 404, and addresses that took neither GET nor POST."""
    wrong = []
    for address in patterns:
        for url in address.filled(rows):
            found = {method: answer(client, method, url) for method in methods_of(address)}
            if set(found.values()) - {NOT_FOUND, None} or set(found.values()) == {None}:
                wrong.append((address.name, found))
    return wrong


# Their rules are a part of what the others are let at; the whole cast walks in make drills.
LATER = (
    "classmate",
    "other_teacher",
    "counsellor",
    "activity_submitter",
    "outcome_submitter",
    "receipt_officer",
)
NOW = tuple(role for role in ROLES if role not in LATER)


@pytest.mark.parametrize("roles", [NOW, pytest.param(LATER, marks=pytest.mark.slow)], ids=["now", "later"])
def test_rows_of_another_school_are_not_there(world, roles):
    """One world for all roles: what is refused changes nothing."""
    found = {
        role: leaks(signed_in(world.here.cast[role]), WITH_ID, keys_of(world.there, ROLES.index(role)))
        for role in roles
    }

    assert found == {role: [] for role in roles}


def test_a_leak_would_be_found(world):
    client = signed_in(world.here.cast["owner"])
    detail = [address for address in WITH_ID if address.name == "outcomes:detail"]

    assert leaks(client, detail, keys_of(world.here, 0)) != []


def reached_by_strangers(patterns, rows):
    """Names of addresses that do not send a stranger to the sign-in page, by redirect or by its link alone."""
    sign_in = f"{reverse(configured.LOGIN_URL)}?next="
    client = Client()
    reached = set()
    for address in patterns:
        for url in address.filled(rows)[:1]:
            for response in (client.get(url), client.post(url, body())):
                goes_to = response.headers.get("Location", "")
                told = response.status_code == SIGNED_OUT and f'href="{sign_in}' in response.content.decode()
                if address.name == "sign_out" or not (told or goes_to.startswith(sign_in)):
                    reached.add(address.name)
    return reached


def test_strangers_reach_public_addresses_only(world):
    assert reached_by_strangers(SCHOOL_ADDRESSES, keys_of(world.here, 0)) == PUBLIC_AT_SCHOOL


def two_schools():
    """Two registered schools with their tokens, and a deposit of the second."""
    clock = Actor.system("test")
    tokens = [
        register_school(actor=clock, code=code, name=code, keys=f"{SCHOOL_KEY.vkey}\n").token
        for code in ("000001", "000002")
    ]
    deposit = Deposit.objects.create(
        school_id=Deposit.school.field.related_model.objects.get(code="000002").pk,
        school_year=115,
        package_sha256="0" * 64,
        package_bytes=1,
        password_sealed=b"",
    )
    return tokens, deposit


@pytest.fixture
def at_archive(db, settings):
    settings.ROOT_URLCONF = ARCHIVE
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"
    return two_schools()


def test_strangers_reach_public_addresses_of_the_archive_only(at_archive):
    _tokens, deposit = at_archive
    pages = [address for address in addresses(ARCHIVE) if not address.name.startswith(API)]

    rows = {"deposit_id": [deposit.pk], "factor_id": [1], "device_id": [1], "token": ["A" * 43]}
    assert reached_by_strangers(pages, rows) == PUBLIC_AT_ARCHIVE


def api_answers(token, deposit):
    """What every endpoint with an id answers to this token, for each method it takes."""
    client = Client(headers={"Authorization": f"Bearer {token}"} if token else {})
    endpoints = [
        address
        for address in addresses(ARCHIVE)
        if address.name.startswith(API) and address.name not in OPEN_API
    ]
    found = {}
    for address in endpoints:
        for url in address.filled({"deposit_id": [deposit.pk]}):
            for method in ("get", "post", "put"):
                response = (
                    getattr(client, method)(url, data=b"x", content_type="application/zip")
                    if method != "get"
                    else client.get(url)
                )
                if response.status_code != WRONG_METHOD:
                    found[f"{method} {address.name}"] = (response.status_code, address.has_id)
    return found


def test_another_schools_deposits_are_not_there_for_its_system(at_archive):
    (other, own), deposit = at_archive

    statuses = api_answers(other, deposit)

    with_id = {name: status for name, (status, has_id) in statuses.items() if has_id}
    assert with_id
    assert set(with_id.values()) == {NOT_FOUND}, with_id
    assert NOT_FOUND not in {status for status, has_id in api_answers(own, deposit).values() if has_id}


@pytest.mark.parametrize("token", ["", "not-a-token"])
def test_the_api_answers_401_without_a_token(at_archive, token):
    _tokens, deposit = at_archive

    assert {status for status, _has_id in api_answers(token, deposit).values()} == {401}
