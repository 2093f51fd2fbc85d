from pathlib import Path

from django.utils.translation import gettext_lazy as _
from PIL import Image

from licheng.foundations.files.inspection.finding import Facts, Unfit

MAX_PIXELS = 60_000_000  # own bound: a 4 MB photo of a current phone has 12-50 million pixels


def facts(path: Path) -> Facts:
    """Width and height of a picture that decodes whole.

    Raises Unfit when it claims too many pixels (before any is decoded) or is broken.
    """
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Unfit(
                    "too-many-pixels",
                    _("圖片有 {width}×{height} 像素，超過可處理的上限。請縮小尺寸。"),
                    width=width,
                    height=height,
                )
            image.load()
    except Unfit:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as broken:
        raise Unfit("broken-image", _("圖片不完整或已損壞，無法開啟。請重新拍照或匯出。")) from broken
    return {"width": width, "height": height, "pages": 1}
