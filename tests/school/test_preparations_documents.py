"""PDF: text untouched, pictures recompressed where a JPEG can stand for them, the heaviest pages named."""

import io
import random

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from licheng.school.uploads.making import pdf
from tests.school import preparation_sources as made
from tests.school.maker_cases import KB, fit, result


def text_of(data):
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("quality", ["high", "medium", "small"])
def test_a_scanned_pdf_fits_and_its_text_is_untouched(put, home, quality):
    data = made.pdf_bytes(4)
    source = put("scan.pdf", data)
    limit = len(data) // 3

    answer = fit(pdf, source, home, limit, quality)

    path = result(home, answer)
    assert answer["bytes"] <= limit
    assert text_of(path.read_bytes()) == text_of(data)
    assert answer["facts"]["pages"] == 4
    with pikepdf.open(path) as document:
        assert "/Author" not in document.docinfo


def test_pictures_that_a_jpeg_cannot_stand_for_are_left_alone(put, home):
    document, image = pikepdf.new(), made.picture(700, 500)
    grey, mask = image.convert("L"), Image.linear_gradient("L").resize((700, 500))
    out = io.BytesIO()
    image.convert("CMYK").save(out, "JPEG", quality=95)
    cmyk = made.image_stream(
        document,
        image,
        data=out.getvalue(),
        ColorSpace=pikepdf.Name.DeviceCMYK,
        Filter=pikepdf.Name.DCTDecode,
    )
    table = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 255, pikepdf.String(bytes(768))])
    indexed = made.image_stream(document, grey, ColorSpace=table)
    keyed = made.image_stream(document, image, Mask=pikepdf.Array([0, 1, 0, 1, 0, 1]))
    inverted = made.image_stream(document, image, Decode=pikepdf.Array([1, 0, 1, 0, 1, 0]))
    soft = made.image_stream(document, mask)
    masked = made.image_stream(document, image, SMask=soft)
    plain = made.image_stream(document, made.picture(1400, 2000, noise=50))
    made.add_page(document, "six", [cmyk, indexed, keyed, inverted, masked, plain])
    source = put("six.pdf", made.saved(document))

    answer = fit(pdf, source, home, 10**7, "small")

    with pikepdf.open(source) as before, pikepdf.open(result(home, answer)) as after:
        old, new = (one.pages[0].Resources.XObject for one in (before, after))
        kept = [name for name in old if old[name].read_raw_bytes() == new[name].read_raw_bytes()]
        assert sorted(kept) == ["/P0", "/P1", "/P2", "/P3"]
        assert new["/P4"].Filter == new["/P5"].Filter == "/DCTDecode"
        assert new["/P4"].SMask.read_bytes() == mask.tobytes()
        assert new["/P5"].Width == round(1400 * 130 / (1400 * 72 / 595))


def test_a_picture_pasted_on_every_page_is_kept_once(put, home):
    document, image = pikepdf.new(), made.picture(900, 700)
    data = made.jpeg_bytes(image)
    for number in range(5):
        stream = made.image_stream(document, image, data=data, Filter=pikepdf.Name.DCTDecode)
        made.add_page(document, f"copy {number}", [stream])
    source = put("copies.pdf", made.saved(document))

    answer = fit(pdf, source, home, len(data) + 20 * KB)

    with pikepdf.open(result(home, answer)) as found:
        assert len({page.Resources.XObject["/P0"].objgen for page in found.pages}) == 1
    assert answer["bytes"] < len(data) + 20 * KB


def test_pictures_inside_forms_are_found_with_their_real_size(put, home):
    document, image = pikepdf.new(), made.picture(1500, 1000)
    stream = made.image_stream(document, image)
    form = document.make_stream(b"q 100 0 0 66 0 0 cm /In Do Q")
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox, form.Resources = [0, 0, 100, 66], pikepdf.Dictionary(XObject=pikepdf.Dictionary(In=stream))
    made.add_page(document, "form")
    page = document.pages[0]
    page.Resources.XObject = pikepdf.Dictionary(Fm=form)
    page.Contents = document.make_stream(b"q 2 0 0 2 10 10 cm /Fm Do Q")
    source = put("form.pdf", made.saved(document))

    answer = fit(pdf, source, home, 10**7)

    with pikepdf.open(result(home, answer)) as found:
        inner = found.pages[0].Resources.XObject["/Fm"].Resources.XObject["/In"]
        assert int(inner.Width) == round(1500 * 300 / (1500 / (200 / 72)))


def test_a_pdf_that_stays_too_large_names_its_heaviest_pages(put, home):
    document = pikepdf.new()
    for number, size in enumerate(((300, 200), (900, 700), (500, 400))):
        made.add_page(document, f"{number}", [made.image_stream(document, made.picture(*size, noise=120))])
    source = put("heavy.pdf", made.saved(document))

    problem = fit(pdf, source, home, 10 * KB, "small")["problem"]

    assert problem["code"] == "pdf-stays-large"
    assert (
        problem["text_zh"].index("第 2 頁")
        < problem["text_zh"].index("第 3 頁")
        < problem["text_zh"].index("第 1 頁")
    )


def test_a_pdf_without_pictures_says_so(put, home):

    document = pikepdf.new()
    made.add_page(document, "lines")
    noise = " ".join(f"{random.Random(1).random():.5f} {number} l" for number in range(20_000))
    document.pages[0].Contents = document.make_stream(f"0 0 m {noise} S".encode())
    source = put("lines.pdf", made.saved(document))

    problem = fit(pdf, source, home, 2 * KB)["problem"]

    assert problem["code"] == "pdf-without-pictures"
    assert "第 1 頁" in problem["text_zh"]


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing", made.pdf_bytes(1)[:900], b"%PDF-1.4\n%%EOF"])
def test_a_broken_pdf_is_told_with_a_reason(put, home, data):
    assert fit(pdf, put("x.pdf", data), home, KB)["problem"]["code"] == "unreadable"
