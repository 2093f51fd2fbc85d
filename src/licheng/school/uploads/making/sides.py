"""Pictures of a version before and after, and thumbnails: drawn anew, never the sender's own bytes."""

import shutil
import subprocess
from pathlib import Path

import pypdfium2

from licheng.school.uploads.making.films import READ_ONLY_FILES, probed
from licheng.school.uploads.making.pictures import jpeg, opened, size_seen, upright
from licheng.school.uploads.making.results import Answer, Impossible, Json, answering

EDGE = 1200  # pixels: a page's letters can be compared on a desk, about 100-200 kB each
THUMB_EDGE = 360
QUALITY = 80
MOST = 60  # own bound: as many pages as one PDF of photos has; the rest is in the file itself
FRAME_AT = 0.2  # of its length: films begin black


@answering
def draw(*, source: str, kind: str, folder: str, name: str, first: int = 1, turns: int = 0) -> Answer:
    """Draw a file as `name`-1.jpg, `name`-2.jpg … in the folder; how many were drawn and how many there are.

    A picture is turned clockwise and gets the number `first`.
    """
    home, path = Path(folder), Path(source)
    if kind == "pdf":
        return _pages(path, home, name)
    if kind == "image":
        with opened(path) as image:
            width, height = size_seen(image)
            drawn = upright(image, EDGE, turns)
        facts: dict[str, Json] = {"width": width, "height": height}
        (home / f"{name}-{first}.jpg").write_bytes(jpeg(drawn, QUALITY))
        return {"drawn": 1, "all": 1, **facts}
    about = probed(path)
    facts = {"seconds": round(about.seconds, 1), "width": about.width, "height": about.height}
    if not about.has_video:
        return {"drawn": 0, "all": 0, "seconds": facts["seconds"]}
    _frame(path, home / f"{name}-1.jpg", about.seconds * FRAME_AT)
    return {"drawn": 1, "all": 1, **facts}


@answering
def thumbnail(*, source: str, folder: str) -> Answer:
    """Draw a photo small as `thumb-1.jpg`, upright as it was taken."""
    with opened(Path(source)) as image:
        small = upright(image, THUMB_EDGE)
    (Path(folder) / "thumb-1.jpg").write_bytes(jpeg(small, QUALITY))
    return {"drawn": 1, "all": 1}


def _pages(path: Path, home: Path, name: str) -> Answer:
    try:
        with pypdfium2.PdfDocument(path) as document:
            count = len(document)
            for number in range(min(count, MOST)):
                page = document[number]
                width, height = (max(side, 1) for side in page.get_size())
                image = page.render(scale=EDGE / max(width, height)).to_pil().convert("RGB")
                (home / f"{name}-{number + 1}.jpg").write_bytes(jpeg(image, QUALITY))
    except pypdfium2.PdfiumError as broken:
        raise Impossible("unreadable") from broken
    return {"drawn": number + 1, "all": count, "pages": count}


def _frame(path: Path, target: Path, second: float) -> None:
    program = shutil.which("ffmpeg") or "ffmpeg"
    command = [
        program,
        "-hide_banner",
        "-nostdin",
        "-y",
        "-v",
        "error",
        *READ_ONLY_FILES,
        "-ss",
        f"{second:.2f}",
    ]
    command += ["-i", str(path), "-frames:v", "1", "-vf", f"scale='min({EDGE},iw)':-2", "-map_metadata", "-1"]
    command += ["-q:v", "4", "-f", "image2", "-update", "1", str(target)]
    try:
        subprocess.run(command, check=True, timeout=60, capture_output=True)
    except subprocess.SubprocessError as broken:
        raise Impossible("unreadable") from broken
