"""Files of outcomes: who may hand one in and when, what it does to the outcome, and who gets it back."""

import io
import json

import pytest
from django.urls import reverse
from licheng_exchange import parse_keys, subject_of, verify_tlog_proof

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.errors import DomainError, NotFound
from licheng.foundations.files.errors import FileRefused, FileTooLarge
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import derive_file
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.views import keys_text
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import attach_file
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import OfferingFactory, PersonFactory, StudentFactory, actor, open_windows
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


def attach(outcome, name, data, role="document", *, person=None):
    """Hand a file in as the student, or as somebody else; drawn and cleaned as the worker would."""
    who = actor(person or outcome.student)
    stored = attach_file(actor=who, outcome_id=outcome.pk, role=role, stream=io.BytesIO(data), name=name)
    derive_file(actor=Actor.system("test"), file_id=stored.pk)
    return stored


def file_bytes(response):
    return b"".join(response.streaming_content)


def kept():
    """Everything an upload leaves behind: rows, ledger entries, files in the copies."""
    files = [path for copy in copies() for path in copy.root.rglob("*") if path.is_file()]
    return StoredFile.objects.count(), LedgerEntry.objects.count(), sorted(files)


def test_a_file_is_kept_and_its_receipt_verifies(client, outcome):
    stored = attach(outcome, "讀書心得.pdf", DOCUMENT)

    client.force_login(outcome.student.user)
    receipt = client.get(reverse("outcomes:receipt", args=[outcome.pk, "document"]))
    leaf = bytes(stored.entry.leaf)
    assert Outcome.objects.get(pk=outcome.pk).document_id == stored.pk
    assert actions(outcome) == ["outcome.file_attached"]
    assert verify_tlog_proof(receipt.content.decode(), leaf, parse_keys(keys_text())).size >= 1
    student = outcome.student
    subject = subject_of(student.student.subject_key, school=outcome.school.code, student_no=student.account)
    assert json.loads(leaf)["subject"] == subject


def test_file_page_and_download_give_what_was_sent(client, outcome):
    attach(outcome, "讀書心得.pdf", DOCUMENT)
    client.force_login(outcome.student.user)

    file = client.get(reverse("outcomes:file", args=[outcome.pk, "document"]))
    page = client.get(reverse("outcomes:page", args=[outcome.pk, "document", 1]))
    beyond = client.get(reverse("outcomes:page", args=[outcome.pk, "document", 999]))

    assert file_bytes(file) == DOCUMENT
    assert file["Content-Disposition"].startswith("attachment")
    assert (page.status_code, page["Content-Type"]) == (200, "image/jpeg")
    assert file_bytes(page)[:3] == b"\xff\xd8\xff"
    assert beyond.status_code == 404


def test_the_player_answers_whole_and_in_ranges(client, outcome):
    film = (COUNTRY / "project.mp4").read_bytes()
    attach(outcome, "專題.mp4", film, "media")
    client.force_login(outcome.student.user)
    address = reverse("outcomes:play", args=[outcome.pk, "media"])

    whole = client.get(address)
    start = client.get(address, headers={"Range": "bytes=0-99"})
    rest = client.get(address, headers={"Range": "bytes=100-"})
    last = client.get(address, headers={"Range": "bytes=-50"})
    beyond = client.get(address, headers={"Range": f"bytes={len(film)}-"})

    assert (whole.status_code, file_bytes(whole)) == (200, film)
    assert (start.status_code, file_bytes(start)) == (206, film[:100])
    assert start["Content-Range"] == f"bytes 0-99/{len(film)}"
    assert file_bytes(rest) == film[100:]
    assert file_bytes(last) == film[-50:]
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(film)}")


def test_a_document_is_not_played(client, outcome):
    attach(outcome, "a.pdf", DOCUMENT)
    client.force_login(outcome.student.user)

    assert client.get(reverse("outcomes:play", args=[outcome.pk, "document"])).status_code == 404


def test_a_replaced_file_ends_the_certification():
    outcome = make_outcome(S.CERTIFIED)

    attach(outcome, "新版.pdf", DOCUMENT)

    assert row(outcome)["state"] == S.DRAFT
    assert decision_columns(outcome) == NO_DECISION
    assert actions(outcome) == ["outcome.certification_lost", "outcome.file_attached"]


