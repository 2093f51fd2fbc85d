import json
import shutil
import struct
import subprocess
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from licheng.foundations.files.inspection.finding import Facts, Unfit

PROBE_SECONDS = 20
BOX_HEADER = 8
MAX_BOXES = 20_000  # an hour of fragments of a second makes 7,200; 1.2 million held a worker for 16 s
LARGE_BOX_HEADER = 16
PLAYABLE_VIDEO = {"h264", "av1", "vp9", "mpeg4"}
ID3_HEADER = 10
ID3_SIZE_BYTES = 4


def is_mp3_frame(data: bytes) -> bool:
    """Whether bytes begin with an MPEG audio layer III frame header."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:  # noqa: PLR2004 -- sync bits of ISO 11172-3
        return False
    layer, bitrate, rate = data[1] >> 1 & 3, data[2] >> 4, data[2] >> 2 & 3
    return layer == 1 and bitrate not in (0, 15) and rate != 3  # noqa: PLR2004 -- reserved values


def mp3_facts(path: Path) -> Facts:
    """Length of a sound file in seconds.

    Raises Unfit when no audio frame follows the tags or the probe cannot read it.
    """
    with path.open("rb") as file:
        head = file.read(ID3_HEADER)
        if head.startswith(b"ID3") and len(head) == ID3_HEADER:
            size = 0
            for byte in head[6:10]:
                size = size << 7 | byte & 0x7F
            file.seek(ID3_HEADER + size)
        else:
            file.seek(0)
        if not is_mp3_frame(file.read(4)):
            raise Unfit("broken-media", _("聲音檔不完整或不是 MP3。請重新匯出。"))
    return _probed(path, "audio")


def mp4_facts(path: Path) -> Facts:
    """Length of a film in seconds.

    Raises Unfit when its index is missing or runs past the end (an interrupted upload), or nothing plays it.
    """
    size = path.stat().st_size
    seen: set[bytes] = set()
    count = 0
    with path.open("rb") as file:
        position = 0
        while position < size:
            count += 1
            file.seek(position)
            kind, length = _box(file.read(LARGE_BOX_HEADER), size - position)
            if length < BOX_HEADER or position + length > size or count > MAX_BOXES:
                raise Unfit("truncated-media", _("影片不完整，可能是上傳或錄影中斷。請重新匯出。"))
            seen.add(kind)
            position += length
    if not seen >= {b"ftyp", b"moov", b"mdat"}:
        raise Unfit("truncated-media", _("影片缺少索引或內容，無法播放。請重新匯出。"))
    return _probed(path, "video")


def _box(header: bytes, remaining: int) -> tuple[bytes, int]:
    if len(header) < BOX_HEADER:
        return b"", 0
    length, kind = struct.unpack(">I4s", header[:BOX_HEADER])
    if length == 1 and len(header) == LARGE_BOX_HEADER:
        length = struct.unpack(">Q", header[BOX_HEADER:])[0]
    return kind, length or remaining


def _probed(path: Path, wanted: str) -> Facts:
    """What ffprobe says; without ffprobe the structure was checked and the facts say so."""
    probe = shutil.which("ffprobe")
    if probe is None:
        return {"probe": "not checked"}
    command = [probe, "-v", "error", "-protocol_whitelist", "file", "-show_entries"]
    command += ["format=duration:stream=codec_type,codec_name", "-of", "json", str(path)]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=PROBE_SECONDS, check=True)
        report = json.loads(answer.stdout)
        streams = {stream.get("codec_type"): stream.get("codec_name", "") for stream in report["streams"]}
        seconds = float(report["format"]["duration"])
    except (subprocess.SubprocessError, ValueError, KeyError) as broken:
        raise Unfit("broken-media", _("影音檔不完整或已損壞，無法播放。請重新匯出。")) from broken
    if wanted not in streams and not (wanted == "video" and "audio" in streams):
        raise Unfit("broken-media", _("影音檔裡沒有可播放的內容。請重新匯出。"))
    if "video" in streams and wanted == "video" and streams["video"] not in PLAYABLE_VIDEO:
        raise Unfit(
            "not-playable",
            _("影片的編碼「{codec}」在瀏覽器無法播放。請轉成 H.264 的 MP4。"),
            codec=streams["video"],
        )
    return {"seconds": round(seconds, 1), "codecs": ",".join(sorted(streams.values()))}
