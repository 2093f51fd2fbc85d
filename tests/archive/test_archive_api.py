import fcntl
import hashlib
import json
from base64 import b64decode
from pathlib import Path
from uuid import uuid4

import pytest
from licheng_exchange import open_checkpoint, parse_keys, verify_receipt

from licheng.archive.api import api
from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import register_school
from licheng.archive.intake.packages import package_path, part_path
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.ledger.views import keys_text
from licheng.foundations.machines.models import MachineToken, TokenUse
from licheng.foundations.machines.operations import make_token
from licheng.foundations.queueing import task_at
from tests.archive.packages import STRANGER_KEY, Package, announcing, as_json, checked, small_package

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def school(client, registration):
    """A client that speaks with the school's token."""
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {registration.token}"
    return client


def announce(school, body):
    return school.post("/api/v1/deposits/", json.dumps(body), content_type="application/json")


def send(school, package, data, offset=0, **header):
    """One part, from `offset` bytes on."""
    headers = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": str(offset)}
    headers |= {"CONTENT_TYPE": "application/offset+octet-stream", **header}
    path = f"/api/v1/deposits/{package.id}/package"
    return school.patch(path, data, content_type=headers["CONTENT_TYPE"], **headers)


def offset_of(school, package):
    answer = school.head(f"/api/v1/deposits/{package.id}/package", HTTP_TUS_RESUMABLE="1.0.0")
    return answer.status_code, answer.get("Upload-Offset"), answer.get("Upload-Length")


def state_of(school, package):
    return as_json(school.get(f"/api/v1/deposits/{package.id}/"))["state"]


def test_a_package_is_announced_sent_checked_and_acknowledged(school, django_capture_on_commit_callbacks):
    package = small_package()
    data = package.sealed()

    answer = announce(school, announcing(package, data))
    assert (answer.status_code, as_json(answer)["state"]) == (201, "announced")
    with django_capture_on_commit_callbacks() as queued:
        answer = send(school, package, data)
    assert (answer.status_code, answer["Upload-Offset"], len(queued)) == (204, str(len(data)), 1)
    assert state_of(school, package) == "arrived"

    assert (
        task_at("licheng.archive.receipts.tasks.check_deposit").call(deposit_id=str(package.id)) == "accepted"
    )

    answer = as_json(school.get(f"/api/v1/deposits/{package.id}/"))
    counts = [answer[name] for name in ("state", "students", "outcomes", "activities", "files", "problems")]
    assert counts == ["accepted", 2, 2, 1, 4, []]
    held = {(file.name, file.media_type) for file in HeldFile.objects.all()}
    assert held == {
        ("作品.pdf", "application/pdf"),
        ("獎狀.pdf", "application/pdf"),
        ("報告.pdf", "application/pdf"),
        ("訪談.mp3", "audio/mpeg"),
    }
    assert all(copy.holds(digest) for copy in copies() for digest in package.contents)
    assert HeldStudent.objects.get(number="1150001").id_number == "A101150001"
    actions = ["announced", "arrived", "check_begun", "counted", "held", "accepted"]
    rows = AuditEntry.objects.filter(subject_id=package.id).order_by("pk")
    assert [row.action for row in rows] == [f"deposit.{action}" for action in actions]


def test_receipts_verify_offline_with_the_published_keys_and_the_students_files(school, depositor):
    package = small_package()
    checked(depositor, package)

    answer = as_json(school.get(f"/api/v1/deposits/{package.id}/receipts/"))

    vkeys = parse_keys(keys_text())
    assert [one["student_no"] for one in answer["receipts"]] == ["1150001", "1150002"]
    for one, student in zip(answer["receipts"], package.students, strict=True):
        body = b64decode(one["receipt"])
        mine = {
            file["name"]: (file["sha256"], file["size"])
            for item in student["items"]
            for file in item["files"]
        }
        verdict = verify_receipt(body, vkeys, mine)
        assert (verdict.ok, len(verdict.items)) == (True, len(student["items"]))
        assert answer["checkpoint"] in json.loads(body)["receipt"]["items"][0]["proof"]
    assert open_checkpoint(answer["checkpoint"], vkeys).size == 3
    again = as_json(school.get(f"/api/v1/deposits/{package.id}/receipts/"))
    assert again == answer


