import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from licheng_exchange import parse_keys, subject_of, verify_tlog_proof

from licheng.foundations.custody.copies import copies
from licheng.foundations.files.models import StoredFile
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.views import keys_text
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import OfferingFactory, PersonFactory, StudentFactory, open_windows
from tests.school.outcomes_cases import (
    COUNTRY,
    NO_DECISION,
    actions,
    decision_columns,
    make_outcome,
    row,
)

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json, application/problem+json"}
DOCUMENT = (COUNTRY / "reading_notes.pdf").read_bytes()
LIMITS = {"document": 4 * 2**20, "media": 10 * 2**20}


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


@pytest.fixture
def outcome():
    draft = make_outcome()
    draft.document = None
    draft.save()
    return draft


def upload(client, outcome, name, data, role="document", *, person=None):
    client.force_login((person or outcome.student).user)
    body = {"role": role, "file": SimpleUploadedFile(name, data)}
    return client.post(reverse("outcomes:upload", args=[outcome.pk]), body, headers=JSON)


def kept():
    """Everything an upload leaves behind: rows, ledger entries, files in the copies."""
    files = [path for copy in copies() for path in copy.root.rglob("*") if path.is_file()]
    return StoredFile.objects.count(), LedgerEntry.objects.count(), sorted(files)


def test_upload_keeps_the_file_and_gives_a_receipt_that_verifies(client, outcome):
    answer = upload(client, outcome, "讀書心得.pdf", DOCUMENT)

    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["type_text"], told["state"]) == ("讀書心得.pdf", "PDF", "已存好兩份")
    document = Outcome.objects.get(pk=outcome.pk).document
    assert told["file"] == str(document.pk)
    assert actions(outcome) == ["outcome.file_attached"]
    receipt = client.get(told["receipt_url"])
    leaf = bytes(document.entry.leaf)
    assert verify_tlog_proof(receipt.content.decode(), leaf, parse_keys(keys_text())).size >= 1
    student = outcome.student
    subject = subject_of(student.student.subject_key, school=outcome.school.code, student_no=student.account)
    assert json.loads(leaf)["subject"] == subject


