"""Pages and pictures drawn as JPEG, for the eye only. Knows nothing of Django: it runs inside the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from licheng.foundations.files.names import PAGES_DRAWN, THUMBNAIL_NAME, page_name

PAGE_PIXELS = 1200  # width; sharp on a tablet beside the statement, about 100-200 kB a page
HEIGHT_PIXELS = 4 * PAGE_PIXELS  # a page of 1 x 14,400 points would ask for 20 gigapixels
THUMBNAIL_PIXELS = 320
QUALITY = 82


def draw(source: str, folder: str, media_type: str) -> int:
    """Draw the first pages of a document, or a picture, and the first one small; how many pages were drawn.

    Pages are written one by one, so that what was drawn before a page that cannot be is there.
    """
    pages = _pdf_pages if media_type == "application/pdf" else _picture
    drawn = 0
    for drawn, image in enumerate(pages(Path(source)), start=1):
        if drawn == 1:
            small = image.copy()
            small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS * 2))
            small.save(Path(folder) / THUMBNAIL_NAME, "JPEG", quality=QUALITY)
        image.save(Path(folder) / page_name(drawn), "JPEG", quality=QUALITY)
    return drawn


def _pdf_pages(source: Path) -> Iterator[Image.Image]:
    with pypdfium2.PdfDocument(source) as document:
        for number in range(min(len(document), PAGES_DRAWN)):
            page = document[number]
            width, height = (max(side, 1) for side in page.get_size())
            scale = min(PAGE_PIXELS / width, HEIGHT_PIXELS / height)
            yield _on_white(page.render(scale=scale).to_pil())
            page.close()


def _picture(source: Path) -> Iterator[Image.Image]:
    with Image.open(source) as opened:
        opened.draft("RGB", (PAGE_PIXELS, PAGE_PIXELS * 2))  # a JPEG is read smaller at once
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((PAGE_PIXELS, PAGE_PIXELS * 2))
        yield _on_white(upright)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGB", "L", "CMYK"}:
        return image.convert("RGB")
    flat = Image.new("RGB", image.size, "white")
    see_through = image.convert("RGBA")
    flat.paste(see_through, mask=see_through.getchannel("A"))
    return flat
