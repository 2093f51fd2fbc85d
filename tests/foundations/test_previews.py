"""What the worker makes of a file, and what becomes of it when something goes wrong."""

import io
import os
import threading
from pathlib import Path

import pytest
from django_ox.testing import run_tasks
from PIL import Image

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.operations import Receiving, derive_file, derive_lost, deriving, receive_file
from licheng.foundations.files.previews import cleaned_path, derived_of, folder_of, page_path, thumbnail_path
from licheng.foundations.files.sandbox import Limits

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WORKS = Path(__file__).resolve().parents[2] / "samples" / "country" / "files"
CLOCK = Actor.system("test")
TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "audio/mpeg", "video/mp4"})
TWO_PAGES = DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf"
WITH_PLACE = DATA / "hostile/img/jpg_gps_exif_orient6.jpg"


def receive(path):
    terms = Receiving("070406", "document", "ab" * 32, 10 * 2**20, TYPES)
    with path.open("rb") as stream:
        return receive_file(actor=Actor(1, 1, "person:1"), stream=stream, name=path.name, terms=terms)


def derived(path):
    stored = receive(path)
    derive_file(actor=CLOCK, file_id=stored.pk)
    return stored


def size_of(path):
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        return picture.size


def test_the_task_of_an_upload_draws_every_page_and_a_small_first_one(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        stored = receive(TWO_PAGES)
    assert derived_of(stored) is None

    run_tasks(queues=["files"], raise_failures=True)

    made = derived_of(stored)
    assert (made.pages, made.pages_failed, made.cleaned) == (2, False, "")
    assert [size_of(page_path(stored, number))[0] for number in (1, 2)] == [1200, 1200]
    assert size_of(thumbnail_path(stored))[0] == 320
    assert page_path(stored, 3) is None


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        (WITH_PLACE, 1),
        (DATA / "files/image/pngsuite/basn6a08.png", 1),
        (DATA / "files/image/pngsuite/ibasn2c16.png", 1),
        (DATA / "files/image/go/video-001.cmyk.jpeg", 1),
        (DATA / "files/pdf/verapdf/veraPDF_test_suite_6-6-2-3-1-t15-pass-g.pdf", 1),
        (WORKS / "project.mp4", 0),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_every_kind_is_derived_whole(path, pages):
    made = derived_of(derived(path))

    assert (made.pages, made.pages_failed, made.cleaned_failed) == (pages, False, False)


def test_the_version_for_readers_is_drawn_from_and_has_no_place():
    stored = derived(WITH_PLACE)

    clean = cleaned_path(stored).read_bytes()

    assert stored.cleaning != []
    assert (b"GPS" in clean, len(clean) < stored.size_bytes) == (False, True)
    width, height = size_of(page_path(stored, 1))
    with Image.open(WITH_PLACE) as original:  # lies on its side: 6 means a quarter turn
        assert (width > height) == (original.height > original.width)


def test_a_lost_page_is_noticed_and_made_again():
    stored = derived(TWO_PAGES)
    page_path(stored, 2).unlink()
    assert derived_of(stored) is None

    derive_file(actor=CLOCK, file_id=stored.pk)

    assert derived_of(stored).pages == 2


def test_a_changed_version_for_readers_is_never_given_and_made_again():
    stored = derived(WITH_PLACE)
    path = cleaned_path(stored)
    path.write_bytes(path.read_bytes() + b"x")
    assert cleaned_path(stored) is None

    derive_file(actor=CLOCK, file_id=stored.pk)

    assert cleaned_path(stored).read_bytes()[-1:] != b"x"


def test_what_was_asked_for_twice_is_queued_once(django_capture_on_commit_callbacks):
    stored = receive(TWO_PAGES)
    with django_capture_on_commit_callbacks(execute=True) as queued:
        derive_lost(actor=CLOCK, file_id=stored.pk)
        derive_lost(actor=CLOCK, file_id=stored.pk)

    assert len(queued) == 1
    run_tasks(queues=["files"], raise_failures=True)
    assert derived_of(stored).pages == 2


def test_pages_that_take_too_long_are_said_and_do_not_stop_the_worker(monkeypatch):
    monkeypatch.setattr(deriving, "DRAWING", Limits(wall_seconds=0.01))

    stored = derived(TWO_PAGES)

    made = derived_of(stored)
    assert made.pages_failed
    assert made.pages < 2


def test_a_document_whose_version_for_readers_cannot_be_made_is_given_to_no_reader(monkeypatch):
    monkeypatch.setattr(deriving, "CLEANING", Limits(written_bytes=10))

    stored = derived(WITH_PLACE)

    made = derived_of(stored)
    assert (made.cleaned, made.cleaned_failed, made.pages) == ("", True, 1)
    assert cleaned_path(stored) is None


def test_nothing_is_drawn_of_malware():
    stored = receive(TWO_PAGES)
    StoredFile.objects.update(scan=ScanState.INFECTED)

    assert derive_file(actor=CLOCK, file_id=stored.pk) is None
    assert not folder_of(stored.sha256).exists()


def test_no_such_file():
    with pytest.raises(NotFound):
        derive_file(actor=CLOCK, file_id="00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("trap", ["link", "hard link", "pipe", "folder", "empty", "large", "missing"])
def test_what_a_taken_over_parser_leaves_is_not_followed(trap, tmp_path):
    secret, left, target = tmp_path / "secret", tmp_path / "1.jpg", tmp_path / "taken.jpg"
    secret.write_text("key")
    if trap == "link":
        left.symlink_to(secret)
    elif trap == "hard link":
        left.hardlink_to(secret)
    elif trap == "pipe":
        os.mkfifo(left)
    elif trap == "folder":
        left.mkdir()
    elif trap != "missing":
        left.write_bytes(b"" if trap == "empty" else bytes(11))

    assert not deriving._taken_over(left, target, 10)
    assert not target.exists()


def test_an_ordinary_file_is_taken_over(tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"picture")

    assert deriving._taken_over(tmp_path / "1.jpg", tmp_path / "taken.jpg", 10)
    assert (tmp_path / "taken.jpg").read_bytes() == b"picture"


def test_made_twice_at_once_it_stands_there_whole(tmp_path):
    barrier, final = threading.Barrier(2), tmp_path / "final" / "abc"
    broken = []

    def publish(number):
        ready = tmp_path / f"making-{number}" / "ready"
        ready.mkdir(parents=True)
        (ready / "facts.json").write_text(str(number))
        barrier.wait()
        try:
            deriving._publish(ready, final)
        except OSError as error:
            broken.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert (final / "facts.json").read_text() in {"0", "1"}


def test_what_a_killed_worker_left_goes_after_an_hour(settings):
    root = Path(settings.DERIVED_ROOT)
    old, new = root / ".making-old", root / ".making-new"
    for folder in (old, new):
        (folder / "working").mkdir(parents=True)
    os.utime(old, (0, 0))

    derived(TWO_PAGES)

    assert (old.exists(), new.exists()) == (False, True)


def test_a_pdf_of_many_pages_is_drawn_up_to_the_bound(tmp_path):
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as document:
        for _page in range(63):
            document.add_blank_page(page_size=(30, 30))
        document.save(out)
    source = tmp_path / "many.pdf"
    source.write_bytes(out.getvalue())

    stored = derived(source)

    assert (stored.pages, derived_of(stored).pages, derived_of(stored).pages_failed) == (63, 60, False)
