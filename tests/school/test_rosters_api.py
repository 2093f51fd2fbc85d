"""Rosters by API: once per key, own imports only, and nothing that a page would not allow."""

import hashlib

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from licheng.foundations.limits.operations import Limit
from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import Person
from licheng.school.records.models import CourseMark
from licheng.school.rosters import api
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.models import RosterKind as K
from licheng.school.rosters.operations import check_roster_file, write_roster
from licheng.school.rosters.queries.sent import senders_in_words
from tests import factories
from tests.school import roster_files as files
from tests.school import roster_samples as samples
from tests.school.test_school_api import token_of

pytestmark = pytest.mark.django_db
BASE = "/api/v1/rosters"


@pytest.fixture
def office(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return samples.small_school()


@pytest.fixture
def machine(office):
    return token_of(office.school, [Scope.ROSTERS_WRITE])[1]


def send(client, text, key="k-1", **more):
    file = SimpleUploadedFile("名冊.csv", text.encode())
    return client.post(BASE, {"file": file, **more}, headers={"Idempotency-Key": key})


def at(client, import_id, step, verb="post"):
    return getattr(client, verb)(f"{BASE}/{import_id}{step}")


def worked(school, import_id):
    check_roster_file(actor=files.clock(school.pk), import_id=import_id)


def test_a_roster_goes_in_and_out_by_api(office, machine):
    sent = send(machine, samples.TEXTS[K.MARKS], kind="學期成績")
    import_id = sent.json()["id"]
    worked(office.school, import_id)
    ready = at(machine, import_id, "", "get").json()
    confirmed = at(machine, import_id, "/apply")
    write_roster(actor=files.clock(office.school_id), import_id=import_id)
    applied = at(machine, import_id, "", "get").json()
    rows = CourseMark.objects.count()
    undone = at(machine, import_id, "/undo")

    assert (sent.status_code, sent.json()["state"], sent.json()["file_name"]) == (202, "received", "名冊.csv")
    assert (ready["state"], ready["added"], ready["errors"]) == ("ready", 3, 0)
    assert (confirmed.status_code, applied["state"], rows) == (202, "applied", 3)
    assert (undone.status_code, undone.json()["state"], CourseMark.objects.count()) == (200, "undone", 0)


def test_the_same_key_is_one_import(office, machine):
    text = samples.TEXTS[K.MARKS]

    answers = [send(machine, text, kind="學期成績") for _one in range(3)]
    others = [
        send(machine, text + "\n", kind="學期成績"),
        send(machine, text, kind="重讀"),
        send(machine, text, mode="replace"),
        send(token_of(office.school, [Scope.ROSTERS_WRITE])[1], text, kind="學期成績"),
    ]

    assert {answer.json()["id"] for answer in answers} == {str(RosterImport.objects.get().pk)}
    assert {(one.status_code, one.json()["code"]) for one in others} == {(409, "idempotency-key-reused")}


def test_a_key_is_the_schools_own(office, machine):
    text = samples.TEXTS[K.MARKS]
    next_door = token_of(factories.SchoolFactory(), [Scope.ROSTERS_WRITE])[1]

    answers = [send(client, text, kind="學期成績") for client in (machine, next_door)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 2


def test_findings_name_row_and_column(office, machine):
    import_id = send(machine, samples.TEXTS[K.MARKS].replace("81.5", "101")).json()["id"]
    worked(office.school, import_id)

    found = at(machine, import_id, "/findings", "get").json()["items"]

    assert [(one["row"], one["column"], one["severity"]) for one in found][:1] == [
        (2, "學期學業成績", "error")
    ]
    assert at(machine, import_id, "/apply").status_code == 409
    assert at(machine, import_id, "/drop").json()["state"] == "dropped"


def test_imports_of_others_are_not_there(office, machine):
    by_person = files.preview(factories.fresh_actor(office), K.MARKS, samples.TEXTS[K.MARKS].encode())
    mine = send(machine, samples.TEXTS[K.MARKS]).json()["id"]
    strangers = [
        token_of(office.school, [Scope.ROSTERS_WRITE])[1],
        token_of(factories.SchoolFactory(), [Scope.ROSTERS_WRITE])[1],
    ]

    for client, import_id in [(machine, by_person.pk), *((client, mine) for client in strangers)]:
        for step, verb in (
            ("", "get"),
            ("/findings", "get"),
            ("/apply", "post"),
            ("/undo", "post"),
            ("/drop", "post"),
        ):
            assert at(client, import_id, step, verb).status_code == 404


def test_no_token_changes_duties(office, machine):
    import_id = send(machine, "帳號,姓名,職務\nt9,新老師,系統管理員\n", kind="staff").json()["id"]
    worked(office.school, import_id)

    state = at(machine, import_id, "", "get").json()

    assert (state["state"], state["errors"]) == ("refused", 1)
    assert not Person.objects.filter(account="t9").exists()


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 422), ({"Idempotency-Key": ""}, 422), ({"Idempotency-Key": "空" * 3}, 422)]
)
def test_a_key_is_wanted(office, machine, headers, status):
    file = SimpleUploadedFile("a.csv", samples.TEXTS[K.MARKS].encode())

    assert machine.post(BASE, {"file": file}, headers=headers).status_code == status
    assert not RosterImport.objects.exists()


