"""The students' own works and files that must be refused."""

import io
import json
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image, ImageDraw

from samples.maker.pdf import pdf_bytes
from samples.maker.plan import REFERENCE

CANVAS = (480, 320)
PAPER, INK, GREEN, AMBER = "#fbfaf6", "#23302b", "#2f6f5e", "#d99a3d"
MOOV_CUT_BYTES = 1024  # inside the index of project_zh.mp4, which stands at its front
BARS = (90, 150, 120, 210, 180, 240)
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>登入</title></head>"
    '<body><form action="/login">連線逾時，請重新登入</form></body></html>\n'
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">'
    '<script>document.title = "ran"</script><rect width="60" height="60" fill="#2f6f5e"/></svg>\n'
)


def _chart() -> Image.Image:
    image = Image.new("RGB", CANVAS, PAPER)
    draw = ImageDraw.Draw(image)
    draw.line((50, 280, 450, 280), fill=INK, width=2)
    for place, height in enumerate(BARS):
        left = 70 + place * 62
        draw.rectangle((left, 280 - height, left + 40, 280), fill=GREEN if place % 2 else AMBER)
    return image


def _poster() -> Image.Image:
    image = Image.new("RGB", CANVAS, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 456, 296), outline=GREEN, width=6)
    draw.ellipse((170, 70, 310, 210), fill=AMBER)
    draw.polygon(((240, 90), (300, 250), (180, 250)), fill=GREEN)
    return image


def jpeg_bytes() -> bytes:
    """A drawn chart as JPEG."""
    out = io.BytesIO()
    _chart().save(out, "JPEG", quality=85)
    return out.getvalue()


def png_bytes() -> bytes:
    """A drawn poster as PNG; stored, so that no compressor's version shows in the bytes."""
    out = io.BytesIO()
    _poster().quantize(16, dither=Image.Dither.NONE).save(out, "PNG", compress_level=0)
    return out.getvalue()


def oversize_pdf(size_bytes: int) -> bytes:
    """A PDF that opens and is exactly `size_bytes` long: a comment of padding stands before its last marker.

    Raises ValueError when the page alone is already longer.
    """
    page = pdf_bytes("課程學習成果", ["本檔案為範例，人物與內容皆為虛構。"])
    head, start, tail = page.rpartition(b"startxref\n")
    room = size_bytes - len(page) - len(b"%\n")
    if room < 0:
        raise ValueError(f"the page itself has {len(page)} bytes")
    return head + b"%" + b"." * room + b"\n" + start + tail


def encrypted_pdf(plain: bytes) -> bytes:
    """The PDF locked with the password `secret`; the old cipher keeps the bytes the same in every run."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        lock = pikepdf.Encryption(owner="owner", user="secret", R=3, aes=False, metadata=False)
        document.save(
            out,
            static_id=True,
            encryption=lock,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


def executable() -> bytes:
    """The first bytes of a Windows programme, which does nothing."""
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 44 + b"\x80\x00\x00\x00"


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _text_pdf(text: dict[str, Any]) -> bytes:
    return pdf_bytes(text["title"], text["lines"])


def good_files() -> dict[str, bytes]:
    """Each accepted file."""
    texts = json.loads((REFERENCE / "works.json").read_text(encoding="utf-8"))
    return {text["file"]: _text_pdf(text) for text in texts} | {
        "electricity_chart.jpg": jpeg_bytes(),
        "poster.png": png_bytes(),
        "speech.mp3": (REFERENCE / "voice_zh_id3.mp3").read_bytes(),
        "project.mp4": (REFERENCE / "project_zh.mp4").read_bytes(),
    }


def refused_files() -> dict[str, tuple[bytes, str]]:
    """Each file that must be refused, with the reason in plain words."""
    plain = _text_pdf(json.loads((REFERENCE / "works.json").read_text(encoding="utf-8"))[0])
    video = (REFERENCE / "project_zh.mp4").read_bytes()
    return {
        "report.pdf": (executable(), "副檔名是 PDF，內容是執行檔"),
        "truncated.pdf": (_half(plain), "PDF 只傳了一半，打不開"),
        "truncated.jpg": (_half(jpeg_bytes()), "圖片只傳了一半，無法完整顯示"),
        "truncated.mp4": (_half(video), "影片只傳了一半，後半段遺失"),
        "truncated_head.mp4": (video[:MOOV_CUT_BYTES], "影片只傳了開頭，無法播放"),
        "encrypted.pdf": (encrypted_pdf(plain), "PDF 有密碼，別人打不開"),
        "login_page.pdf": (LOGIN_PAGE.encode(), "副檔名是 PDF，內容是登入網頁"),
        "drawing.png": (SVG.encode(), "副檔名是 PNG，內容是 SVG"),
    }


USES = (
    ("accounting_report.pdf", "document", "outcome", "以園遊會收支練習分錄，學會分辨預付與費用。"),
    ("reading_notes.pdf", "document", "outcome", "閱讀後走訪老街寫成散文，三次修改後用動作代替形容詞。"),
    ("project.mp4", "media", "outcome", "分組專題的成果影片，我負責腳本與剪接。"),
    ("speech.mp3", "media", "outcome", "英語演講的錄音，練習後語速更穩定。"),
    ("competition_certificate.pdf", "evidence", "competition", "全校英語演講比賽第二名。"),
    ("flexible_learning_log.pdf", "evidence", "flexible_learning", "自主學習三週，用試算表整理家裡的用電。"),
    ("electricity_chart.jpg", "evidence", "flexible_learning", "家裡六天用電的長條圖。"),
    ("poster.png", "evidence", "competition", "參賽時自己畫的海報。"),
)


def write_works(folder: Path) -> None:
    """All files, with works.json saying what each is good for."""
    refused = folder / "refused"
    refused.mkdir(parents=True)
    for name, content in good_files().items():
        (folder / name).write_bytes(content)
    for name, (content, _) in refused_files().items():
        (refused / name).write_bytes(content)
    book = {
        "good": [
            {"file": name, "suits": suits, "record": record, "note": note}
            for name, suits, record, note in USES
        ],
        "refused": [{"file": f"refused/{name}", "why": why} for name, (_, why) in refused_files().items()],
    }
    text = json.dumps(book, ensure_ascii=False, indent=2) + "\n"
    (folder / "works.json").write_text(text, encoding="utf-8")
