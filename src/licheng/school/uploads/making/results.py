"""What a maker answers: facts of what it made, or a reason in both languages why it could not."""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
type Answer = dict[str, Json]

MB, KB = 2**20, 2**10
PERCENT_FILE = "percent"
WHOLE = 100

# code: what is wrong and what to do, for people; {names} are filled in from the facts.
TEXTS: Mapping[str, tuple[str, str]] = {
    "unreadable": (
        "這個檔案打不開，可能不完整或已損壞。請重新拍照、錄影或匯出，再上傳一次。",
        "This file does not open; it may be incomplete or damaged. Take or export it again and upload it.",
    ),
    "unknown-kind": (
        "這種檔案不能在這裡縮小。可以縮小的是照片、PDF、影片和錄音。",
        "This kind of file cannot be made smaller here. Photos, PDF, films and sound can.",
    ),
    "too-many-pixels": (
        "圖片的像素太多，可以處理的是 {limit} 萬像素以內。請先縮小尺寸再上傳。",
        "The picture has too many pixels; up to {limit_en} million can be handled. Scale it down first.",
    ),
    "too-long": (
        "這段影音長 {length}，可以處理的是 {most} 以內。請先剪短再上傳，或改放外部影音連結。",
        (
            "This recording is {length_en} long; up to {most_en} can be handled. Cut it first, or give a "
            "link instead."
        ),
    ),
    "too-long-for-limit": (
        (
            "這段影音長 {length}，要縮到 {limit} 會看不清楚、聽不清楚。請剪到 {most} 以內再上傳，或改放外"
            "部影音連結。"
        ),
        (
            "This recording is {length_en} long; squeezed into {limit} nobody could follow it. Cut it to "
            "{most_en}, or give a link instead."
        ),
    ),
    "frame-too-large": (
        "影片的畫面是 {width}×{height}，太大了。請用 4K 以下重新匯出。",
        "The film is {width}×{height}, which is too large. Export it at 4K or less.",
    ),
    "pdf-stays-large": (
        (
            "已經縮到 {size}，還是超過 {limit}。最占空間的是{pages}。請刪掉幾頁、換掉這些頁的圖片，或改用"
            "另一種品質。"
        ),
        (
            "It came down to {size}, which is still over {limit}. The heaviest are {pages_en}. Remove "
            "pages, replace their pictures, or choose another quality."
        ),
    ),
    "pdf-without-pictures": (
        (
            "這份 PDF 有 {size}，裡面沒有可以縮小的圖片。最占空間的是{pages}。請分成幾份，或從原來的程式"
            "重新匯出。"
        ),
        (
            "This PDF is {size} and holds no picture that could be made smaller. The heaviest are "
            "{pages_en}. Split it, or export it again from its program."
        ),
    ),
    "stays-large": (
        "縮到最小還有 {size}，超過 {limit}。請換一個檔案。",
        "At its smallest it is {size}, over {limit}. Please choose another file.",
    ),
    "too-many-photos": (
        "一份 PDF 最多放 {most} 張照片，現在有 {count} 張。請移除一些。",
        "One PDF takes {most} photos; there are {count}. Please remove some.",
    ),
    "photo-unreadable": (
        "第 {number} 張照片打不開，可能不完整或不是照片。請移除它，重新拍照再上傳。",
        (
            "Photo {number} does not open; it may be incomplete or no photo. Remove it, take it again "
            "and upload it."
        ),
    ),
    "took-too-long": (
        "處理花的時間超過上限，所以停下來了。請剪短或分成幾個檔案，再試一次。",
        (
            "Making it took longer than allowed and was stopped. Cut it, or split it into several files, "
            "and try again."
        ),
    ),
    "needs-too-much": (
        "處理這個檔案需要的記憶體超過上限。請縮小尺寸或分成幾個檔案，再試一次。",
        "This file needs more memory than allowed. Scale it down, or split it, and try again.",
    ),
    "source-gone": (
        "原檔已經過了保留期限，不在了。請重新上傳。",
        "The original is past the time it is kept, and gone. Please upload it again.",
    ),
    "server-trouble": (
        (
            "伺服器試了幾次都沒有做成，這不是您的問題。請過一會兒再試；若一直不行，請在自己的裝置上縮小再"
            "上傳。"
        ),
        (
            "The server tried several times without success; this is not your fault. Try again later, or "
            "make the file smaller on your own device."
        ),
    ),
    "not-fit": (
        "做出來的檔案不能收：{zh}",
        "What came out cannot be taken: {en}",
    ),
    "told": (
        "{zh}",
        "{en}",
    ),
    "tool-missing": (
        "這台伺服器沒有處理影音的程式。請在自己的電腦或手機上縮小影片，再上傳。",
        "This server has no program for films. Make the film smaller on your own device, then upload it.",
    ),
}


class Impossible(Exception):
    """A maker's reason to give up; `code` is in TEXTS."""

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def answer(self) -> dict[str, Json]:
        """The reason as it is kept and shown."""
        zh, en = TEXTS[self.code]
        return {
            "code": str(self.facts.get("code", self.code)),
            "text_zh": zh.format_map(self.facts),
            "text_en": en.format_map(self.facts),
        }


def answering[**P](make: Callable[P, Answer]) -> Callable[P, Answer]:
    """Give a maker's reason back as an answer: across the sandbox's border exceptions mean a crash."""

    @functools.wraps(make)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return make(*args, **kwargs)
        except Impossible as reason:
            return {"problem": reason.answer()}

    return answered


def made(path: Path, media_type: str, zh: str, en: str, **facts: Json) -> Answer:
    """The answer of a maker that succeeded: where the result is and what was done, a sentence a language."""
    return {
        "file": path.name,
        "media_type": media_type,
        "bytes": path.stat().st_size,
        "how_zh": zh,
        "how_en": en,
        "facts": facts,
    }


def size_text(size_bytes: int) -> str:
    """A size for people; 1 MB is 2**20 bytes, as the limits count."""
    unit, name = (MB, "MB") if size_bytes >= MB else (KB, "KB")
    return f"{size_bytes / unit:.1f}".removesuffix(".0") + f" {name}"


def lengths(**seconds: float) -> dict[str, str]:
    """Lengths for the texts, in both languages: `most` becomes `most` and `most_en`."""
    texts: dict[str, str] = {}
    for name, length in seconds.items():
        minutes, rest = divmod(round(length), 60)
        texts |= {name: f"{minutes} 分 {rest:02d} 秒", f"{name}_en": f"{minutes} min {rest:02d} s"}
    return texts


def tell(folder: Path, percent: float) -> None:
    """Leave the progress where the one who waits looks for it; whole or not at all."""
    beside = folder / f"{PERCENT_FILE}.new"
    beside.write_text(str(max(0, min(int(percent), WHOLE))), encoding="ascii")
    beside.replace(folder / PERCENT_FILE)


def told(folder: Path) -> int:
    """The progress a maker left, in percent; 0 before its first word and for anything that is no number.

    Whoever took a maker over may have left a link, a pipe that never ends, or a file without end.
    """
    try:
        descriptor = os.open(folder / PERCENT_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            text = os.read(descriptor, 3).decode("ascii")
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return 0
    return min(int(text), WHOLE) if text.isdecimal() else 0
