"""Sound and film of every kind an upload has to judge; ffmpeg makes the good ones, code breaks them."""

import functools
import struct
import subprocess
import tempfile
from pathlib import Path

from tests.foundations.hostile_files import ZIP, Case, picture

COLOURS = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=10:d=3")
TONE = ("-f", "lavfi", "-i", "sine=f=440:d=3")
H264, AAC = ("-c:v", "libx264", "-pix_fmt", "yuv420p"), ("-c:a", "aac")


@functools.cache
def made(ending: str, *words: str) -> bytes:
    """What ffmpeg writes for these words."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, f"x.{ending}")
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *words, out], check=True, timeout=60)
        return out.read_bytes()


def film(*words: str, ending: str = "mp4") -> bytes:
    return made(ending, *COLOURS, *TONE, *H264, *AAC, "-shortest", *words)


def sound(*words: str) -> bytes:
    return made("mp3", *TONE, "-b:a", "64k", *words)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def in_user_data(content: bytes) -> bytes:
    """A film whose index ends with one more box of user data; the places of its samples stay right."""
    data = film()
    at = data.index(b"moov") - 4
    length = int.from_bytes(data[at : at + 4])
    added = box(b"udta", content)
    assert data.index(b"mdat") < at
    return (
        data[:at]
        + struct.pack(">I", length + len(added))
        + data[at + 4 : at + length]
        + added
        + data[at + length :]
    )


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    body = b"".join(struct.pack(">4sIH", name, len(content), 0) + content for name, content in frames)
    size = len(body)
    return b"ID3\x03\x00\x00" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def shrunk_mdat(data: bytes, share: float) -> bytes:
    """Cut like an interrupted upload, with the length of the last box set right again."""
    at = data.index(b"mdat") - 4
    short = cut(data, share)
    return short[:at] + struct.pack(">I", len(short) - at) + short[at + 4 :]


def trimmed() -> bytes:
    """A film of which the edit list plays a part; the samples that are not played are still there."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "s.mp4"), Path(folder, "x.mp4")
        source.write_bytes(film("-g", "30"))
        words = ["-ss", "1.5", "-i", source, "-t", "0.5", "-c", "copy", out]
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *words], check=True, timeout=60)
        data = out.read_bytes()
    at = data.index(b"elst") + 12  # the first entry plays a fifth of a second of what is there
    return data[:at] + struct.pack(">I", 200) + data[at + 4 :]


FAST = film("-movflags", "+faststart")
VOICE = sound()
BARE_VOICE = sound("-id3v2_version", "0", "-write_xing", "0")
PLACE = b"+25.0330+121.5654/"

