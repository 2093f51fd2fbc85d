"""Photos made one PDF: each photo is a page of its own shape on A4, without white margins."""

from pathlib import Path

import pikepdf

from licheng.school.uploads.making.pictures import Bounds, Fitted, fitted, opened, upright
from licheng.school.uploads.making.results import Answer, Impossible, answering, made, tell

MAX_PHOTOS = 60  # own bound
# Own bounds by what A4 shows: 210, 150 and 105 dots an inch on its longer side.
BOUNDS = {"high": Bounds(2450, 88), "medium": Bounds(1754, 80), "small": Bounds(1228, 70)}
A4_POINTS = (595.28, 841.89)
PAGE_BYTES = 700  # what a page costs beside its picture
FRAME_BYTES = 4_096  # what the document costs without pages, with room


@answering
def one_pdf(*, sources: list[str], turns: list[int], folder: str, limit_bytes: int, quality: str) -> Answer:
    """Make one PDF of at most `limit_bytes`: the photos in this order, each turned clockwise as asked.

    The bytes are shared by pixels; what a photo leaves over goes to those after it.
    """
    if not 0 < len(sources) <= MAX_PHOTOS:
        raise Impossible("too-many-photos", most=MAX_PHOTOS, count=len(sources))
    home, bounds = Path(folder), BOUNDS[quality]
    shares = [_pixels(Path(source), bounds, number) for number, source in enumerate(sources, 1)]
    left = limit_bytes - FRAME_BYTES - PAGE_BYTES * len(sources)
    path = home / "result.pdf"
    with pikepdf.new() as document:
        for number, (source, turn) in enumerate(zip(sources, turns, strict=True), 1):
            share = left * shares[number - 1] // sum(shares[number - 1 :])
            photo = _photo(Path(source), turn, bounds, share, number)
            left -= len(photo.data)
            _add_page(document, photo)
            tell(home, 90 * number / len(sources))
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    count = len(sources)
    zh = f"{count} 張照片合成一份 {count} 頁的 PDF；每張照片一頁，拍攝地點等附帶資料已移除。"
    en = f"{count} photos made one PDF of {count} pages, a page each; location and other data removed."
    return made(path, "application/pdf", zh, en, pages=count)


def _pixels(path: Path, bounds: Bounds, number: int) -> int:
    """How many pixels a photo will have within the bounds: its claim to a share of the bytes."""
    try:
        with opened(path) as image:
            factor = min(1.0, bounds.edge / max(image.size))
            return max(1, round(image.width * factor) * round(image.height * factor))
    except Impossible as reason:
        raise _which(reason, number) from reason


def _photo(path: Path, turns: int, bounds: Bounds, limit_bytes: int, number: int) -> Fitted:
    try:
        with opened(path) as image:
            return fitted(upright(image, bounds.edge, turns), bounds, limit_bytes)
    except Impossible as reason:
        raise _which(reason, number) from reason


def _which(reason: Impossible, number: int) -> Impossible:
    return Impossible("photo-unreadable", number=number) if reason.code == "unreadable" else reason


def _add_page(document: pikepdf.Pdf, photo: Fitted) -> None:
    across, down = A4_POINTS if photo.height >= photo.width else A4_POINTS[::-1]
    scale = min(across / photo.width, down / photo.height)
    width, height = round(photo.width * scale, 2), round(photo.height * scale, 2)
    picture = pikepdf.Stream(
        document,
        photo.data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=photo.width,
        Height=photo.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = document.add_blank_page(page_size=(width, height))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=document.make_indirect(picture)))
    page.Contents = document.make_stream(f"q {width} 0 0 {height} 0 0 cm /Photo Do Q".encode())
