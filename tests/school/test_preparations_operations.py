"""Asking for a version, making it in the worker, and accepting it: once, with both hashes."""

import functools
import hashlib
import os
import threading
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.foundations.files.sandbox import made_file
from licheng.school.calendar.errors import WindowClosed
from licheng.school.uploads import errors, operations, states, storage, workroom
from licheng.school.uploads.making.results import told
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.states import PreparationState, UploadState
from tests.factories import PersonFactory, StudentFactory, actor, open_windows
from tests.school import preparation_cases as cases
from tests.school import preparation_sources as made
from tests.school.items import stored_file

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_photo_is_fitted_accepted_and_acknowledged_with_both_hashes(student, outcome, big_photo):
    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")

    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="high")
    ready = cases.worked(asked)
    accepted = operations.accept_preparation(actor=actor(student), preparation_id=ready.pk)

    outcome.refresh_from_db()
    stored = outcome.document
    assert upload.state == UploadState.TOO_LARGE
    assert (ready.state, ready.percent, ready.problem) == (PreparationState.READY, 100, None)
    assert accepted.state == PreparationState.ACCEPTED
    assert accepted.file == stored
    assert stored.sha256 == ready.result_sha256 != upload.sha256
    assert stored.size_bytes == ready.result_bytes <= cases.LIMIT_DOCUMENT
    assert stored.original_name == "IMG_1.jpg"
    assert stored.made_from["sha256"] == hashlib.sha256(big_photo).hexdigest()
    assert stored.made_from["size"] == len(big_photo)
    assert stored.made_from["how"]["zh"].startswith("轉成 JPG")
    assert stored.entry.index is not None


def test_the_audit_names_both_hashes_and_the_log_the_accepted_bytes(student, ready, big_photo):
    accepted = cases.accept(student, ready)

    source = hashlib.sha256(big_photo).hexdigest()
    steps = cases.actions_of(ready)
    assert [name for name, _data in steps] == [
        "preparation.started",
        "preparation.ready",
        "preparation.accepted",
    ]
    assert steps[0][1]["sources"] == [source]
    assert (steps[2][1]["sha256"], steps[2][1]["made_from"]) == (ready.result_sha256, source)
    assert ready.result_sha256.encode() in bytes(accepted.file.entry.leaf)
    assert source.encode() not in bytes(accepted.file.entry.leaf)


def test_ready_means_that_the_bytes_and_pictures_are_there(ready):
    kept = storage.prepared_path(ready.pk).read_bytes()

    assert hashlib.sha256(kept).hexdigest() == ready.result_sha256
    assert len(kept) == ready.result_bytes
    folder = workroom.sides_folder(ready.pk)
    assert {path.name for path in folder.iterdir()} == {"before-1.jpg", "after-1.jpg"}
    assert ready.result_facts["before"]["width"] == 2000
    assert ready.result_facts["made"]["height"] == 2560
    assert not (folder.parent.parent / "making" / str(ready.pk)).exists()


FILMS = [pytest.param(name, "media", marks=pytest.mark.slow) for name in ("IMG_2.MOV", "IMG_3.mp4")]
STATES = list(PreparationState)


@pytest.mark.parametrize("state", STATES)
def test_accepting_and_dropping_follow_the_states(student, outcome, state):
    preparation = row_in(student, outcome, state)
    for operation, move in (
        (operations.accept_preparation, states.ACCEPT),
        (operations.drop_preparation, states.DROP),
    ):
        if move.starts_from(state) or (move is states.ACCEPT and state == PreparationState.ACCEPTED):
            continue
        with pytest.raises(WrongState):
            operation(actor=actor(student), preparation_id=preparation.pk)
        assert Preparation.objects.get(pk=preparation.pk).state == state


@pytest.mark.parametrize("state", STATES)
def test_a_worker_takes_up_only_what_waits_or_was_interrupted(student, outcome, state):
    preparation = row_in(student, outcome, state)

    after = cases.worked(preparation)

    expected = PreparationState.FAILED if states.WORK.starts_from(state) else state
    assert after.state == expected  # its source is gone: said as a reason, never a crash
    if expected == PreparationState.FAILED and state != PreparationState.FAILED:
        assert after.problem["code"] == "source-gone"


def row_in(student, outcome, state):
    """A bare preparation in a state, with what the database asks of it."""
    stored = stored_file(student) if state == PreparationState.ACCEPTED else None
    return Preparation.objects.create(
        school=student.school,
        student=student,
        item_kind="outcome",
        item_id=outcome.pk,
        role="document",
        kind="reduce",
        state=state,
        file=stored,
    )


@pytest.mark.parametrize("state", list(UploadState))
def test_only_what_is_too_large_is_made_smaller(student, outcome, big_photo, state):
    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")
    stored = stored_file(student) if state == UploadState.STORED else None
    Upload.objects.filter(pk=upload.pk).update(state=state, file=stored)

    if state == UploadState.TOO_LARGE:
        operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    else:
        with pytest.raises(WrongState):
            operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")

    assert Preparation.objects.count() == (state == UploadState.TOO_LARGE)


