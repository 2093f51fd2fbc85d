"""From the last byte to the receipt: once, whatever is killed, refused or sent twice in between."""

import hashlib
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.files.models import StoredFile
from licheng.foundations.ledger.models import LedgerEntry
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState
from licheng.school.uploads import storage
from licheng.school.uploads.models import Upload
from licheng.school.uploads.operations import (
    append_bytes,
    finish_left_uploads,
    finish_upload,
    finishing,
    items,
    start_upload,
    sweep_uploads,
)
from licheng.school.uploads.states import UploadState
from tests.factories import actor, open_windows
from tests.school.items import WORKS, activity_of
from tests.school.outcomes_cases import actions, make_outcome
from tests.school.tus_client import DOCUMENT, FILM, Tus

pytestmark = pytest.mark.django_db(transaction=True)
CLOCK = Actor.system("test")
LIMIT = 4 * 2**20
OVER = b"%PDF-1.7\n" + b"0" * LIMIT


@pytest.fixture
def outcome(db):
    open_windows()
    draft = make_outcome()
    Outcome.objects.filter(pk=draft.pk).update(document=None)
    return draft


@pytest.fixture
def tus(outcome):
    return Tus(outcome.student)


def sent(outcome, data=DOCUMENT, name="a.pdf", **more):
    """An upload with every byte here and nothing done about it: the server stopped right after the last one."""
    item = ("outcome", outcome.pk, more.pop("role", "document"))
    me = actor(outcome.student)
    upload = start_upload(actor=me, item=item, name=name, size_bytes=len(data), **more)
    return append_bytes(actor=me, upload_id=upload.pk, offset=0, stream=_Stream(data), length=len(data))


class _Stream:
    def __init__(self, data):
        self.data = data

    def read(self, size):
        part, self.data = self.data[:size], self.data[size:]
        return part


def finished(upload):
    return finish_upload(actor=actor(upload.student), upload_id=upload.pk)


def test_a_file_that_is_refused_says_why_in_both_languages_and_leaves_nothing(tus, outcome):
    told = tus.whole(outcome, "假.pdf", b"MZ" + b"\x90" * 4000)

    upload = Upload.objects.get()
    assert (told["state"], told["problem"]["code"]) == ("refused", "file-refused")
    assert "假.pdf" in told["problem"]["detail"]
    assert set(upload.refusal) == {"code", "text_zh", "text_en"}
    assert upload.refusal["text_zh"] != upload.refusal["text_en"]
    assert not storage.path_of(upload.pk).exists()
    assert Outcome.objects.get(pk=outcome.pk).document is None
    assert actions(outcome) == []


def test_over_the_limit_waits_to_be_fitted(tus, outcome):
    told = tus.whole(outcome, "大.pdf", OVER, part=2**20)

    upload = Upload.objects.get()
    assert (told["state"], told["fit_url"]) == ("too-large", reverse("uploads:fit", args=[upload.pk]))
    assert storage.path_of(upload.pk).read_bytes() == OVER
    assert (upload.sha256, upload.file) == (hashlib.sha256(OVER).hexdigest(), None)


def test_something_else_over_the_limit_is_refused_at_once(tus, outcome):
    told = tus.whole(outcome, "大.pdf", b"MZ" + b"\0" * LIMIT, part=2**20)

    assert (told["state"], told["problem"]["code"]) == ("refused", "file-refused")


def test_a_photo_waits_for_its_pdf(tus, outcome):
    photo = (WORKS / "electricity_chart.jpg").read_bytes()

    assert tus.whole(outcome, "一.jpg", photo, more={"source": "1"})["state"] == "source"
    assert tus.whole(outcome, "二.jpg", b"text" * 100, more={"source": "1"})["state"] == "refused"
    assert Outcome.objects.get(pk=outcome.pk).document is None


def test_the_whole_is_compared_with_what_the_sender_hashed(tus, outcome):
    other = hashlib.sha256(b"another").hexdigest()
    told = tus.whole(outcome, "a.pdf", DOCUMENT, more={"sha256": other})
    good = tus.whole(outcome, "a.pdf", DOCUMENT, more={"sha256": hashlib.sha256(DOCUMENT).hexdigest()})

    assert (told["state"], told["problem"]["code"]) == ("refused", "upload-damaged")
    assert good["state"] == "stored"


def test_a_window_that_closed_meanwhile_refuses(outcome):
    upload = sent(outcome)
    open_windows(WindowKind.UPLOAD, closed=True)

    ended = finished(upload)

    assert (ended.state, ended.refusal["code"]) == (UploadState.REFUSED, "window-closed")


def test_the_state_page_finishes_what_a_stopped_server_left(tus, outcome):
    upload = sent(outcome)

    told = tus.state(reverse("uploads:bytes", args=[upload.pk]))

    assert told["state"] == "stored"