def test_a_changed_receipt_fails(school, depositor):
    package = small_package()
    checked(depositor, package)
    one = as_json(school.get(f"/api/v1/deposits/{package.id}/receipts/"))["receipts"][0]

    changed = b64decode(one["receipt"]).replace(b"1150001", b"1150003")

    verdict = verify_receipt(changed, parse_keys(keys_text()), {})
    assert {problem.rule for problem in verdict.problems} == {"receipt-signature", "leaf-subject"}


def test_receipts_of_a_deposit_without_verdict_are_refused(school):
    package = small_package()
    announce(school, announcing(package, package.sealed()))

    answer = school.get(f"/api/v1/deposits/{package.id}/receipts/")

    assert (answer.status_code, as_json(answer)["code"]) == (409, "not-accepted")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_same_announcement_again_is_the_same_deposit(school):
    package = Package()
    body = announcing(package, b"x" * 10)

    answers = [announce(school, body) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Deposit.objects.count() == 1
    assert AuditEntry.objects.filter(action="deposit.announced").count() == 1


@pytest.mark.parametrize(
    "changes", [{"school_year": 114}, {"sha256": "ab" * 32}, {"size": 11}, {"password": "another"}]
)
def test_another_announcement_of_the_same_package_is_refused(school, changes):
    package = Package()
    body = announcing(package, b"x" * 10)
    announce(school, body)
    before = Deposit.objects.values().get()

    answer = announce(school, {**body, **changes})

    assert (answer.status_code, as_json(answer)["code"]) == (409, "announced-otherwise")
    assert Deposit.objects.values().get() == before


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sha256": "AB" * 32}, 422),
        ({"size": 0}, 422),
        ({"size": 1 << 40}, 413),
        ({"password": ""}, 422),
        ({"package": "not-an-id"}, 422),
        ({"school_year": 89}, 422),
    ],
)
def test_an_announcement_out_of_form_is_refused(school, changes, status):
    answer = announce(school, {**announcing(Package(), b"x"), **changes})

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Deposit.objects.exists()


@pytest.mark.parametrize("data", [b"x" * 11, b"y" * 10])
def test_other_bytes_than_announced_are_refused_and_nothing_is_kept(school, data):
    package = Package()
    announce(school, announcing(package, b"x" * 10))

    answer = send(school, package, data)

    assert (answer.status_code, as_json(answer)["code"]) == (422, "package-differs")
    assert Deposit.objects.get().state == "announced"
    assert not package_path(package.id).exists()
    assert not part_path(package.id).exists()


def test_a_package_goes_on_where_the_line_broke(school):
    package = small_package()
    data = package.sealed()
    announce(school, announcing(package, data))
    middle = len(data) // 2

    assert offset_of(school, package) == (200, "0", str(len(data)))
    assert send(school, package, data[:middle])["Upload-Offset"] == str(middle)
    assert offset_of(school, package) == (200, str(middle), str(len(data)))
    again = send(school, package, data[:middle])
    assert (again.status_code, as_json(again)["code"]) == (409, "offset-differs")
    assert state_of(school, package) == "announced"
    assert send(school, package, data[middle:], offset=middle)["Upload-Offset"] == str(len(data))

    assert state_of(school, package) == "arrived"
    assert package_path(package.id).read_bytes() == data
    assert offset_of(school, package) == (200, str(len(data)), str(len(data)))


def test_the_end_alone_completes_what_a_crash_left_behind(school):
    package = Package()
    announce(school, announcing(package, b"x" * 10))
    part_path(package.id).parent.mkdir(parents=True, exist_ok=True)
    part_path(package.id).write_bytes(b"x" * 10)

    assert offset_of(school, package) == (200, "10", "10")
    assert send(school, package, b"", offset=10).status_code == 204
    assert state_of(school, package) == "arrived"


def test_two_senders_of_one_package_are_kept_apart(school):
    package = Package()
    announce(school, announcing(package, b"x" * 10))
    part = part_path(package.id)
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        answer = send(school, package, b"x" * 10)

    assert (answer.status_code, as_json(answer)["code"], part.stat().st_size) == (423, "upload-busy", 0)


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ({"HTTP_TUS_RESUMABLE": "0.2.2"}, 412, "tus-version"),
        ({"HTTP_UPLOAD_OFFSET": "-1"}, 409, "offset-differs"),
        ({"HTTP_UPLOAD_OFFSET": "1"}, 409, "offset-differs"),
        ({"CONTENT_TYPE": "application/zip"}, 415, "tus-body-type"),
    ],
)
def test_a_part_out_of_form_is_refused(school, header, status, code):
    package = Package()
    announce(school, announcing(package, b"x" * 10))

    answer = send(school, package, b"x" * 5, **header)

    assert (answer.status_code, as_json(answer)["code"]) == (status, code)
    assert offset_of(school, package) == (200, "0", "10")


