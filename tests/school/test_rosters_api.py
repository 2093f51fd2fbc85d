"""Rosters by API: once per key, own imports only, and nothing that a page would not allow."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import Person
from licheng.school.records.models import CourseMark
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.models import RosterKind as K
from licheng.school.rosters.operations import check_roster_file, write_roster
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