def test_file_page_and_download_give_what_was_sent(client, outcome):
    upload(client, outcome, "讀書心得.pdf", DOCUMENT)

    file = client.get(reverse("outcomes:file", args=[outcome.pk, "document"]))
    page = client.get(reverse("outcomes:page", args=[outcome.pk, "document", 1]))
    beyond = client.get(reverse("outcomes:page", args=[outcome.pk, "document", 999]))

    assert b"".join(file.streaming_content) == DOCUMENT
    assert file["Content-Disposition"].startswith("attachment")
    assert (page.status_code, page["Content-Type"], page.content[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
    assert beyond.status_code == 404


def test_the_player_answers_whole_and_in_ranges(client, outcome):
    film = (COUNTRY / "project.mp4").read_bytes()
    upload(client, outcome, "專題.mp4", film, "media")
    address = reverse("outcomes:play", args=[outcome.pk, "media"])

    whole = client.get(address)
    start = client.get(address, headers={"Range": "bytes=0-99"})
    rest = client.get(address, headers={"Range": "bytes=100-"})
    last = client.get(address, headers={"Range": "bytes=-50"})
    beyond = client.get(address, headers={"Range": f"bytes={len(film)}-"})

    assert (whole.status_code, b"".join(whole.streaming_content)) == (200, film)
    assert (start.status_code, b"".join(start.streaming_content)) == (206, film[:100])
    assert start["Content-Range"] == f"bytes 0-99/{len(film)}"
    assert b"".join(rest.streaming_content) == film[100:]
    assert b"".join(last.streaming_content) == film[-50:]
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(film)}")


def test_a_document_is_not_played(client, outcome):
    upload(client, outcome, "a.pdf", DOCUMENT)

    assert client.get(reverse("outcomes:play", args=[outcome.pk, "document"])).status_code == 404


def test_a_replaced_file_ends_the_certification(client):
    outcome = make_outcome(S.CERTIFIED)

    answer = upload(client, outcome, "新版.pdf", DOCUMENT)

    assert answer.status_code == 201
    assert row(outcome)["state"] == S.DRAFT
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.certification_lost", "outcome.file_attached"]


REFUSED = {
    "renamed executable": ("作業.pdf", b"MZ" + b"\x90" * 4000, "document", "Windows 執行檔"),
    "truncated pdf": ("a.pdf", (COUNTRY / "refused/truncated.pdf").read_bytes(), "document", "PDF 不完整"),
    "encrypted pdf": ("a.pdf", (COUNTRY / "refused/encrypted.pdf").read_bytes(), "document", "密碼"),
    "web page": ("a.pdf", (COUNTRY / "refused/login_page.pdf").read_bytes(), "document", "網頁"),
    "truncated jpg": ("a.jpg", (COUNTRY / "refused/truncated.jpg").read_bytes(), "document", "完整"),
    "truncated mp4": ("a.mp4", (COUNTRY / "refused/truncated.mp4").read_bytes(), "media", "影片"),
    "film as document": ("a.mp4", (COUNTRY / "project.mp4").read_bytes(), "document", "不收這種檔案"),
    "document as media": ("a.pdf", DOCUMENT, "media", "不收這種檔案"),
    "wrong name": ("a.png", DOCUMENT, "document", "副檔名"),
    "empty": ("a.pdf", b"", "document", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_upload_refuses_and_keeps_nothing(client, outcome, case):
    name, data, role, words = REFUSED[case]
    before = (row(outcome), kept())

    answer = upload(client, outcome, name, data, role)

    told = answer.json()
    assert 400 <= answer.status_code < 500
    assert answer["Content-Type"] == "application/problem+json"
    assert words in told["detail"]
    assert told["remedy"]
    assert (row(outcome), kept(), actions(outcome)) == (*before, [])


@pytest.mark.parametrize("role", LIMITS)
def test_one_byte_over_the_limit_is_refused(client, outcome, role):
    before = (row(outcome), kept())

    answer = upload(client, outcome, "大.pdf", b"%PDF-1.7\n" + b"0" * (LIMITS[role] - 8), role)

    assert answer.status_code == 413
    assert f"{LIMITS[role] + 1:,} 位元組" in answer.json()["detail"]
    assert (row(outcome), kept(), actions(outcome)) == (*before, [])


def test_exactly_the_limit_is_taken(client, outcome):
    head, tail = DOCUMENT.split(b"\n", 1)
    padding = LIMITS["document"] - len(DOCUMENT)
    padded = DOCUMENT[: DOCUMENT.rfind(b"startxref")]
    body = padded + b"%" + b"0" * (padding - 2) + b"\n" + DOCUMENT[len(padded) :]
    assert len(body) == LIMITS["document"]

    answer = upload(client, outcome, "滿.pdf", body)

    assert answer.status_code == 201
    assert head.startswith(b"%PDF")
    assert tail


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [({"role": "document"}, 422, "沒有收到檔案"), ({"role": "portrait", "file": DOCUMENT}, 404, "找不到")],
)
def test_upload_without_a_file_or_with_an_unknown_role(client, outcome, body, status, words):
    client.force_login(outcome.student.user)
    if "file" in body:
        body = body | {"file": SimpleUploadedFile("a.pdf", body["file"])}

    answer = client.post(reverse("outcomes:upload", args=[outcome.pk]), body, headers=JSON)

    assert (answer.status_code, words in answer.json()["detail"]) == (status, True)


def test_upload_refuses_outside_the_window_before_it_takes_bytes(client, outcome):
    open_windows(WindowKind.UPLOAD, closed=True)
    before = kept()

    answer = upload(client, outcome, "a.pdf", DOCUMENT)

    assert (answer.status_code, answer.json()["code"], kept()) == (409, "window-closed", before)


@pytest.mark.parametrize("state", [state for state in S if state not in (S.DRAFT, S.RETURNED, S.CERTIFIED)])
def test_upload_refuses_where_content_may_not_change(client, state):
    outcome = make_outcome(state)
    before = (row(outcome), kept())

    answer = upload(client, outcome, "a.pdf", DOCUMENT)

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    assert (row(outcome), kept()) == before


@pytest.mark.parametrize(
    ("who", "upload_status", "file_status"),
    [
        ("teacher", 403, 200),
        ("submitter", 403, 200),
        ("classmate", 404, 404),
        ("other teacher", 404, 404),
        ("other school", 404, 404),
    ],
)
def test_who_may_upload_and_who_may_read(client, who, upload_status, file_status):
    outcome = make_outcome(S.RETURNED)
    upload(client, outcome, "a.pdf", DOCUMENT)
    Outcome.objects.filter(pk=outcome.pk).update(state=S.RETURNED)
    school = outcome.school
    person = {
        "teacher": outcome.enrolment.offering.teachers.first,
        "submitter": lambda: PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]),
        "classmate": lambda: StudentFactory(school=school),
        "other teacher": OfferingFactory(school=school).teachers.first,
        "other school": lambda: PersonFactory(roles=[Role.ADMINISTRATOR]),
    }[who]()
    before = (row(outcome), kept())

    answer = upload(client, outcome, "b.pdf", DOCUMENT, person=person)

    assert answer.status_code == upload_status
    assert (row(outcome), kept()) == before
    for name, more in (("file", []), ("page", [1]), ("receipt", [])):
        shown = client.get(reverse(f"outcomes:{name}", args=[outcome.pk, "document", *more]))
        assert (name, shown.status_code) == (name, file_status)
        b"".join(shown.streaming_content if shown.streaming else [])


def test_the_same_bytes_twice_are_told_kindly(client, outcome):
    other = make_outcome(enrolment=outcome.enrolment)
    upload(client, other, "a.pdf", DOCUMENT)
    stranger = make_outcome()
    upload(client, stranger, "a.pdf", DOCUMENT)

    answer = upload(client, outcome, "b.pdf", DOCUMENT)

    course = outcome.enrolment.offering.course.name
    assert answer.status_code == 201
    assert f"提醒：您在「{course}」的成果已經放了一模一樣的檔案" in answer.json()["preview_html"]


def test_a_first_file_is_not_called_a_duplicate(client, outcome):
    stranger = make_outcome()
    upload(client, stranger, "a.pdf", DOCUMENT)

    assert "提醒" not in upload(client, outcome, "b.pdf", DOCUMENT).json()["preview_html"]


def test_remove_file_answers_the_control_without_a_page(client, outcome):
    upload(client, outcome, "a.pdf", DOCUMENT)

    answer = client.post(reverse("outcomes:remove_file", args=[outcome.pk, "document"]), headers=JSON)

    assert (answer.status_code, row(outcome)["document_id"]) == (204, None)
