"""Pictures and photos: they fit the limit, keep what matters, drop what is private, and say why they cannot."""

import io

import pypdfium2
import pytest
from PIL import Image, ImageCms

from licheng.school.uploads.making import images, photos, sides, sources
from licheng.school.uploads.making.results import TEXTS, told
from tests.school import preparation_sources as made
from tests.school.maker_cases import KB, fit, result


@pytest.mark.parametrize("quality", ["high", "medium", "small"])
def test_a_photo_fits_is_upright_and_carries_nothing_private(put, home, quality):
    source = put("photo.jpg", made.jpeg_bytes(made.picture(), orientation=6))

    answer = fit(images, source, home, 300 * KB, quality)

    path = result(home, answer)
    assert answer["bytes"] <= 300 * KB
    assert b"PlantedMaker" not in path.read_bytes()
    with Image.open(path) as image:
        assert (image.format, image.mode, dict(image.getexif())) == ("JPEG", "RGB", {})
        assert image.height > image.width
        assert made.is_red(image, 9, 5)  # orientation 6 shows the top of the sensor at the right
        assert not made.is_red(image, 0, 5)
    assert told(home) > 0


@pytest.mark.slow
def test_qualities_are_different_and_use_what_the_limit_gives(put, home):
    source = put("photo.jpg", made.jpeg_bytes(made.picture(3000, 2000)))
    answers = [fit(images, source, home, 900 * KB, quality) for quality in ("high", "medium", "small")]

    assert [answer["facts"]["width"] for answer in answers] == [3000, 2560, 1600]
    assert answers[0]["bytes"] > 850 * KB
    assert answers[2]["bytes"] < answers[1]["bytes"] * 0.8


def test_a_tiny_limit_makes_the_picture_smaller_not_ugly(put, home):
    source = put("photo.jpg", made.jpeg_bytes(made.picture()))

    answer = fit(images, source, home, 60 * KB)

    assert answer["bytes"] <= 60 * KB
    assert answer["facts"]["width"] < 1600
    assert answer["facts"]["quality"] >= 40
    assert fit(images, source, home, 900)["problem"]["code"] == "stays-large"


@pytest.mark.parametrize("suffix", ["heic", "avif", "webp", "tiff", "bmp", "png"])
def test_every_format_of_phones_and_scanners_becomes_a_jpeg(put, home, suffix):
    out = io.BytesIO()
    image = made.picture(800, 600)
    if suffix == "heic":
        out.write(made.heic_bytes(image))
    else:
        image.save(out, {"tiff": "TIFF", "avif": "AVIF", "webp": "WEBP", "bmp": "BMP", "png": "PNG"}[suffix])
    source = put(f"photo.{suffix}", out.getvalue())

    answer = fit(images, source, home, 60 * KB)

    assert sources.kind_of(source) == "image"
    with Image.open(result(home, answer)) as found:
        assert found.format == "JPEG"
        assert made.is_red(found, 5, 0)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "LA", "RGBA", "1", "I;16"])
def test_every_kind_of_pixel_is_understood(put, home, mode):
    image = Image.linear_gradient("L").resize((900, 900))
    image = (
        image.point(lambda value: value * 256, mode="I").convert("I;16")
        if mode == "I;16"
        else image.convert(mode)
    )
    out = io.BytesIO()
    image.save(out, "TIFF" if mode in {"CMYK", "I;16"} else "PNG")
    source = put("drawing", out.getvalue())

    answer = fit(images, source, home, (150 if mode == "1" else 9) * KB, "medium")

    with Image.open(result(home, answer)) as found:
        top, bottom = (
            found.convert("L").getpixel((10, 5)),
            found.convert("L").getpixel((10, found.height - 5)),
        )
        assert top < 60
        assert bottom > 190


def test_what_is_see_through_becomes_white_and_colours_become_srgb(put, home):
    clear = made.picture(900, 700).convert("RGBA")
    clear.putalpha(
        Image.linear_gradient("L").resize((900, 700)).point(lambda value: 0 if value < 128 else 255)
    )
    out = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clear.save(out, "PNG", icc_profile=profile)

    answer = fit(images, put("clear.png", out.getvalue()), home, 120 * KB, "medium")

    with Image.open(result(home, answer)) as found:
        assert min(found.getpixel((50, 20))) > 240
        assert "icc_profile" not in found.info