def test_asking_twice_for_the_same_is_one_piece_of_work_and_three_are_the_most(student, outcome, big_photo):
    uploads = [cases.sent(student, outcome, big_photo, f"{n}.jpg") for n in range(2)]
    ask = functools.partial(operations.start_reduction, actor=actor(student))

    first, again = (ask(upload_id=uploads[0].pk, quality="high") for _ in range(2))
    ask(upload_id=uploads[0].pk, quality="medium")
    ask(upload_id=uploads[0].pk, quality="small")

    assert first.pk == again.pk
    with pytest.raises(errors.TooManyPreparations):
        ask(upload_id=uploads[1].pk, quality="high")
    with pytest.raises(NotFound):
        ask(upload_id=uploads[1].pk, quality="planted")


def test_a_closed_window_or_a_sent_outcome_stops_it(student, outcome, ready, big_photo):
    upload = Upload.objects.get()
    outcome.state, outcome.document, outcome.sent_at = "waiting", stored_file(student), timezone.now()
    outcome.save()
    with pytest.raises(WrongState):
        cases.accept(student, ready)
    outcome.state, outcome.document, outcome.sent_at = "draft", None, None
    outcome.save()

    open_windows(closed=True)

    with pytest.raises(WindowClosed):
        cases.accept(student, ready)
    with pytest.raises(WindowClosed):
        operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    assert Preparation.objects.get(pk=ready.pk).state == PreparationState.READY
    assert outcome.document is None


def test_nobody_else_sees_it(student, outcome, ready):
    upload = Upload.objects.get()
    strangers = [
        StudentFactory(school=student.school),
        StudentFactory(),
        PersonFactory(school=student.school, roles=["administrator"]),
    ]

    for who in map(actor, strangers):
        for attempt in attempts(upload, outcome, ready):
            with pytest.raises((NotFound, NotAllowed)):
                attempt(actor=who)

    assert Preparation.objects.get().state == PreparationState.READY


def attempts(upload, outcome, preparation):
    """Everything a student does with her own, on somebody else's."""
    photos = {"item_kind": "outcome", "item_id": outcome.pk}
    return [
        functools.partial(operations.start_reduction, upload_id=upload.pk, quality="high"),
        functools.partial(operations.accept_preparation, preparation_id=preparation.pk),
        functools.partial(operations.drop_preparation, preparation_id=preparation.pk),
        functools.partial(operations.arrange_photo, upload_id=upload.pk, step="up"),
        functools.partial(operations.remove_photo, upload_id=upload.pk),
        functools.partial(operations.start_photos, **photos, role="document", quality="high"),
        functools.partial(operations.order_photos, **photos, upload_ids=[upload.pk]),
    ]


def test_a_worker_of_another_school_finds_nothing(student, outcome, big_photo):
    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    elsewhere = Actor.system("task:prepare", StudentFactory().school_id)

    operations.make_preparation(actor=elsewhere, preparation_id=asked.pk)

    assert Preparation.objects.get().state == PreparationState.QUEUED


def test_dropping_gives_the_space_back_and_keeps_the_source(student, ready):
    operations.drop_preparation(actor=actor(student), preparation_id=ready.pk)

    assert Preparation.objects.get().state == PreparationState.DROPPED
    assert not storage.prepared_path(ready.pk).exists()
    assert not workroom.sides_folder(ready.pk).exists()
    assert storage.kept_bytes(Upload.objects.get().pk) > 0


def test_accepting_one_version_drops_the_others(student, outcome, ready):
    upload = Upload.objects.get()
    other = cases.worked(
        operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    )

    cases.accept(student, other)

    assert Preparation.objects.get(pk=ready.pk).state == PreparationState.DROPPED
    assert Preparation.objects.get(pk=other.pk).state == PreparationState.ACCEPTED


def test_expired_bytes_are_said_to_be_gone(student, outcome, ready):
    upload = Upload.objects.get()
    Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    with pytest.raises(errors.UploadGone):
        operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")


def script_pdf():
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(made.pdf_bytes(8, size=(1400, 1100)))) as document:
        code = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.Root.OpenAction = document.make_indirect(code)
        return made.saved(document)


def bomb_png():
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", bytes(5 * 2**20)) + chunk(b"IEND", b"")
    )