MEDIA = [
    Case("film", "a.mp4", film(), "accept"),
    Case("film for the web", "a.mp4", FAST, "accept"),
    Case("film named m4v", "a.M4V", film(), "accept"),
    Case("film in fragments", "a.mp4", film("-movflags", "+frag_keyframe+empty_moov"), "accept"),
    Case("film without sound", "a.mp4", made("mp4", *COLOURS, *H264), "accept"),
    Case("sound in mp4", "a.mp4", made("mp4", *TONE, *AAC), "accept"),
    Case("film with a title", "a.mp4", film("-metadata", "title=期末報告"), "accept"),
    Case("film trimmed by an edit list", "a.mp4", trimmed(), "accept"),
    Case("film padded with zeros", "a.mp4", FAST + bytes(4096), "accept"),
    Case("sound", "a.mp3", VOICE, "accept"),
    Case("sound without tags", "a.mp3", BARE_VOICE, "accept"),
    Case("sound with a name and cover", "a.mp3", id3((b"TIT2", b"\x01\xff\xfe" + "歷程".encode("utf-16-le")), (b"APIC", b"\0image/jpeg\0\3\0" + picture())) + BARE_VOICE, "accept"),
    Case("zeros before the sound", "a.mp3", bytes(2000) + BARE_VOICE, "accept"),
    Case("zeros behind the sound", "a.mp3", VOICE + bytes(5000), "accept"),
    Case("old tag behind the sound", "a.mp3", VOICE + b"TAG" + bytes(125), "accept"),
    Case("sound cut in the middle", "a.mp3", cut(VOICE, 0.6), "accept"),
    Case("place as user data", "a.mp4", in_user_data(box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0) + PLACE)), "sanitise", "location-metadata"),
    Case("place of 3gpp", "a.mp4", in_user_data(box(b"loci", bytes(6) + b"Taipei\0" + bytes(13))), "sanitise", "location-metadata"),
    Case("place as key", "a.mp4", film("-movflags", "use_metadata_tags", "-metadata", f"com.apple.quicktime.location.ISO6709={PLACE.decode()}"), "sanitise", "location-metadata"),
    Case("place before the index", "a.mp4", film("-movflags", "+faststart", "-metadata", f"location={PLACE.decode()}"), "sanitise", "location-metadata"),
    Case("private data in tags", "a.mp3", id3((b"PRIV", b"owner@example.tw\0x")) + BARE_VOICE, "sanitise", "personal-metadata"),
    Case("object in tags", "a.mp3", id3((b"GEOB", b"\0a\0b\0c\0MZ")) + BARE_VOICE, "sanitise", "personal-metadata"),
    Case("film cut at half", "a.mp4", cut(film(), 0.5), "reject", "truncated-media"),
    Case("film for the web cut at a third", "a.mp4", cut(FAST, 0.3), "reject", "truncated-media"),
    Case("cut and mended", "a.mp4", shrunk_mdat(FAST, 0.4), "reject"),
    Case("index only", "a.mp4", box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov") + box(b"mdat"), "reject"),
    Case("20,000 empty boxes", "a.mp4", box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov") + box(b"mdat") + box(b"free") * 20_000, "reject", "truncated-media"),
    Case("boxes within boxes", "a.mp4", box(b"ftyp", b"isom\0\0\2\0isom") + functools.reduce(lambda inner, _n: box(b"moov", inner), range(3_000), b"") + box(b"mdat"), "reject"),
    Case("hevc", "a.mp4", made("mp4", *COLOURS, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none"), "reject", "not-playable"),
    Case("mpeg-2", "a.mp4", made("mp4", *COLOURS, "-c:v", "mpeg2video"), "reject", "not-playable"),
    Case("mpeg-4 part 2", "a.mp4", made("mp4", *COLOURS, "-c:v", "mpeg4"), "reject", "not-playable"),
    Case("dolby sound", "a.mp4", made("mp4", *COLOURS, *TONE, *H264, "-c:a", "ac3"), "reject", "not-playable"),
    Case("quicktime", "a.mov", film(ending="mov"), "reject", "type-not-allowed"),
    Case("quicktime as mp4", "a.mp4", film(ending="mov"), "reject", "type-not-allowed"),
    Case("matroska as mp4", "a.mp4", film(ending="mkv"), "reject", "type-not-allowed"),
    Case("avi as mp4", "a.mp4", made("avi", *COLOURS, "-c:v", "mpeg4"), "reject", "type-not-allowed"),
    Case("wav as mp3", "a.mp3", made("wav", *TONE), "reject", "type-not-allowed"),
    Case("layer 2 as mp3", "a.mp3", made("mp2", *TONE), "reject", "type-not-allowed"),
    Case("aac as mp3", "a.mp3", made("aac", *TONE, *AAC), "reject", "type-not-allowed"),
    Case("film as mp3", "a.mp3", film(), "reject", "name-disagrees"),
    Case("sound as mp4", "a.mp4", VOICE, "reject", "name-disagrees"),
    Case("film as pdf", "a.pdf", film(), "reject", "name-disagrees"),
    Case("zip behind sound", "a.mp3", VOICE + ZIP, "reject", "hidden-content"),
    Case("rar behind sound", "a.mp3", VOICE + b"Rar!\x1a\x07\x00" + bytes(99), "reject", "hidden-content"),
    Case("zip in a free box", "a.mp4", film() + box(b"free", ZIP), "reject", "hidden-content"),
    Case("zip behind a film", "a.mp4", film() + ZIP, "reject"),
    Case("tag and noise", "a.mp3", id3((b"TIT2", b"\0a")) + bytes(range(256)) * 40, "reject", "broken-media"),
    Case("program called film", "a.mp4", b"MZ" + bytes(500), "reject", "type-not-allowed"),
    Case("program as film", "a.mp4", b"\0\0\0\x18ftypisom" + b"MZ" * 200, "reject"),
]  # fmt: skip