def test_the_clock_finishes_what_nobody_asks_for(outcome):
    upload = sent(outcome)

    assert finish_left_uploads(actor=CLOCK) == 0  # perhaps its sender is still at it
    Upload.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
    assert finish_left_uploads(actor=CLOCK) == 1

    upload.refresh_from_db()
    assert upload.state == UploadState.STORED


def test_pending_is_said_as_pending_and_becomes_stored(tus, outcome, settings):
    good = settings.COPY_ROOTS
    settings.COPY_ROOTS = (good[0], "/proc/no-such-place")

    told = tus.whole(outcome, "a.pdf", DOCUMENT)

    assert (told["state"], told.get("receipt_url"), StoredFile.objects.filter(original_name="a.pdf").count()) == (
        "complete", None, 0
    )  # fmt: skip
    settings.COPY_ROOTS = good
    Upload.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
    finish_left_uploads(actor=CLOCK)
    assert tus.state(reverse("uploads:bytes", args=[Upload.objects.get().pk]))["state"] == "stored"


class Killed(BaseException):
    """The process ends here."""


STAGES = {
    "before the hash": (finishing.storage, "digests_of"),
    "before the file is taken in": (items.outcomes, "attach_file"),
    "between the file and its item": ("licheng.school.outcomes.operations.attaching", "_attach"),
    "between the item and the upload": (finishing, "_move"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_killed_anywhere_it_is_finished_once(tus, outcome, monkeypatch, stage):
    from django.utils.module_loading import import_module

    upload = sent(outcome)
    module, name = STAGES[stage]
    module = import_module(module) if isinstance(module, str) else module
    real = getattr(module, name)

    def killed(*args, **more):
        if name != "_move" or args[2].ends == UploadState.STORED:
            raise Killed
        return real(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(Killed):
            finished(upload)
    before = StoredFile.objects.filter(sha256=hashlib.sha256(DOCUMENT).hexdigest()).count()

    ended = finished(upload)

    stored = StoredFile.objects.get(sha256=hashlib.sha256(DOCUMENT).hexdigest())
    assert (ended.state, ended.file_id, stored.pk) == (UploadState.STORED, upload.pk, upload.pk)
    assert LedgerEntry.objects.filter(pk=stored.entry_id, index__isnull=False).exists()
    assert Outcome.objects.get(pk=outcome.pk).document_id == stored.pk
    assert before == (1 if stage.startswith("between") else 0)


def at_once(*works):
    """Run these in threads that start together; what each gave."""
    barrier, given = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        barrier.wait()
        try:
            given[number] = work()
        except Exception as refusal:  # noqa: BLE001 -- the test looks at it
            given[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return given


def test_two_finishers_at_once_store_one_file(outcome):
    upload = sent(outcome)

    at_once(*[lambda: finished(upload)] * 4)

    assert finished(upload).state == UploadState.STORED
    assert StoredFile.objects.filter(sha256=hashlib.sha256(DOCUMENT).hexdigest()).count() == 1


def test_a_second_finisher_waits_for_nobody(outcome, monkeypatch):
    upload = sent(outcome)
    inside, go_on = threading.Event(), threading.Event()
    real = finishing.storage.digests_of

    def slow(upload_id):
        inside.set()
        assert go_on.wait(10)
        return real(upload_id)

    monkeypatch.setattr(finishing.storage, "digests_of", slow)
    results = []
    first = threading.Thread(target=lambda: (results.append(finished(upload).state), connection.close()))
    first.start()
    assert inside.wait(10)

    assert finished(upload).state == UploadState.RECEIVING
    go_on.set()
    first.join()

    assert results == [UploadState.STORED]


def test_two_parts_at_once_never_mix(outcome):
    me = actor(outcome.student)
    size = 2_000_000
    item = ("outcome", outcome.pk, "document")
    upload = start_upload(actor=me, item=item, name="a.pdf", size_bytes=size * 2)
    parts = [bytes([number]) * size for number in range(4)]

    def take(part):
        return append_bytes(actor=me, upload_id=upload.pk, offset=0, stream=_Stream(part), length=size)

    given = at_once(*[lambda part=part: take(part) for part in parts])

    refused = [one for one in given if isinstance(one, Exception)]
    assert [one.code for one in refused] == ["offset-differs"] * 3
    assert storage.path_of(upload.pk).read_bytes() in parts


def test_a_slow_sender_holds_nobody_up(outcome):
    """A connection that hangs in the middle of a part: the same student comes back by another one and goes on."""
    me = actor(outcome.student)
    item = ("outcome", outcome.pk, "document")
    upload = start_upload(actor=me, item=item, name="a.pdf", size_bytes=len(DOCUMENT))
    inside, go_on = threading.Event(), threading.Event()

    class Hanging:
        def read(self, _size):
            if inside.is_set():
                return b""
            inside.set()
            assert go_on.wait(10)
            return b"late"

    given = []

    def run():
        try:
            append_bytes(actor=me, upload_id=upload.pk, offset=0, stream=Hanging(), length=len(DOCUMENT))
        except Exception as refusal:  # noqa: BLE001 -- the test looks at it
            given.append(refusal)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert inside.wait(10)
    begun = time.monotonic()
    stream, size = _Stream(DOCUMENT), len(DOCUMENT)
    whole = append_bytes(actor=me, upload_id=upload.pk, offset=0, stream=stream, length=size)
    assert time.monotonic() - begun < 2
    go_on.set()
    thread.join()

    assert whole.offset_bytes == len(DOCUMENT)
    assert [one.code for one in given] == ["wrong-state"] or given[0].code == "offset-differs"
    assert storage.path_of(upload.pk).read_bytes() == DOCUMENT


def test_eight_at_once_are_all_stored(outcome):
    outcomes = [make_outcome(enrolment=outcome.enrolment) for _number in range(8)]

    def whole(one, number):
        return Tus(one.student).whole(one, f"{number}.pdf", DOCUMENT + b"\n" * number, part=30_000)["state"]

    given = at_once(*[lambda pair=pair: whole(pair[1], pair[0]) for pair in enumerate(outcomes)])

    assert given == ["stored"] * 8
    assert StoredFile.objects.filter(uploads__isnull=False).count() == 8


def test_the_same_file_again_is_the_same_answer_and_keeps_a_certification(tus, outcome):
    first = tus.whole(outcome, "a.pdf", DOCUMENT)
    certified = make_outcome(OutcomeState.CERTIFIED, document=StoredFile.objects.get(pk=first["file"]))

    again = tus.whole(outcome, "a.pdf", DOCUMENT)
    kept = Tus(certified.student).whole(certified, "a.pdf", DOCUMENT)

    assert again["file"] == first["file"] == kept["file"]
    assert Outcome.objects.get(pk=certified.pk).state == OutcomeState.CERTIFIED
    assert tus.whole(outcome, "b.pdf", DOCUMENT)["file"] != first["file"]


def test_the_same_bytes_in_another_item_are_told_kindly_across_both_kinds(tus, outcome):
    activity = activity_of(outcome.student, "draft")
    tus.whole(activity, "a.pdf", DOCUMENT)
    stranger = make_outcome()
    Tus(stranger.student).whole(stranger, "a.pdf", FILM and DOCUMENT)

    told = tus.whole(outcome, "a.pdf", DOCUMENT)
    back = tus.whole(activity, "b.pdf", DOCUMENT)

    course = outcome.enrolment.offering.course.name
    assert "提醒：您在多元表現「英語演講比賽」已經放了一模一樣的檔案" in told["preview_html"]
    assert f"提醒：您在「{course}」的成果已經放了一模一樣的檔案" in back["preview_html"]


def test_what_nobody_comes_back_for_is_given_up(tus, outcome):
    left = sent(outcome, name="left.pdf")
    receiving = tus.started(outcome, "b.pdf", 10)
    tus.patch(receiving, 0, b"12345")
    pending = sent(outcome, name="c.pdf")
    Upload.objects.filter(pk=pending.pk).update(state=UploadState.COMPLETE)
    stray = storage.path_of(left.pk).with_name("stray")
    stray.write_bytes(b"x")

    young = sweep_uploads(actor=CLOCK)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for path in settings.UPLOADS_ROOT.iterdir():
        _age(path)
    old = sweep_uploads(actor=CLOCK)

    assert young == {"preparations": 0, "uploads": 0, "files": 0}
    assert old == {"preparations": 0, "uploads": 2, "files": 3}
    assert [path.name for path in settings.UPLOADS_ROOT.iterdir()] == [str(pending.pk)]
    assert tus.request("HEAD", receiving).status_code == 404
    assert sweep_uploads(actor=CLOCK) == {"preparations": 0, "uploads": 0, "files": 0}


def _age(path):
    import os

    os.utime(path, (time.time() - 7200,) * 2)


def test_one_student_cannot_fill_the_disk(tus, outcome, settings, monkeypatch):
    from licheng.school.uploads.operations import sending

    monkeypatch.setattr(sending, "MOST_UPLOADS", 2)
    tus.started(outcome, "a.pdf", 10)
    tus.started(outcome, "b.pdf", 10)

    assert tus.create(outcome, "c.pdf", 10).json()["code"] == "too-many-uploads"
    monkeypatch.setattr(sending, "MOST_UPLOADS", 80)
    settings.RESERVE_BYTES = 2**60
    assert tus.create(outcome, "c.pdf", 10).json()["code"] == "storage-failed"


def test_what_a_phone_takes_is_kept_to_be_turned_into_a_taken_type(tus, outcome):
    film = FILM[:4] + b"ftypqt  " + FILM[12:]

    assert tus.whole(outcome, "影片.mov", film, role="media")["state"] == "too-large"
    assert Outcome.objects.get(pk=outcome.pk).media is None