def test_a_file_too_large_or_of_no_kind_is_refused(office, machine, monkeypatch):
    import_id = send(machine, "天氣,溫度\n晴,30\n").json()["id"]
    worked(office.school, import_id)
    refused = at(machine, import_id, "", "get").json()
    assert (refused["kind"], refused["state"], refused["errors"]) == ("", "refused", 1)
    monkeypatch.setattr("licheng.school.rosters.api.LIMIT_BYTES", 10)
    assert send(machine, samples.TEXTS[K.MARKS]).status_code == 413
    assert send(token_of(office.school, [Scope.STUDENTS_READ])[1], "x").status_code == 403


def test_a_token_has_files_worked_on_no_oftener_than_a_person(office, machine, monkeypatch):
    once = dict.fromkeys(api.AN_HOUR, Limit(times=1, seconds=3600))
    monkeypatch.setattr(api, "AN_HOUR", once)
    import_id = send(machine, samples.TEXTS[K.MARKS]).json()["id"]
    worked(office.school, import_id)

    answers = [
        send(machine, samples.TEXTS[K.MARKS], key="k-2"),
        *(at(machine, import_id, step) for step in ("/apply", "/apply", "/undo", "/undo")),
    ]

    assert [one.status_code for one in answers] == [429, 202, 429, 409, 429]
    assert RosterImport.objects.count() == 1
    assert send(token_of(office.school, [Scope.ROSTERS_WRITE])[1], "天氣\n晴\n").status_code != 429


class Unread:
    """A body that nobody may read."""

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


def announced(client, size, content_type="multipart/form-data; boundary=x"):
    """A body of so many bytes of which none is sent."""
    more = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(size), "wsgi.input": Unread()}
    return client.generic("POST", BASE, b"", **more)


def test_a_roster_of_a_whole_school_goes_in(office, machine):
    head, *rows = samples.TEXTS[K.MARKS].splitlines()
    text = "\n".join([head, *rows * 10_000])

    sent = send(machine, text, kind="學期成績")

    assert len(text.encode()) > configured.API_BODY_LIMIT_BYTES
    assert sent.status_code == 202
    assert RosterImport.objects.get().sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("content_type", "bound"),
    [
        ("multipart/form-data; boundary=x", "BODY_LIMIT_BYTES"),
        ("application/json", "API_BODY_LIMIT_BYTES"),
        ("multipart/mixed; boundary=x", "API_BODY_LIMIT_BYTES"),
        ("", "API_BODY_LIMIT_BYTES"),
    ],
)
def test_a_body_over_its_bound_is_refused_unread_and_told_which(office, machine, content_type, bound):
    most = getattr(configured, bound)

    refused = announced(machine, most + 1, content_type)

    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    assert f" {most} " in refused.json()["detail"]


