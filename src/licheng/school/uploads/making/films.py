"""Film and sound fitted to a limit: the bitrate is what the limit leaves, the frame follows the bitrate."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from licheng.school.uploads.making.results import (
    Answer,
    Impossible,
    answering,
    lengths,
    made,
    size_text,
    tell,
)

MAX_SECONDS = 20 * 60  # own bound: ten times what 10 MB holds well, and ten minutes of work
MAX_FRAME = 4096 * 2304  # own bound: 4K, upright or lying
PROBE_SECONDS = 20
SHARE = 0.96  # of the limit; the rest is the container and the encoder's freedom
TRIES = 3
# Only containers that hold their own sound and picture: a playlist could name other files of this machine.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,aac,ogg,flac,avi,mpegts,mpeg,asf,amr"
READ_ONLY_FILES = ["-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS]
# Shorter edge of the frame → the least bits a second at which it is worth it. Own bounds, by eye.
LADDER = ((1080, 2_200_000), (720, 900_000), (480, 380_000), (360, 200_000), (240, 0))
LEAST_VIDEO, LEAST_SOUND = 48_000, 24_000  # bits a second: below this nobody can follow it
MP3_RATES = (320, 256, 192, 160, 128, 112, 96, 80, 64, 56, 48, 40, 32)  # MPEG-1 layer III, kbit a second
MONO_BELOW = 64
HDR = {"smpte2084", "arib-std-b67"}
TO_SDR = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,"
)


@dataclass(frozen=True, slots=True)
class Best:
    """The best a quality gives: shorter edge, bits a second of picture and sound, frames a second."""

    edge: int
    video: int
    sound: int
    frames: int


BOUNDS = {
    "high": Best(1080, 4_000_000, 160_000, 30),
    "medium": Best(720, 1_000_000, 96_000, 30),
    "small": Best(360, 320_000, 48_000, 24),
}


@dataclass(frozen=True, slots=True)
class Probed:
    """What ffprobe says of a source."""

    seconds: float
    width: int
    height: int
    frames: float
    is_hdr: bool
    has_sound: bool

    @property
    def has_video(self) -> bool:
        """Whether there is a moving picture; a record's cover is none."""
        return self.width > 0


@answering
def fit(*, source: str, folder: str, limit_bytes: int, quality: str, allowed: list[str]) -> Answer:
    """Make an MP4 (H.264, AAC) or MP3 of at most `limit_bytes` out of what phones and cameras record."""
    home = Path(folder)
    about = probed(Path(source))
    if about.has_video and "video/mp4" in allowed:
        return _film(source, home, about, limit_bytes, BOUNDS[quality])
    if about.has_sound and "audio/mpeg" in allowed:
        return _sound(source, home, about, limit_bytes, BOUNDS[quality])
    raise Impossible("unknown-kind")


def probed(path: Path) -> Probed:
    """Length, frame and streams of a source within bounds.

    Raises Impossible when ffprobe cannot read it, it is too long or its frame too large.
    """
    program = shutil.which("ffprobe")
    if program is None or shutil.which("ffmpeg") is None:
        raise Impossible("tool-missing")
    command = [program, "-v", "error", *READ_ONLY_FILES, "-show_entries"]
    command += [
        "format=duration:stream=codec_type,width,height,avg_frame_rate,color_transfer:stream_disposition=attached_pic"
    ]
    command += ["-of", "json", str(path)]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=PROBE_SECONDS, check=True)
        report = json.loads(answer.stdout)
        seconds = float(report["format"]["duration"])
    except (subprocess.SubprocessError, ValueError, KeyError) as broken:
        raise Impossible("unreadable") from broken
    streams = report.get("streams", [])
    moving = [one for one in streams if one.get("codec_type") == "video" and not _is_cover(one)]
    first = moving[0] if moving else {}
    found = Probed(
        seconds=seconds,
        width=int(first.get("width", 0)),
        height=int(first.get("height", 0)),
        frames=_rate(str(first.get("avg_frame_rate", "0/1"))),
        is_hdr=first.get("color_transfer") in HDR,
        has_sound=any(one.get("codec_type") == "audio" for one in streams),
    )
    _within_bounds(found)
    return found


