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
                raise _too_large()
            image.load()
    except Unfit:
        raise
    except Image.DecompressionBombError as bomb:  # Pillow's own bound, met before ours can be asked
        raise _too_large() from bomb
    except (OSError, ValueError, SyntaxError, EOFError) as broken:
        raise Unfit("broken-image", _("圖片不完整或已損壞，無法開啟。請重新拍照或匯出。")) from broken
    return {"width": width, "height": height, "pages": 1}


def _too_large() -> Unfit:
    text = _("圖片宣稱的像素超過可處理的上限（{limit} 萬像素）。請縮小尺寸。")
    return Unfit("too-many-pixels", text, limit=f"{MAX_PIXELS // 10_000:,}")
