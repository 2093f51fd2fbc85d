"""What was tried against the running sites and got further than it should have; each case failed once."""

import io
import os
import signal
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from django.urls import reverse
from PIL import Image

from licheng import cli as commands
from licheng.embedded import cli
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import FolderCopy, chunks, copies, good_path
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.files.drawing import HEIGHT_PIXELS, draw
from licheng.foundations.files.errors import StorageFailed
from licheng.foundations.files.inspection import EXTENSIONS, inspect
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.names import page_name
from licheng.foundations.files.operations import Receiving, receive_file
from licheng.school.outcomes.models import Outcome
from tests.factories import PersonFactory, open_windows
from tests.school.outcomes_cases import make_outcome

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "files"
ACTOR = Actor(1, 1, "person:1")


def blank_pdf(width=100, height=100):
    document = pikepdf.new()
    document.add_blank_page(page_size=(width, height))
    return document


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def stored(data, name="a.pdf"):
    terms = Receiving("070406", "document", "ab" * 32, 4 * 2**20, frozenset(EXTENSIONS))
    return receive_file(actor=ACTOR, stream=io.BytesIO(data), name=name, terms=terms)


def reason_of(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    (reason,) = inspect(path, name).reasons
    return reason.code


def bomb(mebibytes):
    """A PDF whose object stream unfolds to this size, twice compressed; action 5 stands at its end."""
    inner = b"5 0 ".ljust(15) + b" " * (mebibytes << 20) + b"<</S/JavaScript/JS(1)>>"
    packed = zlib.compress(zlib.compress(inner, 9), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</Type/ObjStm/N 1/First 15/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream"
        % (len(packed), packed),
    ]
    out, rows = b"%PDF-1.7\n", [struct.pack(">BIH", 0, 0, 65535)]
    for number, body in enumerate(objects, start=1):
        rows.append(struct.pack(">BIH", 1, len(out), 0))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += [struct.pack(">BIH", 2, 4, 0), struct.pack(">BIH", 1, len(out), 0)]
    table = b"".join(rows)
    start = len(out)
    out += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return out + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


@pytest.mark.slow
def test_a_pdf_that_unfolds_to_more_than_can_be_looked_at_is_refused(tmp_path):
    assert len(bomb(300)) < 4096
    assert reason_of(tmp_path, "bomb.pdf", bomb(300)) == "pdf-bomb"
    assert reason_of(tmp_path, "small.pdf", bomb(1)) == "active-content"


def test_a_form_with_its_own_scripts_is_active_content(tmp_path):
    document = blank_pdf()
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=pikepdf.String("<xdp/>"))

    assert reason_of(tmp_path, "form.pdf", saved(document)) == "active-content"


def test_more_pages_than_anybody_reads_are_refused(tmp_path):
    kids = b" ".join(b"3 0 R" for _number in range(10_001))
    data = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids["
    data += kids + b"]/Count 10001>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    offsets = [data.index(b"%d 0 obj<" % number) for number in (1, 2, 3)]
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"xref\n0 4\n0000000000 65535 f \n" + table
    start = data.index(b"xref")
    data += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start

    assert reason_of(tmp_path, "long.pdf", data) == "too-many-pages"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_with_a_zip_behind_it_is_refused(tmp_path, kind):
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, kind)
    with zipfile.ZipFile(out, "a") as hidden:
        hidden.writestr("evil.exe", b"MZ")

    assert reason_of(tmp_path, f"a.{'png' if kind == 'PNG' else 'jpg'}", out.getvalue()) == "hidden-content"


def test_a_pdf_whose_zip_hides_before_a_second_end_mark_is_refused(tmp_path):
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as made:
        made.writestr("evil.exe", b"MZ")

    assert (
        reason_of(tmp_path, "a.pdf", saved(blank_pdf()) + hidden.getvalue() + b"\n%%EOF\n")
        == "hidden-content"
    )


def test_a_film_of_a_million_empty_boxes_does_not_hold_a_worker(tmp_path):
    def box(kind, content=b""):
        return struct.pack(">I4s", 8 + len(content), kind) + content

    film = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov") + box(b"mdat") + box(b"free") * 20_000

    assert reason_of(tmp_path, "a.mp4", film) == "truncated-media"


def test_a_page_as_thin_as_a_thread_is_drawn_within_bounds(tmp_path):
    source = tmp_path / "thin.pdf"
    source.write_bytes(saved(blank_pdf(3, 14_400)))

    draw(str(source), str(tmp_path), "application/pdf")

    with Image.open(tmp_path / page_name(1)) as picture:
        assert picture.height <= HEIGHT_PIXELS + 1


def test_a_device_that_fails_while_reading_only_means_the_other_copy(monkeypatch):
    file = stored(saved(blank_pdf()))
    holds = FolderCopy.holds

    def failing(copy, sha256):
        if copy == copies()[0]:
            raise OSError(5, "Input/output error")
        return holds(copy, sha256)

    monkeypatch.setattr(FolderCopy, "holds", failing)

    assert good_path(file.sha256) == copies()[1].path(file.sha256)


def test_a_file_that_no_copy_gives_back_is_refused_before_the_answer_begins():
    file: StoredFile = stored(saved(blank_pdf()))
    for copy in copies():
        copy.path(file.sha256).unlink()

    with pytest.raises(CopyLost):
        chunks(file.sha256)


def test_an_empty_form_for_the_outcome_of_somebody_else_is_not_called_saved(client):
    open_windows()
    outcome = make_outcome()
    client.force_login(PersonFactory(school=outcome.school).user)

    answer = client.post(reverse("outcomes:edit", args=[outcome.pk]), {})

    assert answer.status_code == 404
    assert Outcome.objects.get().changed_at == outcome.changed_at


@pytest.mark.parametrize("head", [None, b"not a checkpoint\n"])
def test_a_log_that_lost_its_head_takes_nothing_in_and_says_so(settings, head):
    stored(saved(blank_pdf(10, 10)))
    checkpoint = settings.LEDGER_ROOT / "checkpoint"
    checkpoint.unlink()
    if head:
        checkpoint.write_bytes(head)

    with pytest.raises(StorageFailed):
        stored(saved(blank_pdf(20, 20)))


def test_a_polite_stop_ends_every_process_and_not_only_the_first(monkeypatch, tmp_path, capsys):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(cli, "_run", lambda *_words: os.kill(os.getpid(), signal.SIGTERM))
    try:
        assert commands.main(["serve", "--root", str(tmp_path)]) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "Stopped" in capsys.readouterr().out