HOSTILE = {
    "truncated.jpg": lambda: made.jpeg_bytes(made.picture(2600, 2000), quality=98)[: 5 * 2**20],
    "script.pdf": script_pdf,
    "truncated.pdf": lambda: made.pdf_bytes(8, size=(1400, 1100))[: 5 * 2**20],
    "bomb.png": bomb_png,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_source_ends_as_failed_with_a_reason(student, outcome, name):
    data = HOSTILE[name]()
    assert len(data) > cases.LIMIT_DOCUMENT
    upload = cases.sent(student, outcome, data, name)
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")

    failed = cases.worked(asked)

    assert failed.state == PreparationState.FAILED
    assert failed.problem["code"]
    assert len(failed.problem["text_zh"]) > 10
    assert len(failed.problem["text_en"]) > 10
    assert not storage.prepared_path(asked.pk).exists()


def test_a_source_that_kills_its_worker_three_times_is_given_up(student, outcome, big_photo):
    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    Preparation.objects.update(state=PreparationState.WORKING, result_facts={"attempts": 3})

    failed = cases.worked(asked)

    assert (failed.state, failed.problem["code"]) == (PreparationState.FAILED, "server-trouble")


def test_a_second_worker_leaves_the_work_to_the_first(student, outcome, big_photo):
    from django.db import connection

    from licheng.school.uploads.operations.exclusive import MAKERS

    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", (MAKERS, asked.pk.int % 2**31))
        done = threading.Thread(target=lambda: (cases.worked(asked), connection.close()))
        done.start()
        done.join(30)
        assert Preparation.objects.get().state == PreparationState.QUEUED
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (MAKERS, asked.pk.int % 2**31))

    assert cases.worked(asked).state == PreparationState.READY
    assert cases.worked(asked).state == PreparationState.READY


def test_what_the_queue_lost_is_taken_up_and_stray_folders_go(student, outcome, ready):
    from django_ox.models import OxTask

    stray = workroom.sides_folder(uuid.uuid4())
    stray.mkdir(parents=True)
    (stray / "thumb-1.jpg").write_bytes(b"x")
    Preparation.objects.update(state=PreparationState.WORKING)
    before = OxTask.objects.count()
    clock = Actor.system("test")

    fresh = operations.tidy_preparations(actor=clock)
    Preparation.objects.update(changed_at=timezone.now() - timedelta(hours=2))
    stuck = operations.tidy_preparations(actor=clock)
    again = operations.tidy_preparations(actor=clock)

    assert [one["taken_up"] for one in (fresh, stuck, again)] == [0, 1, 0]
    assert [one["folders"] for one in (fresh, stuck, again)] == [1, 0, 0]
    assert OxTask.objects.count() == before + 1
    assert not stray.exists()
    assert workroom.sides_folder(ready.pk).exists()


@pytest.mark.parametrize(("name", "role"), [("IMG_1.HEIC", "document"), *FILMS])
def test_what_phones_record_is_turned_into_a_type_that_is_taken(student, outcome, tmp_path, name, role):
    if role == "document":
        data = made.heic_bytes(made.picture(400, 300))
    else:
        data = made.hdr_film(tmp_path / f"film.{name[-3:].lower()}").read_bytes()
    upload = cases.sent(student, outcome, data, name, role=role)
    assert upload.state == UploadState.TOO_LARGE, upload.refusal

    version = cases.worked(
        operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="high")
    )
    accepted = cases.accept(student, version)

    assert accepted.file.media_type == {"document": "image/jpeg", "media": "video/mp4"}[role]
    assert accepted.file.original_name == {"document": "IMG_1.jpg"}.get(role, f"{name[:5]}.mp4")


@pytest.fixture
def taken_over(tmp_path):
    """A folder as a maker that was taken over may leave it, beside a key that it cannot read itself."""
    key = tmp_path / "ledger.key"
    key.write_text("7 secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("before-1.jpg", "percent", "result.pdf"):
        (folder / name).symlink_to(key)
    (folder / "before-2.jpg").hardlink_to(key)
    (folder / "deep.jpg").mkdir()
    os.mkfifo(folder / "before-3.jpg")
    (folder / "after-1.jpg").write_bytes(b"a picture")
    return folder


def test_only_pictures_are_taken_from_a_maker(taken_over, settings, tmp_path):
    settings.UPLOADS_ROOT = tmp_path / "uploads"
    row_id = uuid.uuid4()

    workroom.keep_sides(taken_over, row_id)

    assert [path.name for path in workroom.sides_folder(row_id).iterdir()] == ["after-1.jpg"]


@pytest.mark.parametrize(
    "name",
    ["result.pdf", "before-2.jpg", "before-3.jpg", "deep.jpg", "../ledger.key", "/etc/passwd", "none", ""],
)
def test_only_a_file_of_its_own_is_taken_for_a_result(taken_over, name):
    with pytest.raises(ValueError, match="something else than a file"):
        made_file(taken_over, name)


def test_progress_is_read_from_a_file_only(taken_over):
    assert told(taken_over) == 0
    (taken_over / "percent").unlink()
    os.mkfifo(taken_over / "percent")
    assert told(taken_over) == 0
    (taken_over / "percent").unlink()
    (taken_over / "percent").write_text("42")
    assert told(taken_over) == 42