def test_sending_again_changes_nothing(school, depositor):
    package = small_package()
    checked(depositor, package)
    before = Deposit.objects.values().get()

    answer = send(school, package, package.sealed())

    assert (answer.status_code, as_json(answer)["code"]) == (409, "offset-differs")
    end = send(school, package, b"", offset=len(package.sealed()))
    assert (end.status_code, state_of(school, package)) == (204, "accepted")
    assert Deposit.objects.values().get() == before


def test_sending_again_before_the_verdict_queues_the_check_again(school, django_capture_on_commit_callbacks):
    package = small_package()
    data = package.sealed()
    announce(school, announcing(package, data))
    send(school, package, data)

    with django_capture_on_commit_callbacks() as queued:
        answer = send(school, package, b"", offset=len(data))

    assert (answer.status_code, state_of(school, package), len(queued)) == (204, "arrived", 1)


@pytest.mark.parametrize(
    "header", [{}, {"HTTP_AUTHORIZATION": "Bearer wrong"}, {"HTTP_AUTHORIZATION": "Bearer "}]
)
def test_without_the_right_token_nothing_is_answered(client, registration, header):
    package = Package()
    for answer in (
        client.post("/api/v1/deposits/", "{}", content_type="application/json", **header),
        send(client, package, b"", **header),
        client.get(f"/api/v1/deposits/{package.id}/", **header),
        client.get(f"/api/v1/deposits/{package.id}/receipts/", **header),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert as_json(answer)["code"] == "token-unknown"


def test_the_token_of_a_school_that_may_not_deposit_any_more_is_refused(school, registration):
    registration.school.is_active = False
    registration.school.save()

    assert announce(school, announcing(Package(), b"x")).status_code == 401


def test_another_schools_deposit_is_out_of_sight(client, depositor):
    package = small_package()
    checked(depositor, package)
    other = register_school(
        actor=Actor.system("test"), code="000005", name="別的高中", keys=f"{STRANGER_KEY.vkey}\n"
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {other.token}"

    answers = [
        send(client, package, b"x"),
        client.get(f"/api/v1/deposits/{package.id}/"),
        client.get(f"/api/v1/deposits/{package.id}/receipts/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert announce(client, announcing(package, package.sealed())).status_code == 409


def test_tokens_are_kept_as_hashes_only(registration):
    kept = MachineToken.objects.get()

    assert (kept.holder, kept.scopes) == (registration.school.code, ["deposit"])
    assert kept.sha256 == hashlib.sha256(registration.token.encode()).hexdigest()


@pytest.mark.parametrize("scopes", [["classes:read"], ["deposit"]])
def test_only_a_token_for_deposits_opens_it(client, registration, scopes):
    _token, secret = make_token(
        actor=Actor.system("test"), holder=registration.school.code, name="x", scopes=scopes, days=1
    )

    answer = client.get(f"/api/v1/deposits/{uuid4()}/", headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == (404 if scopes == ["deposit"] else 403)
    assert list(TokenUse.objects.values_list("operation", "status")) == [("see", answer.status_code)]


def test_announcements_over_a_megabyte_are_refused_unread(school):
    answer = school.post("/api/v1/deposits/", b"x" * (2**20 + 1), content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "said", "todo"),
    [
        (b"", "JSON 內容：沒有這一項。", "請依 API 說明送出 JSON 內容。"),
        (b"{}", "package：沒有這一項。", "請加上 package（JSON 內容）再送一次。"),
        (b'{"package": "x"}', "package：要是 UUID。", "請修改 package（JSON 內容）再送一次。"),
        (b"{", "請求的內容：讀不出來。", "請確認內容完整"),
        (b"\xff", "請求的內容：讀不出來。", "請確認內容完整"),
    ],
)
def test_what_is_missing_or_odd_is_said_in_words(school, body, said, todo):
    answer = school.post("/api/v1/deposits/", body, content_type="application/json")

    told = as_json(answer)
    assert (answer.status_code, told["code"], told["detail"]) == (422, "invalid", said)
    assert told["remedy"].startswith(todo)


def test_the_committed_description_of_the_api_is_this_one():
    committed = json.loads((ROOT / "docs" / "api" / "archive.openapi.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == committed


def test_nothing_is_held_of_a_school_that_only_announced(school):
    announce(school, announcing(Package(), b"x"))

    assert not HeldItem.objects.exists()
