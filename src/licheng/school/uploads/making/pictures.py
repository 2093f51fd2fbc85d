"""Opening pictures of any phone within bounds, upright, in sRGB, without what stands beside the pixels."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from licheng.school.uploads.making.results import Impossible, size_text

FORMATS = ("JPEG", "PNG", "HEIF", "AVIF", "WEBP", "TIFF", "BMP")
MAX_PIXELS = 178_000_000  # own bound: under Pillow's own refusal; phones make 12 to 50, a few 108 million
SMALLEST_QUALITY = 40  # own bound: below this letters in a photo break up
SMALLEST_EDGE = 480
NEARLY = 0.96  # a little below what the ratio says, so that the next try fits
TRIES = 8
FULL_TURN = 4
ORIENTATION, LYING = 0x0112, frozenset({5, 6, 7, 8})  # of EXIF; HEIC is turned by its decoder
TILT = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}

Image.init()  # otherwise Pillow learns of most formats only after the first five failed
pillow_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The best a chosen quality gives. Units: pixels of the longer edge, JPEG quality."""

    edge: int
    quality: int


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """A picture whose claimed size is within bounds, not yet decoded.

    Raises Impossible for what is no picture, is broken, or claims too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is asked instead
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _too_many()
                yield image
    except Image.DecompressionBombError as bomb:
        raise _too_many() from bomb
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as broken:
        raise Impossible("unreadable") from broken


def _too_many() -> Impossible:
    return Impossible("too-many-pixels", limit=f"{MAX_PIXELS // 10_000:,}", limit_en=MAX_PIXELS // 1_000_000)


def size_seen(image: Image.Image) -> tuple[int, int]:
    """Width and height as the picture is looked at: phones keep it lying and say how to turn it."""
    width, height = image.size
    return (height, width) if image.getexif().get(ORIENTATION, 1) in LYING else (width, height)


def upright(image: Image.Image, edge: int, quarter_turns: int = 0) -> Image.Image:
    """The picture as it is looked at, turned clockwise, at most `edge` pixels long, in sRGB on white.

    Raises OSError, ValueError or SyntaxError when the pixels do not decode.
    """
    profile = image.info.get("icc_profile")
    if image.format in {"JPEG", "MPO"}:
        image.draft(image.mode, (edge, edge))  # decodes a large photo at half or a quarter: fast and small
    image.load()
    small = ImageOps.exif_transpose(image)
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if quarter_turns % FULL_TURN:
        small = small.transpose(TILT[quarter_turns % FULL_TURN])
    return _in_srgb(_on_white(small), profile)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a sample: bring them down to 8 before anything looks at them
        image = image.point(lambda value: value / 256).convert("L") if image.mode != "I" else _from_32(image)
    if image.mode not in {"RGBA", "LA", "PA", "P"} and "transparency" not in image.info:
        return image
    clear = image.convert("RGBA")
    flat = Image.new("RGB", clear.size, "white")
    flat.paste(clear, mask=clear.getchannel("A"))
    return flat


def _from_32(image: Image.Image) -> Image.Image:
    highest = cast("tuple[float, float]", image.getextrema())[1]
    return image.point(lambda value: value * (255 / max(highest, 255))).convert("L")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")  # a profile that does not fit its picture says nothing about it
        if turned is not None:
            return turned
    return image.convert("RGB")


def jpeg(image: Image.Image, quality: int) -> bytes:
    """The picture as JPEG without EXIF, location or profile."""
    out = io.BytesIO()
    image.info.clear()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Fitted:
    """A JPEG that keeps within its bytes, and how it was reached."""

    data: bytes
    width: int
    height: int
    quality: int


def fitted(image: Image.Image, bounds: Bounds, limit_bytes: int) -> Fitted:
    """The best JPEG of at most `limit_bytes`: full size at the highest quality that fits, else smaller.

    Raises Impossible when even the smallest does not fit.
    """
    quality = bounds.quality
    data = jpeg(image, quality)
    if len(data) > limit_bytes:
        found = _highest(image, SMALLEST_QUALITY, quality - 1, limit_bytes)
        if found is not None:
            return found
        image, data, quality = _scaled(image, limit_bytes)
    return Fitted(data, image.width, image.height, quality)


def _highest(image: Image.Image, low: int, high: int, limit_bytes: int) -> Fitted | None:
    """Binary search over the quality: at most six encodings."""
    best = None
    while low <= high:
        middle = (low + high) // 2
        data = jpeg(image, middle)
        if len(data) <= limit_bytes:
            best, low = Fitted(data, image.width, image.height, middle), middle + 1
        else:
            high = middle - 1
    return best


def _scaled(image: Image.Image, limit_bytes: int) -> tuple[Image.Image, bytes, int]:
    quality = max(SMALLEST_QUALITY, 60)
    data = jpeg(image, quality)
    for _try in range(TRIES):
        if len(data) <= limit_bytes:
            return image, data, quality
        if max(image.size) <= SMALLEST_EDGE:
            break
        factor = min((limit_bytes / len(data)) ** 0.5 * NEARLY, 0.9)
        factor = max(factor, SMALLEST_EDGE / max(image.size))
        size = (max(round(image.width * factor), 1), max(round(image.height * factor), 1))
        image = image.resize(size, Image.Resampling.LANCZOS)
        data = jpeg(image, quality)
    raise Impossible("stays-large", size=size_text(len(data)), limit=size_text(limit_bytes))