def _is_cover(stream: dict[str, dict[str, int]]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _rate(text: str) -> float:
    above, _slash, below = text.partition("/")
    return float(above) / float(below) if below and float(below) else 0.0


def _within_bounds(found: Probed) -> None:
    if not 0 < found.seconds <= MAX_SECONDS:
        if found.seconds <= 0:
            raise Impossible("unreadable")
        raise Impossible("too-long", **lengths(length=found.seconds, most=MAX_SECONDS))
    if found.width * found.height > MAX_FRAME:
        raise Impossible("frame-too-large", width=found.width, height=found.height)


def _film(source: str, home: Path, about: Probed, limit_bytes: int, best: Best) -> Answer:
    path = home / "result.mp4"
    share = SHARE
    for tried in range(TRIES):
        video, sound = _rates(about, limit_bytes, best, share)
        edge = next(edge for edge, least in LADDER if video >= least and edge <= best.edge)
        _encode(_film_command(source, path, about, best, (edge, video, sound)), home, about.seconds, tried)
        size = path.stat().st_size
        if size <= limit_bytes:
            return _told_film(path, (video + sound) // 1000)
        share *= limit_bytes / size * 0.97
    raise Impossible("stays-large", size=size_text(size), limit=size_text(limit_bytes))


def _told_film(path: Path, kilobits: int) -> Answer:
    film = probed(path)
    frame = f"{film.width}×{film.height}"
    zh = f"轉成 H.264 的 MP4，畫面 {frame}，每秒約 {kilobits} kbit；拍攝地點等附帶資料已移除。"
    en = f"Saved as H.264 MP4, frame {frame}, about {kilobits} kbit/s; location and other data removed."
    facts = {"width": film.width, "height": film.height, "seconds": round(film.seconds, 1)}
    return made(path, "video/mp4", zh, en, **facts)


def _rates(about: Probed, limit_bytes: int, best: Best, share: float) -> tuple[int, int]:
    """Bits a second for picture and sound. Raises Impossible below what can be followed."""
    total = int(limit_bytes * 8 * share / about.seconds)
    sound = min(best.sound, max(LEAST_SOUND, total // 8)) if about.has_sound else 0
    video = min(best.video, total - sound)
    if video < LEAST_VIDEO:
        raise _too_long(about, limit_bytes, LEAST_VIDEO + sound)
    return video, sound


def _too_long(about: Probed, limit_bytes: int, least: int) -> Impossible:
    fits = min(limit_bytes * 8 * SHARE / least, MAX_SECONDS)
    texts = lengths(length=about.seconds, most=fits)
    return Impossible("too-long-for-limit", limit=size_text(limit_bytes), **texts)


def _film_command(
    source: str, path: Path, about: Probed, best: Best, plan: tuple[int, int, int]
) -> list[str]:
    edge, video, sound = plan
    wide = f"if(gt(iw,ih),-2,trunc(min({edge},iw)/2)*2)"
    high = f"if(gt(iw,ih),trunc(min({edge},ih)/2)*2,-2)"
    picture = f"scale=w='{wide}':h='{high}'"
    frames = min(best.frames, 24 if video < LADDER[2][1] else best.frames)
    if about.frames > frames or not about.frames:
        picture += f",fps={frames}"
    picture += f",{TO_SDR if about.is_hdr else ''}format=yuv420p,setsar=1"
    command = [*_begin(source), "-map", "0:v:0", "-map", "0:a:0?", "-vf", picture]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-b:v", str(video)]
    command += ["-maxrate", str(video * 3 // 2), "-bufsize", str(video * 3), "-threads", "2"]
    if about.has_sound:
        channels = ["-ac", "1"] if sound < MONO_BELOW * 1000 else ["-ac", "2"]
        command += ["-c:a", "aac", "-b:a", str(sound), *channels]
    return [*command, "-movflags", "+faststart", "-f", "mp4", str(path)]


def _sound(source: str, home: Path, about: Probed, limit_bytes: int, best: Best) -> Answer:
    path = home / "result.mp3"
    fits = min(limit_bytes * 8 * SHARE / about.seconds, best.sound * 1.2) / 1000
    rate = next((rate for rate in MP3_RATES if rate <= fits), None)
    if rate is None:
        raise _too_long(about, limit_bytes, MP3_RATES[-1] * 1000)
    command = [*_begin(source), "-map", "0:a:0", "-c:a", "libmp3lame", "-b:a", f"{rate}k", "-ar", "44100"]
    command += ["-ac", "1" if rate < MONO_BELOW else "2", "-id3v2_version", "0", "-f", "mp3", str(path)]
    _encode(command, home, about.seconds, 0)
    if path.stat().st_size > limit_bytes:
        raise Impossible("stays-large", size=size_text(path.stat().st_size), limit=size_text(limit_bytes))
    zh = f"轉成每秒 {rate} kbit 的 MP3；標題、封面等附帶資料已移除。"
    en = f"Saved as MP3 at {rate} kbit/s; title, cover and other data removed."
    return made(path, "audio/mpeg", zh, en, seconds=round(about.seconds, 1), kilobits=rate)


def _begin(source: str) -> list[str]:
    program = shutil.which("ffmpeg") or "ffmpeg"
    begin = [
        program,
        "-hide_banner",
        "-nostdin",
        "-y",
        "-v",
        "error",
        "-progress",
        "pipe:1",
        *READ_ONLY_FILES,
    ]
    return [*begin, "-i", source, "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"]


def _encode(command: list[str], home: Path, seconds: float, tried: int) -> None:
    """Run ffmpeg and pass its progress on; a second try starts again from nothing.

    Raises Impossible when it cannot decode the source.
    """
    with (
        (home / "said").open("wb") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as program,
    ):
        for line in program.stdout or ():
            name, _equals, value = line.decode().strip().partition("=")
            if name == "out_time_us" and value.isdecimal():
                tell(home, (5 + int(value) / 10_000 / seconds * 0.9) if not tried else 97)
    if program.returncode:
        raise Impossible("unreadable")
