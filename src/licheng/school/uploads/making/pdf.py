"""A PDF fitted to a limit by its pictures alone: text, drawings and fonts stay byte for byte."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from PIL import Image

from licheng.school.uploads.making.pictures import SMALLEST_EDGE, jpeg
from licheng.school.uploads.making.placing import Key, Placed, pictures
from licheng.school.uploads.making.results import Answer, Impossible, answering, made, size_text, tell

# Dots an inch and JPEG quality, from the best to the least that can still be read: own bounds.
LADDER = ((300, 88), (250, 84), (200, 80), (170, 76), (150, 72), (130, 66), (110, 60), (96, 54), (80, 46))
START = {"high": 0, "medium": 3, "small": 5}
MAX_PIXELS = 60_000_000  # own bound of one picture: what inspection takes as well
SMALL_BYTES = 4_096  # a logo of this size is not worth touching
MARGIN_BYTES = 2_048
HEAVIEST = 3
EIGHT_BITS = 8
PLAIN_SPACES = {"/DeviceRGB": "RGB", "/DeviceGray": "L", "/CalRGB": "RGB", "/CalGray": "L"}
COMPONENTS = {1: "L", 3: "RGB"}
DROPPED_FROM_ROOT = ("/Metadata", "/PieceInfo", "/SpiderInfo")
DROPPED_FROM_PAGE = ("/Metadata", "/PieceInfo", "/Thumb")


@dataclass(frozen=True, slots=True)
class Smaller:
    """A picture encoded anew."""

    data: bytes
    width: int
    height: int


@answering
def fit(*, source: str, folder: str, limit_bytes: int, quality: str, allowed: list[str]) -> Answer:
    """Recompress the pictures of a PDF until it takes at most `limit_bytes`; the best rung that fits wins.

    Masks, CMYK, indexed, JBIG2, CCITT and JPEG 2000 pictures are left as they are. Raises nothing: an answer
    names the heaviest pages when even the lowest rung is too large. `allowed` is every maker's, unused here.
    """
    del allowed
    home = Path(folder)
    try:
        with pikepdf.open(source, attempt_recovery=False, suppress_warnings=True) as document:
            return _fit(document, home, Path(source).stat().st_size, limit_bytes, START[quality])
    except (
        pikepdf.PdfError,
        pikepdf.PasswordError,
        ValueError,
        RuntimeError,
        KeyError,
        AttributeError,
    ) as broken:
        raise Impossible("unreadable") from broken


def _fit(document: pikepdf.Pdf, home: Path, before: int, limit_bytes: int, start: int) -> Answer:
    _drop_extras(document)
    placed = _deduplicated(pictures(document))
    tell(home, 5)
    changeable = {key: place for key, place in placed.items() if _is_changeable(place)}
    rest = _saved(document, home / "plain.pdf")
    best, rung = _best_rung(changeable, rest, limit_bytes, start, home)
    for key, smaller in best.items():
        _replace(changeable[key].image, smaller)
    path = home / "result.pdf"
    size = _saved(document, path)
    if size > limit_bytes:
        raise _too_large(document, placed, size, limit_bytes, has_pictures=bool(changeable))
    pages, count = len(document.pages), len(best)
    dpi, quality = LADDER[rung]
    zh = f"重新壓縮 {count} 張圖片（每英寸最多 {dpi} 點、品質 {quality}）；"
    zh += f"文字和線條都沒有動，{pages} 頁都在。"
    en = f"{count} pictures compressed anew (at most {dpi} dots an inch, quality {quality}); text and lines "
    en += f"untouched, all {pages} pages kept."
    return made(path, "application/pdf", zh, en, pages=pages, pictures=count, before=before)


def _drop_extras(document: pikepdf.Pdf) -> None:
    """Private data of the program that made it; the title stays, author and history go."""
    title = document.docinfo.get("/Title")
    del document.docinfo
    if title is not None:
        document.docinfo["/Title"] = title
    for holder, names in [(document.Root, DROPPED_FROM_ROOT)] + [
        (page.obj, DROPPED_FROM_PAGE) for page in document.pages
    ]:
        for name in names:
            if name in holder:
                del holder[name]


def _deduplicated(found: dict[Key, Placed]) -> dict[Key, Placed]:
    """One object for pictures that are the same byte for byte; the others are dropped when saving."""
    kept: dict[bytes, Placed] = {}
    for place in found.values():
        image = place.image
        about = sorted((name, _written(value)) for name, value in image.items())
        digest = hashlib.sha256(image.read_raw_bytes() + repr(about).encode()).digest()
        first = kept.setdefault(digest, place)
        if first is place:
            continue
        for holder, name in place.names:
            holder[name] = first.image
        first.width, first.height = max(first.width, place.width), max(first.height, place.height)
        first.pages |= place.pages
    return {place.image.objgen: place for place in kept.values()}


def _written(value: object) -> bytes:
    """A value of a picture's dictionary as the file writes it: two that differ are two pictures."""
    return value.unparse() if isinstance(value, pikepdf.Object) else repr(value).encode()


