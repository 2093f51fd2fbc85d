"""Sound and film: structure, what a browser can play, whether every packet is there, what the notes tell."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from licheng.foundations.files.inspection import boxes
from licheng.foundations.files.inspection.model import Facts, Reason, Unfit
from licheng.foundations.files.inspection.sound import Frames

PROBE_SECONDS = 30
MAX_PROBE_BYTES = 2**20
PLAYABLE_VIDEO = frozenset({"h264", "av1", "vp9", "vp8"})
PLAYABLE_SOUND = frozenset({"aac", "mp3", "opus", "vorbis", "flac"})
MISSING_SHARE = 0.98  # of the packets that the index names; recorders drop the odd last one
MISSING_SECONDS = 2.0
MAX_STREAMS = 32
# Only the reader of the very format; all samples of a film count, also those that an edit leaves out.
READ_MP3, READ_MP4 = ("-f", "mp3"), ("-f", "mov", "-ignore_editlist", "1")
ENTRIES = (
    "format=duration,format_name:stream=codec_type,codec_name,nb_frames,nb_read_packets,duration,start_time,"
    "width,height,disposition:stream_disposition=attached_pic"
)


def read_mp3(path: Path) -> tuple[Facts, list[Reason]]:
    """Length of a sound file in seconds, and what its tags tell.

    Raises Unfit when no audio frames follow the tags, another file hides in it or the probe cannot read it.
    """
    frames = Frames(path.read_bytes())
    frames.check()
    streams, report = _probed(path, READ_MP3)
    if not any(stream.get("codec_type") == "audio" for stream in streams):
        raise Unfit("broken-media")
    seconds = _number(report.get("format", {}).get("duration")) or frames.seconds
    facts: Facts = {"seconds": round(seconds, 1), "codecs": "mp3", **_unprobed(report)}
    return facts, [Reason(code) for code in sorted(frames.codes)]


def read_mp4(path: Path) -> tuple[Facts, list[Reason]]:
    """Length of a film in seconds, and what its notes tell.

    Raises Unfit when its index is missing or runs past the end (an interrupted upload), packets are missing,
    or browsers cannot play it.
    """
    size = path.stat().st_size
    seen: set[bytes] = set()
    codes: set[str] = set()
    with path.open("rb") as file:
        for kind, start, length in boxes.top_boxes(file, size):
            seen.add(kind)
            if kind in (b"moov", b"meta", b"uuid", b"udta"):
                if length > boxes.MAX_INDEX_BYTES:
                    raise Unfit("broken-media")
                file.seek(start)
                codes |= boxes.codes_in_index(file.read(length))
    if not seen >= {b"ftyp", b"moov"} or not seen & {b"mdat", b"moof"}:
        raise Unfit("truncated-media")
    streams, report = _probed(path, READ_MP4)
    if not report:
        return _unprobed(report), [Reason(code) for code in sorted(codes)]
    played = _played(streams)
    _check_whole(played, _number(report.get("format", {}).get("duration")), fragmented=b"moof" in seen)
    facts: Facts = {"seconds": round(_number(report.get("format", {}).get("duration")), 1)}
    facts["codecs"] = ",".join(sorted({str(stream.get("codec_name")) for stream in played}))
    for stream in played:
        if stream.get("codec_type") == "video":
            facts |= {"width": int(stream.get("width") or 0), "height": int(stream.get("height") or 0)}
    return facts, [Reason(code) for code in sorted(codes)]


def _unprobed(report: dict[str, Any]) -> Facts:
    """Without ffprobe the structure was checked, and the facts say that the rest was not."""
    return {"probe": "not checked"} if not report else {}


def _probed(path: Path, reading: tuple[str, ...]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What ffprobe says after reading every packet; nothing where there is no ffprobe.

    Raises Unfit when it cannot read the file.
    """
    probe = shutil.which("ffprobe")
    if probe is None:
        return [], {}
    command = [
        probe,
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-count_packets",
        "-show_entries",
        ENTRIES,
    ]
    try:
        answer = subprocess.run(
            [*command, *reading, "-of", "json", f"file:{path}"],
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=True,
        )
        report = json.loads(answer.stdout[:MAX_PROBE_BYTES])
        streams = report["streams"]
    except (subprocess.CalledProcessError, ValueError, KeyError) as broken:
        raise Unfit("broken-media") from broken
    except subprocess.TimeoutExpired as slow:
        raise Unfit("cannot-be-inspected") from slow
    if len(streams) > MAX_STREAMS:
        raise Unfit("broken-media")
    return streams, report


def _played(streams: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The streams that people see and hear; cover pictures, subtitles and time codes are left out.

    Raises Unfit when there is none, or a browser plays one of them not.
    """
    played = []
    for stream in streams:
        kind, codec = stream.get("codec_type"), str(stream.get("codec_name", "unknown"))
        if kind not in ("video", "audio") or stream.get("disposition", {}).get("attached_pic"):
            continue
        if codec not in (PLAYABLE_VIDEO if kind == "video" else PLAYABLE_SOUND):
            raise Unfit("not-playable", codec=codec[:30])
        played.append(stream)
    if not played:
        raise Unfit("broken-media")
    return played


def _check_whole(streams: list[dict[str, Any]], seconds: float, *, fragmented: bool) -> None:
    """Raise Unfit when packets that the index names are not in the file, or none is."""
    if all(_number(stream.get("nb_read_packets")) == 0 for stream in streams):
        raise Unfit("broken-media")
    for stream in streams:
        named, read = _number(stream.get("nb_frames")), _number(stream.get("nb_read_packets"))
        if read < named * MISSING_SHARE:
            raise Unfit("truncated-media")
        ends = _number(stream.get("start_time")) + _number(stream.get("duration"))
        if fragmented and stream.get("codec_type") == "video" and ends and ends < seconds - MISSING_SECONDS:
            raise Unfit("truncated-media")


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):  # ffprobe leaves out what it does not know, or says N/A
        return 0.0
