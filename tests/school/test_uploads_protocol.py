"""The tus server, asked as the protocol's own text asks: offsets, checksums, versions, bounds, ends."""

import io

import pytest
from django.urls import reverse

from licheng.foundations.files.models import StoredFile
from licheng.school.outcomes.models import Outcome
from licheng.school.uploads import storage
from licheng.school.uploads.models import Upload
from licheng.school.uploads.operations import append_bytes, start_upload
from licheng.school.uploads.states import UploadState
from tests.factories import actor, open_windows
from tests.school.items import activity_of
from tests.school.outcomes_cases import make_outcome
from tests.school.tus_client import DOCUMENT, Tus, checksum, encoded

pytestmark = pytest.mark.django_db


@pytest.fixture
def outcome(db):
    open_windows()
    draft = make_outcome()
    Outcome.objects.filter(pk=draft.pk).update(document=None)
    return draft


@pytest.fixture
def tus(outcome):
    return Tus(outcome.student)


def test_options_tell_what_the_server_can(tus):
    answer = tus.client.options(reverse("uploads:create"))

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer["Tus-Max-Size"] == str(512 * 2**20)


@pytest.mark.django_db(transaction=True)
def test_a_file_in_parts_is_stored_with_a_receipt(tus, outcome):
    told = tus.whole(outcome, "心得.pdf", DOCUMENT)

    document = Outcome.objects.get(pk=outcome.pk).document
    assert (told["state"], told["file"], told["name"]) == ("stored", str(document.pk), "心得.pdf")
    assert tus.client.get(told["receipt_url"]).status_code == 200
    upload = Upload.objects.get()
    assert (upload.sha256, upload.offset_bytes) == (document.sha256, len(DOCUMENT))
    assert not storage.path_of(upload.pk).exists()


def test_creation_with_the_whole_file_answers_with_what_came_of_it(tus, outcome):
    answer = tus.create(outcome, "心得.pdf", len(DOCUMENT), DOCUMENT, Upload_Checksum=checksum(DOCUMENT))

    assert (answer.status_code, answer.json()["state"]) == (201, "stored")
    assert answer["Upload-Offset"] == str(len(DOCUMENT))
    assert answer["Upload-Expires"].endswith(" GMT")


def test_an_activity_takes_files_the_same_way(tus, outcome):
    activity = activity_of(outcome.student, "draft")

    assert tus.whole(activity, "證明.pdf", DOCUMENT)["state"] == "stored"
    activity.refresh_from_db()
    assert activity.document.original_name == "證明.pdf"


def test_head_tells_the_offset_and_what_was_said_at_creation(tus, outcome):
    url = tus.started(outcome, "心得.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:1000])

    answer = tus.request("HEAD", url)

    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("1000", str(len(DOCUMENT)))
    assert answer["Cache-Control"].count("no-store")
    assert f"filename {encoded('心得.pdf')}" in answer["Upload-Metadata"]


@pytest.mark.parametrize("offset", ["0", "999", "1001", "-1", "x", "", "9" * 40])
def test_a_part_at_another_offset_is_refused_and_changes_nothing(tus, outcome, offset):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:1000])

    answer = tus.request("PATCH", url, b"x" * 10, Upload_Offset=offset)

    assert (answer.status_code, answer["Tus-Resumable"]) == (409, "1.0.0")
    assert tus.offset(url) == 1000


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_part_with_its_checksum_is_taken_and_a_changed_one_is_not(tus, outcome, kind):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    part = DOCUMENT[:1000]

    wrong = tus.patch(url, 0, part, Upload_Checksum=checksum(part + b"!", kind))
    unknown = tus.patch(url, 0, part, Upload_Checksum="md5 AAAA")
    unreadable = tus.patch(url, 0, part, Upload_Checksum=f"{kind} ***")

    assert [answer.status_code for answer in (wrong, unknown, unreadable)] == [460, 400, 400]
    assert (wrong.json()["code"], tus.offset(url)) == ("checksum-differs", 0)
    assert tus.patch(url, 0, part, Upload_Checksum=checksum(part, kind)).status_code == 204
    assert tus.offset(url) == 1000