REFUSED = {
    "renamed executable": ("作業.pdf", b"MZ" + b"\x90" * 4000, "document", "Windows 執行檔"),
    "truncated pdf": ("a.pdf", (COUNTRY / "refused/truncated.pdf").read_bytes(), "document", "PDF 不完整"),
    "encrypted pdf": ("a.pdf", (COUNTRY / "refused/encrypted.pdf").read_bytes(), "document", "密碼"),
    "web page": ("a.pdf", (COUNTRY / "refused/login_page.pdf").read_bytes(), "document", "網頁"),
    "truncated jpg": ("a.jpg", (COUNTRY / "refused/truncated.jpg").read_bytes(), "document", "完整"),
    "truncated mp4": ("a.mp4", (COUNTRY / "refused/truncated.mp4").read_bytes(), "media", "不完整"),
    "film as document": ("a.mp4", (COUNTRY / "project.mp4").read_bytes(), "document", "MP4 影片"),
    "document as media": ("a.pdf", DOCUMENT, "media", "PDF"),
    "wrong name": ("a.png", DOCUMENT, "document", "副檔名"),
    "empty": ("a.pdf", b"", "document", "0 位元組"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_leaves_nothing(outcome, case):
    name, data, role, words = REFUSED[case]
    before = (row(outcome), kept())

    with pytest.raises(FileRefused) as refusal:
        attach(outcome, name, data, role)

    assert words in refusal.value.sentence
    assert refusal.value.what_to_do
    assert (row(outcome), kept(), actions(outcome)) == (*before, [])


@pytest.mark.parametrize("role", LIMITS)
def test_one_byte_over_the_limit_is_refused(outcome, role):
    before = (row(outcome), kept())

    with pytest.raises(FileTooLarge) as refusal:
        attach(outcome, "大.pdf", b"%PDF-1.7\n" + b"0" * (LIMITS[role] - 8), role)

    assert f"{LIMITS[role] + 1:,} 位元組" in refusal.value.sentence
    assert (row(outcome), kept(), actions(outcome)) == (*before, [])


def test_exactly_the_limit_is_taken(outcome):
    padding = LIMITS["document"] - len(DOCUMENT)
    padded = DOCUMENT[: DOCUMENT.rfind(b"startxref")]
    body = padded + b"%" + b"0" * (padding - 2) + b"\n" + DOCUMENT[len(padded) :]
    assert len(body) == LIMITS["document"]

    assert attach(outcome, "滿.pdf", body).size_bytes == LIMITS["document"]


def test_an_unknown_role_is_not_there(outcome):
    before = (row(outcome), kept())

    with pytest.raises(NotFound):
        attach(outcome, "a.pdf", DOCUMENT, "portrait")

    assert (row(outcome), kept()) == before


class Unread(io.BytesIO):
    """A stream that must not be read."""

    def read(self, *_size):
        pytest.fail("bytes were taken in vain")


def refused_unread(outcome, person=None):
    """The code of a refusal that came before any byte was read."""
    who = actor(person or outcome.student)
    with pytest.raises(DomainError) as refusal:
        attach_file(actor=who, outcome_id=outcome.pk, role="document", stream=Unread(), name="a.pdf")
    return refusal.value.code


def test_files_are_refused_outside_the_window_before_bytes_are_taken(outcome):
    open_windows(WindowKind.UPLOAD, closed=True)
    before = kept()

    assert (refused_unread(outcome), kept()) == ("window-closed", before)


@pytest.mark.parametrize("state", [state for state in S if state not in (S.DRAFT, S.RETURNED, S.CERTIFIED)])
def test_files_are_refused_where_content_may_not_change(state):
    outcome = make_outcome(state)
    before = (row(outcome), kept())

    assert refused_unread(outcome) == "wrong-state"
    assert (row(outcome), kept()) == before


@pytest.mark.parametrize(
    ("who", "refusal", "file_status"),
    [
        ("teacher", "not-allowed", 200),
        ("submitter", "not-allowed", 200),
        ("classmate", "not-found", 404),
        ("other teacher", "not-found", 404),
        ("other school", "not-found", 404),
    ],
)
def test_who_may_hand_in_and_who_may_read(client, who, refusal, file_status):
    outcome = make_outcome(S.RETURNED)
    attach(outcome, "a.pdf", DOCUMENT)
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

    assert refused_unread(outcome, person) == refusal
    assert (row(outcome), kept()) == before
    client.force_login(person.user)
    for name, more in (("file", []), ("page", [1]), ("receipt", [])):
        shown = client.get(reverse(f"outcomes:{name}", args=[outcome.pk, "document", *more]))
        assert (name, shown.status_code) == (name, file_status)
        b"".join(shown.streaming_content if shown.streaming else [])


def test_remove_file_answers_the_control_without_a_page(client, outcome):
    attach(outcome, "a.pdf", DOCUMENT)
    client.force_login(outcome.student.user)

    answer = client.post(reverse("outcomes:remove_file", args=[outcome.pk, "document"]), headers=JSON)

    assert (answer.status_code, row(outcome)["document_id"]) == (204, None)
