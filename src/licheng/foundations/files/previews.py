"""Pages and pictures as images that are safe to show: drawn here, never the sender's own bytes."""

import hashlib
import threading
from io import BytesIO
from pathlib import Path

import pypdfium2
from django.conf import settings
from PIL import Image, ImageOps

from licheng.foundations.custody.copies import good_path
from licheng.foundations.durable import write_durably
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import StoredFile

WIDTH_PIXELS = 1200  # sharp on a tablet beside the statement, about 100-200 kB a page
HEIGHT_PIXELS = 4 * WIDTH_PIXELS  # a page of 1 x 14,400 points would ask for 20 gigapixels
QUALITY = 82
_pdfium = threading.Lock()  # PDFium is not thread-safe: two pages drawn at once can end the process


def page_image(stored: StoredFile, number: int) -> bytes:
    """Page `number` (from 1) as JPEG; drawn once, then kept beside the store.

    Raises NotFound for a page that the file does not have.
    """
    if not 1 <= number <= stored.pages:
        raise NotFound
    name = hashlib.sha256(f"{stored.sha256}/{number}/{WIDTH_PIXELS}".encode()).hexdigest()
    kept = Path(settings.HOME) / "derived" / name[:2] / f"{name}.jpg"
    if not kept.exists():
        write_durably(kept, _draw(stored, number))
    return kept.read_bytes()


def _draw(stored: StoredFile, number: int) -> bytes:
    path = good_path(stored.sha256)
    if stored.is_pdf:
        with _pdfium, pypdfium2.PdfDocument(path) as document:
            page = document[number - 1]
            width, height = (max(side, 1) for side in page.get_size())
            image = page.render(scale=min(WIDTH_PIXELS / width, HEIGHT_PIXELS / height)).to_pil()
    else:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            image.thumbnail((WIDTH_PIXELS, WIDTH_PIXELS * 2))
    out = BytesIO()
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    flat.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