@pytest.mark.parametrize("method", ["POST", "PATCH", "HEAD", "DELETE"])
def test_another_version_is_refused(tus, outcome, method):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    target = reverse("uploads:create") if method == "POST" else url

    answer = tus.request(method, target, Tus_Resumable="0.2.2")

    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_a_part_of_another_type_is_refused(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))

    answer = tus.client.generic(
        "PATCH",
        url,
        b"x",
        content_type="text/plain",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )

    assert (answer.status_code, tus.offset(url)) == (415, 0)


def test_more_bytes_than_announced_are_refused(tus, outcome):
    url = tus.started(outcome, "a.pdf", 10)

    assert tus.patch(url, 0, b"x" * 11).status_code == 413
    assert tus.offset(url) == 0


@pytest.mark.parametrize("length", ["", "-1", "1.5", "x", "9" * 30])
def test_a_creation_without_a_readable_length_is_refused(tus, outcome, length):
    answer = tus.create(outcome, "a.pdf", 0, Upload_Length=length)

    assert (answer.status_code, Upload.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    "sent", ["filename ***", "x" * 5000, f"item_id {encoded('1')}", "", f"filename {'//79'}"]
)
def test_a_creation_with_unreadable_metadata_is_refused(tus, outcome, sent):
    answer = tus.create(outcome, "a.pdf", 10, Upload_Metadata=sent)

    assert answer.status_code in {400, 404}
    assert Upload.objects.count() == 0


REFUSED_EARLY = {
    "empty": ({"name": "a.pdf", "size": 0}, 422, "file-empty"),
    "type": ({"name": "a.exe", "size": 10}, 415, "type-not-taken"),
    "film as a document": ({"name": "a.mp4", "size": 10}, 415, "type-not-taken"),
    "no extension": ({"name": "pdf", "size": 10}, 415, "type-not-taken"),
    "too large to fit": ({"name": "a.pdf", "size": 65 * 2**20}, 413, "too-large-to-fit"),
    "role": ({"name": "a.pdf", "size": 10, "role": "portrait"}, 404, "not-found"),
    "photo": ({"name": "a.pdf", "size": 10, "more": {"source": "1"}}, 415, "type-not-taken"),
    "hash": ({"name": "a.pdf", "size": 10, "more": {"sha256": "abc"}}, 400, "tus-request"),
}


@pytest.mark.parametrize("case", REFUSED_EARLY)
def test_what_cannot_be_taken_is_refused_before_bytes_travel(tus, outcome, case):
    asked, status, code = REFUSED_EARLY[case]

    answer = tus.create(outcome, **asked)

    assert (answer.status_code, answer.json()["code"], Upload.objects.count()) == (status, code, 0)


@pytest.mark.django_db(transaction=True)
def test_a_given_up_upload_is_gone(tus, outcome):
    url = tus.started(outcome, "a.pdf", 10)
    tus.patch(url, 0, b"12345")
    path = storage.path_of(Upload.objects.get().pk)
    assert path.read_bytes() == b"12345"

    assert tus.request("DELETE", url).status_code == 204
    assert tus.request("HEAD", url).status_code == tus.patch(url, 5, b"6").status_code == 404
    assert not path.exists()


def test_a_stored_upload_is_neither_given_up_nor_written_to(tus, outcome):
    tus.whole(outcome, "a.pdf", DOCUMENT)
    url = reverse("uploads:bytes", args=[Upload.objects.get().pk])

    assert tus.request("DELETE", url).status_code == tus.patch(url, len(DOCUMENT), b"x").status_code == 409
    assert (tus.offset(url), tus.state(url)["state"]) == (len(DOCUMENT), "stored")


