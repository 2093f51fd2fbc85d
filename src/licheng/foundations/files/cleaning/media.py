"""Sound and film packed anew: the same coded sound and pictures, nothing that was noted beside them."""

import subprocess
from pathlib import Path

FFMPEG = "ffmpeg"
# Only this very file is read, by the reader of its own kind: a playlist in disguise would open others.
READING = ("-nostdin", "-v", "error", "-xerror", "-protocol_whitelist", "file")
BARE = (
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
    "-c",
    "copy",
    "-fflags",
    "+bitexact",
    "-flags",
    "+bitexact",
)


def clean_mp4(source: Path, target: Path) -> None:
    """Film, sound and captions without place, time, device, cover, data tracks and hidden boxes.

    Raises ValueError when ffmpeg cannot pack it anew.
    """
    streams = ("-map", "0:V?", "-map", "0:a?", "-map", "0:s?", "-dn")
    _pack(
        ["-f", "mov", "-i", str(source), *streams, *BARE, "-movflags", "+faststart", "-f", "mp4", str(target)]
    )


def clean_mp3(source: Path, target: Path) -> None:
    """Sound without tags and pictures.

    Raises ValueError when ffmpeg cannot pack it anew.
    """
    bare = (*BARE, "-id3v2_version", "0", "-write_id3v1", "0")
    _pack(["-f", "mp3", "-i", str(source), "-map", "0:a:0", *bare, "-f", "mp3", str(target)])


def _pack(arguments: list[str]) -> None:
    ended = subprocess.run([FFMPEG, *READING, *arguments], check=False, capture_output=True)
    if ended.returncode:
        raise ValueError(ended.stderr.decode(errors="replace")[-300:])