def test_a_loosely_packed_screenshot_stays_lossless(put, home):
    screenshot = Image.linear_gradient("L").resize((1200, 900)).convert("RGB")
    source = put("screen.png", made.png_bytes(screenshot))

    answer = fit(images, source, home, 500 * KB)

    assert answer["media_type"] == "image/png"
    with Image.open(result(home, answer)) as found:
        assert found.tobytes() == screenshot.tobytes()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"\xff\xd8\xff\xe0 not a picture", "unreadable"),
        (made.png_bytes(made.picture(80, 60))[:2000], "unreadable"),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\x00\x00\x00",
            "unreadable",
        ),
    ],
)
def test_a_hostile_or_broken_picture_is_told_with_a_reason(put, home, data, code):
    problem = fit(images, put("x.jpg", data), home, 100 * KB)["problem"]

    assert problem["code"] in {code, "too-many-pixels"}
    assert all(problem[f"text_{language}"] for language in ("zh", "en"))


def test_every_text_can_be_filled_in():
    assert all(zh and en for zh, en in TEXTS.values())
    assert len({zh for zh, _en in TEXTS.values()}) == len(TEXTS)


def test_a_bomb_is_refused_before_it_is_decoded(put, home):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 17_000, 17_000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )

    problem = fit(images, put("bomb.png", data), home, 100 * KB)["problem"]

    assert problem["code"] == "too-many-pixels"
    assert "17,800 萬像素以內" in problem["text_zh"]
    assert "178 million" in problem["text_en"]


@pytest.mark.slow
def test_photos_become_one_pdf_in_order_turned_and_within_the_limit(put, home):
    first = put("a.jpg", made.jpeg_bytes(made.picture(1600, 1200), orientation=6))
    second = put("b.heic", made.heic_bytes(made.picture(1600, 1200)))
    third = put("c.jpg", made.jpeg_bytes(made.picture(400, 300)))
    asked = {"sources": [str(second), str(first), str(third)], "turns": [1, 0, 2], "quality": "high"}

    answer = photos.one_pdf(**asked, folder=str(home), limit_bytes=400 * KB)

    path = result(home, answer)
    assert 250 * KB < answer["bytes"] <= 400 * KB
    with pypdfium2.PdfDocument(path) as document:
        drawn = [page.render(scale=0.5).to_pil() for page in document]
    assert [image.height > image.width for image in drawn] == [True, True, False]
    assert [
        made.is_red(image, *spot) for image, spot in zip(drawn, [(9, 5), (9, 5), (5, 9)], strict=True)
    ] == [True] * 3
    assert max(drawn[0].size) <= 842 / 2 + 1


def test_photos_that_cannot_be_used_are_named(put, home):
    good, bad = put("a.jpg", made.jpeg_bytes(made.picture(80, 60))), put("b.jpg", b"\xff\xd8\xff broken")
    asked = {"folder": str(home), "limit_bytes": 400 * KB, "quality": "high"}

    broken = photos.one_pdf(sources=[str(good), str(bad)], turns=[0, 0], **asked)
    many = photos.one_pdf(sources=[str(good)] * 61, turns=[0] * 61, **asked)

    assert broken["problem"]["code"] == "photo-unreadable"
    assert "第 2 張" in broken["problem"]["text_zh"]
    assert many["problem"]["code"] == "too-many-photos"


@pytest.mark.slow
def test_sides_are_drawn_of_pages_pictures_and_films(put, home):
    scan = put("scan.pdf", made.pdf_bytes(2))
    photo = put("photo.heic", made.heic_bytes(made.picture(800, 600)))
    movie = made.film(home.parent / "m.mp4", seconds=2)

    pages = sides.draw(source=str(scan), kind="pdf", folder=str(home), name="before")
    turned = sides.draw(source=str(photo), kind="image", folder=str(home), name="photo", turns=1)
    frame = sides.draw(source=str(movie), kind="media", folder=str(home), name="after")

    assert (pages["drawn"], turned["drawn"], frame["drawn"]) == (2, 1, 1)
    with Image.open(home / "photo-1.jpg") as image:
        assert made.is_red(image, 9, 5)
    assert {path.name for path in home.glob("*.jpg")} == {
        "before-1.jpg",
        "before-2.jpg",
        "photo-1.jpg",
        "after-1.jpg",
    }
