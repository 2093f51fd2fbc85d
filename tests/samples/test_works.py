"""The sample works: the good ones open, the refused ones do not, and both are listed."""

import io
import json
import re
import unicodedata
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from samples.maker.works import oversize_pdf

FILES = Path(__file__).resolve().parents[2] / "samples" / "country" / "files"
BOOK = json.loads((FILES / "works.json").read_text(encoding="utf-8"))
NOTE_LIMIT = 100


def pdf_text(path: Path) -> str:
    """What copying the page's text gives, read through the font's ToUnicode map."""
    with pikepdf.open(path) as document:
        page = document.pages[0]
        cmap = page.Resources.Font["/F1"].ToUnicode.read_bytes().decode()
        shown = page.Contents.read_bytes().decode()
    letters = {a: bytes.fromhex(b).decode("utf-16-be") for a, b in re.findall(r"<(\w\w)> <(\w{4,8})>", cmap)}
    return "".join(
        letters[code] for text in re.findall(r"<(\w+)> Tj", shown) for code in re.findall(r"\w\w", text)
    )


def test_every_file_is_listed_once():
    listed = [entry["file"] for entry in (*BOOK["good"], *BOOK["refused"])]
    present = [str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()]

    assert sorted([*listed, "works.json"]) == sorted(present)


def test_every_note_fits():
    assert [entry["note"] for entry in BOOK["good"] if not 0 < len(entry["note"]) <= NOTE_LIMIT] == []


@pytest.mark.parametrize("path", sorted(FILES.glob("*.pdf")), ids=lambda path: path.name)
def test_good_pdf_opens_and_its_text_can_be_copied(path):
    with pikepdf.open(path) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == 1

    text = pdf_text(path)
    assert text.endswith("人物與內容皆為虛構。")
    assert unicodedata.normalize("NFKC", text).isprintable()


@pytest.mark.parametrize("name", ["electricity_chart.jpg", "poster.png"])
def test_good_image_decodes(name):
    with Image.open(FILES / name) as image:
        image.load()
        assert image.size == (480, 320)


def test_locked_pdf_needs_its_password():
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(FILES / "refused" / "encrypted.pdf")


def test_truncated_image_does_not_decode():
    with Image.open(FILES / "refused" / "truncated.jpg") as image, pytest.raises(OSError, match="truncated"):
        image.load()


def test_truncated_video_ends_before_its_data_does():
    data = (FILES / "refused" / "truncated.mp4").read_bytes()
    start = data.index(b"mdat") - 4

    assert start + int.from_bytes(data[start : start + 4]) > len(data)


def test_no_refused_file_starts_as_its_name_says():
    heads = {
        name: (FILES / "refused" / name).read_bytes()[:5]
        for name in ("report.pdf", "login_page.pdf", "drawing.png")
    }

    assert heads == {"report.pdf": b"MZ\x90\x00\x03", "login_page.pdf": b"<!DOC", "drawing.png": b"<svg "}


@pytest.mark.parametrize("size_bytes", [4 * 1024 * 1024, 4 * 1024 * 1024 + 1])
def test_a_file_of_any_length_still_opens(size_bytes):
    data = oversize_pdf(size_bytes)

    assert len(data) == size_bytes
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.check_pdf_syntax() == []


def test_a_file_shorter_than_its_page_is_not_made():
    with pytest.raises(ValueError, match="the page itself has"):
        oversize_pdf(100)