def _is_changeable(place: Placed) -> bool:
    """Whether a JPEG can stand for this picture without changing what it means."""
    image = place.image
    if image.get("/ImageMask") or "/Decode" in image or "/Alternates" in image or "/SMaskInData" in image:
        return False
    mask = image.get("/SMask")
    if isinstance(image.get("/Mask"), pikepdf.Array) or (mask is not None and "/Matte" in mask):
        return False
    pixels = int(image.get("/Width", 0)) * int(image.get("/Height", 0))
    is_plain = image.get("/BitsPerComponent") == EIGHT_BITS and _mode(image) is not None
    is_large = int(image.get("/Length", 0)) > SMALL_BYTES
    return (
        is_plain
        and is_large
        and 0 < pixels <= MAX_PIXELS
        and _filters(image) in ([], ["/FlateDecode"], ["/DCTDecode"])
    )


def _filters(image: pikepdf.Object) -> list[str]:
    named = image.get("/Filter")
    if named is None:
        return []
    return [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _mode(image: pikepdf.Object) -> str | None:
    """Pillow's name of a plain colour space; None for those a JPEG cannot stand for."""
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Name):
        return PLAIN_SPACES.get(str(space))
    if not isinstance(space, pikepdf.Array) or len(space) == 0:
        return None
    if str(space[0]) == "/ICCBased":
        return COMPONENTS.get(int(space[1].get("/N", 0)))
    return PLAIN_SPACES.get(str(space[0]))


def _best_rung(
    changeable: dict[Key, Placed], plain_bytes: int, limit_bytes: int, start: int, home: Path
) -> tuple[dict[Key, Smaller], int]:
    """The highest rung at which everything fits, found by halving; else the lowest."""
    low, high = start, len(LADDER) - 1
    best: tuple[dict[Key, Smaller], int] | None = None
    tries = 0
    while low <= high:
        # the best rung is asked first: most files that are a little too large stay as good as they can be
        middle = low if tries == 0 else (low + high) // 2
        tried = _encoded(changeable, middle, home, tries)
        saved = sum(int(changeable[key].image.Length) - len(smaller.data) for key, smaller in tried.items())
        if plain_bytes - saved + MARGIN_BYTES <= limit_bytes:
            best, high = (tried, middle), middle - 1
        else:
            low = middle + 1
            last = (tried, middle)
        tries += 1
    return best or last


def _encoded(changeable: dict[Key, Placed], rung: int, home: Path, tries: int) -> dict[Key, Smaller]:
    """Every picture that a rung makes smaller."""
    done: dict[Key, Smaller] = {}
    dpi, quality = LADDER[rung]
    first, each = 5 + 20 * tries, 20 / max(len(changeable), 1)
    for count, (key, place) in enumerate(changeable.items(), 1):
        smaller = _smaller(place, dpi, quality)
        if smaller is not None and len(smaller.data) < int(place.image.Length):
            done[key] = smaller
        tell(home, min(first + each * count, 90))
    return done


def _smaller(place: Placed, dpi: int, quality: int) -> Smaller | None:
    """A picture at most as fine as `dpi`; None when it does not decode as what it says it is."""
    picture = _decoded(place.image)
    if picture is None:
        return None
    factor = min(1.0, dpi / place.dpi())
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    if factor < 1 and max(picture.size) > SMALLEST_EDGE:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Smaller(jpeg(picture, quality), picture.width, picture.height)


def _decoded(image: pikepdf.Object) -> Image.Image | None:
    mode, size = _mode(image), (int(image.Width), int(image.Height))
    try:
        if _filters(image) == ["/DCTDecode"]:
            with Image.open(io.BytesIO(image.read_raw_bytes()), formats=("JPEG",)) as opened:
                opened.load()
                return opened.copy() if opened.mode == mode and opened.size == size else None
        return Image.frombytes(str(mode), size, image.read_bytes())
    except (OSError, ValueError, SyntaxError, pikepdf.PdfError):
        return None  # stays as it is: what does not decode here may be drawn by a reader all the same


def _replace(image: pikepdf.Object, smaller: Smaller) -> None:
    image.write(smaller.data, filter=pikepdf.Name.DCTDecode)
    image.Width, image.Height = smaller.width, smaller.height


def _saved(document: pikepdf.Pdf, path: Path) -> int:
    document.save(
        path,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
        recompress_flate=False,
        deterministic_id=True,
    )
    return path.stat().st_size


def _too_large(
    document: pikepdf.Pdf, placed: dict[Key, Placed], size: int, limit_bytes: int, *, has_pictures: bool
) -> Impossible:
    weights = dict.fromkeys(range(1, len(document.pages) + 1), 0)
    for place in placed.values():
        weights[min(place.pages)] += int(place.image.Length)
    for number, page in enumerate(document.pages, 1):
        contents = page.obj.get("/Contents")
        parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        weights[number] += sum(
            int(part.get("/Length", 0)) for part in parts if isinstance(part, pikepdf.Stream)
        )
    heaviest = sorted(weights, key=lambda number: -weights[number])[:HEAVIEST]
    zh = "、".join(f"第 {number} 頁（{size_text(weights[number])}）" for number in heaviest)
    en = ", ".join(f"page {number} ({size_text(weights[number])})" for number in heaviest)
    code = "pdf-stays-large" if has_pictures else "pdf-without-pictures"
    return Impossible(code, size=size_text(size), limit=size_text(limit_bytes), pages=zh, pages_en=en)