def test_a_file_over_the_bound_of_rosters_is_told_that_one(office, machine):
    refused = send(machine, "x" * (20 * 2**20 + 1))

    assert (refused.status_code, " 20971520 " in refused.json()["detail"]) == (413, True)


def test_a_form_is_read_only_for_a_token_with_the_scope(office):
    other = token_of(office.school, [Scope.STUDENTS_READ])[1]
    strangers = [Client(), Client(headers={"Authorization": "Bearer lck_nobody"}), other]

    answers = [announced(client, 20 * 2**20) for client in strangers]

    assert [answer.status_code for answer in answers] == [401, 401, 403]


def form(client, body, boundary="b"):
    kind = f"multipart/form-data; boundary={boundary}"
    return client.generic("POST", BASE, body, content_type=kind, headers={"Idempotency-Key": "k"})


@pytest.mark.parametrize(
    ("body", "boundary", "status"),
    [
        (b"", "", 422),
        (b"no parts at all", "b", 422),
        (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx', "b", 422),
        (b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n' + b"x" * 3 * 2**20, "b", 413),
        (b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nx\r\n' * 5_000 + b"--b--", "b", 422),
    ],
)
def test_a_form_that_is_none_is_a_problem_like_others(office, machine, body, boundary, status):
    refused = form(machine, body, boundary)

    assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json")
    assert refused.json()["remedy"]
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize(
    ("headers", "more", "said", "todo"),
    [
        ({}, {}, "Idempotency-Key：沒有這一項。", "請加上 Idempotency-Key（HTTP 標頭）再送一次。"),
        (
            {"Idempotency-Key": "空"},
            {},
            "Idempotency-Key：格式不對，要符合 ^[A-Za-z0-9_.:-]{1,64}$。",
            "請修改 Idempotency-Key（HTTP 標頭）再送一次。",
        ),
        ({"Idempotency-Key": "k"}, {"file": ""}, "file：", "表單的檔案欄位"),
        (
            {"Idempotency-Key": "k"},
            {"semester": "5"},
            "semester：不能大於 4。",
            "請修改 semester（表單欄位）再送一次。",
        ),
        (
            {"Idempotency-Key": "k"},
            {"semester": "x"},
            "semester：要是整數。",
            "請修改 semester（表單欄位）再送一次。",
        ),
        ({"Idempotency-Key": "k"}, {"mode": "王小明"}, "mode：只能是", "請修改 mode（表單欄位）再送一次。"),
    ],
)
def test_what_is_missing_or_odd_is_said_in_words(office, machine, headers, more, said, todo):
    file = SimpleUploadedFile("a.csv", samples.TEXTS[K.MARKS].encode())

    told = machine.post(BASE, {"file": file, **more}, headers=headers).json()

    assert (told["status"], told["code"]) == (422, "invalid")
    assert told["detail"].startswith(said)
    assert todo in told["remedy"]
    assert not {word for word in ("王小明", "required", "Input") if word in told["detail"] + told["remedy"]}


def test_a_person_reads_which_program_sent_a_roster(office, machine, client):
    import_id = send(machine, samples.TEXTS[K.MARKS], kind="學期成績").json()["id"]
    worked(office.school, import_id)
    at(machine, import_id, "/apply")
    write_roster(actor=files.clock(office.school_id), import_id=import_id)
    client.force_login(office.user)

    pages = [client.get("/rosters/"), client.get(reverse("rosters:import_detail", args=[import_id]))]

    for page in pages:
        assert "程式：校務系統" in page.text
        assert "machine:" not in page.text


def test_a_program_of_another_school_lends_no_name(office):
    token = token_of(factories.SchoolFactory(), [Scope.ROSTERS_WRITE])[0]
    labels = [f"machine:{token.pk}", "machine:x", "clock:rosters", ""]

    words = senders_in_words(office.school, labels)

    assert words == {label: f"系統（{label}）" for label in labels if label}
