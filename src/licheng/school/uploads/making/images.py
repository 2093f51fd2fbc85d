"""One photo or drawing, fitted to a limit."""

import io
from pathlib import Path

from PIL import Image

from licheng.school.uploads.making.pictures import ORIENTATION, Bounds, fitted, opened, size_seen, upright
from licheng.school.uploads.making.results import Answer, Impossible, answering, made, tell

# Own bounds: high prints sharply on A3, medium on A4, small is read on a screen.
BOUNDS = {"high": Bounds(6000, 92), "medium": Bounds(2560, 85), "small": Bounds(1600, 72)}
LOSSLESS_EDGE = 4000  # a larger PNG is a photo in all but name; optimising it takes a minute


@answering
def fit(*, source: str, folder: str, limit_bytes: int, quality: str, allowed: list[str]) -> Answer:
    """Make the best JPEG, or a PNG kept lossless, of at most `limit_bytes` out of any picture.

    Orientation is applied, colours become sRGB, everything beside the pixels is dropped.
    """
    home, bounds = Path(folder), BOUNDS[quality]
    with opened(Path(source)) as image:
        before = size_seen(image)
        tell(home, 10)
        lossless = _lossless(image, limit_bytes) if quality == "high" and "image/png" in allowed else None
        if lossless is not None:
            return _kept_png(home / "result.png", lossless, before)
        flat = upright(image, bounds.edge)
    tell(home, 40)
    best = fitted(flat, bounds, limit_bytes)
    path = home / "result.jpg"
    path.write_bytes(best.data)
    zh = f"轉成 JPG，{before[0]}×{before[1]} 變成 {best.width}×{best.height} 像素，品質 {best.quality}；"
    zh += "拍攝地點等附帶資料已移除。"
    en = f"Saved as JPEG, {before[0]}×{before[1]} to {best.width}×{best.height} pixels, quality "
    en += f"{best.quality}; location and other data beside the picture removed."
    return made(path, "image/jpeg", zh, en, width=best.width, height=best.height, quality=best.quality)


def _kept_png(path: Path, data: bytes, size: tuple[int, int]) -> Answer:
    path.write_bytes(data)
    zh = "圖片內容完全相同，只是壓得更緊；附帶資料已移除。"
    en = "The very same picture, packed tighter; data beside the picture removed."
    return made(path, "image/png", zh, en, width=size[0], height=size[1])


def _lossless(image: Image.Image, limit_bytes: int) -> bytes | None:
    """The same pixels as a smaller PNG, for drawings and screenshots; None when that does not fit."""
    if image.format != "PNG" or max(image.size) > LOSSLESS_EDGE or "icc_profile" in image.info:
        return None
    try:
        image.load()
    except (OSError, ValueError, SyntaxError) as broken:
        raise Impossible("unreadable") from broken
    if image.getexif().get(ORIENTATION, 1) != 1:  # orientation stands beside the pixels: they must be turned
        return None
    kept: dict[str | tuple[int, int], object] = {
        name: image.info[name] for name in ("transparency",) if name in image.info
    }
    small = image.copy()
    small.info = kept
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue() if out.tell() <= limit_bytes else None