def test_a_method_may_be_named_in_a_header(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))

    answer = tus.request("POST", url, b"%PDF-", Upload_Offset="0", X_HTTP_Method_Override="PATCH")

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "5")
    assert tus.request("POST", url).status_code == 405


def test_a_form_token_is_asked_for(outcome):
    tus = Tus(outcome.student, enforce_csrf_checks=True)

    answer = tus.create(outcome, "a.pdf", 10)

    assert (answer.status_code, Upload.objects.count()) == (403, 0)


def test_bytes_that_were_never_told_are_cut_back(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:1000])
    path = storage.path_of(Upload.objects.get().pk)
    with path.open("ab") as file:  # a crash between the bytes and the row
        file.write(b"garbage")

    assert tus.offset(url) == 1000
    assert path.read_bytes() == DOCUMENT[:1000]
    assert tus.patch(url, 1000, DOCUMENT[1000:]).status_code == 204
    assert tus.state(url)["state"] == "stored"


def test_a_part_is_written_over_what_a_crash_left_without_asking_first(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:1000])
    with storage.path_of(Upload.objects.get().pk).open("ab") as file:
        file.write(b"garbage" * 100_000)

    tus.patch(url, 1000, DOCUMENT[1000:])

    assert tus.state(url)["state"] == "stored"


def test_bytes_that_the_device_lost_are_asked_for_again(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:1000])
    storage.path_of(Upload.objects.get().pk).write_bytes(DOCUMENT[:400])

    assert tus.patch(url, 1000, b"x").status_code == 409
    assert tus.offset(url) == 400
    assert tus.patch(url, 400, DOCUMENT[400:]).status_code == 204
    assert tus.state(url)["state"] == "stored"


def test_a_sender_that_breaks_off_loses_only_what_was_not_told(tus, outcome, monkeypatch):
    from licheng.school.uploads.operations import sending

    monkeypatch.setattr(sending, "SEGMENT_BYTES", 300)
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))

    upload = append_bytes(
        actor=actor(outcome.student),
        upload_id=Upload.objects.get().pk,
        offset=0,
        stream=io.BytesIO(DOCUMENT[:700]),
        length=1000,
    )

    assert upload.offset_bytes == tus.offset(url) == 700


def test_the_fence_of_students_and_schools(tus, outcome):
    url = tus.started(outcome, "a.pdf", len(DOCUMENT))
    classmate, stranger = make_outcome(), make_outcome()
    others = [Tus(classmate.student), Tus(stranger.student), Tus(outcome.enrolment.offering.teachers.first())]

    for other in others:
        answers = [
            other.request("HEAD", url),
            other.patch(url, 0, b"x"),
            other.request("DELETE", url),
            other.client.get(f"{url}state/", headers={"Accept": "application/json"}),
            other.client.post(f"{url}discard/", headers={"Accept": "application/json"}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 5
    assert [other.create(outcome, "a.pdf", 10).status_code for other in others] == [404] * 3
    assert (tus.offset(url), StoredFile.objects.filter(original_name="a.pdf").count()) == (0, 0)


def test_states_that_take_no_bytes(tus, outcome):
    url = tus.started(outcome, "a.pdf", 10)
    Upload.objects.update(state=UploadState.TOO_LARGE)

    assert tus.patch(url, 0, b"x").json()["code"] == "wrong-state"
    assert tus.request("HEAD", url).status_code == 410


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "POST"])
def test_what_only_reads_never_stands_for_another_method(outcome, method):
    """The form token is asked for by the request's own method."""
    tus = Tus(outcome.student, enforce_csrf_checks=True)
    upload = start_upload(
        actor=actor(outcome.student), item=("outcome", outcome.pk, "document"), name="a.pdf", size_bytes=9
    )
    url = reverse("uploads:bytes", args=[upload.pk])

    answer = tus.request("GET", url, X_HTTP_Method_Override=method)

    assert (answer.status_code, Upload.objects.count()) == (405, 1)
