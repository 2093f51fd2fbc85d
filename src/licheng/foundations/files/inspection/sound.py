"""The frames of an MP3, walked one by one, and the tags around them.

Source: ISO/IEC 11172-3 and 13818-3 (frame headers), ID3v2.2-2.4, APEv2.
"""

import re

from licheng.foundations.files.inspection import content, exif
from licheng.foundations.files.inspection.model import Unfit
from licheng.foundations.files.inspection.tails import hidden_in

ID3_HEADER = 10
BITRATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
}
RATES = (44_100, 48_000, 32_000)
SLOWER = {3: 1, 2: 2, 0: 4}  # by version bits: MPEG 1, 2, 2.5
MPEG_1 = 3
LEAST_FRAMES = 3
LEAST_SHARE = 0.8  # of what stands between the tags; players hop over a damaged frame, not over another file
MAX_SKIPS = 1_000
SYNC = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
TAG_END = (b"TAG", b"APETAGEX", b"LYRICS", b"ID3", b"3DI")
# frames of private data, attached objects, owner, and position in ID3v2.2 and later
PRIVATE = (b"PRIV", b"GEOB", b"OWNE", b"USER\x00")
PLACE = re.compile(rb"(?:TXXX|COMM).{0,64}?(?:GPS|geo:|[+-]\d{1,2}\.\d{3,}[+-]\d{1,3}\.\d{3,})", re.DOTALL)


class Frames:
    """What a walk over all frames found: how many bytes are sound, how long it is, what the tags hold."""

    def __init__(self, data: bytes) -> None:
        self.codes: set[str] = set()
        self.data = data
        self.count = self.sound_bytes = self.skips = 0
        self.seconds = 0.0
        self.start = self._after_tags()
        self.end = self.start
        self._walk()

    def _after_tags(self) -> int:
        """Where the sound starts: behind padding and ID3v2 tags."""
        place = self._after_zeros(0)
        while self.data[place : place + 3] == b"ID3" and place + ID3_HEADER <= len(self.data):
            size = 0
            for byte in self.data[place + 6 : place + 10]:
                size = size << 7 | byte & 0x7F
            tag = self.data[place : place + ID3_HEADER + size]
            if any(name in tag for name in PRIVATE):
                self.codes.add(exif.PERSONAL)
            if PLACE.search(tag):
                self.codes.add(exif.LOCATION)
            place = self._after_zeros(place + ID3_HEADER + size)
        return place

    def _after_zeros(self, place: int) -> int:
        found = re.compile(rb"[^\x00]").search(self.data, place)
        return found.start() if found else len(self.data)

    def _walk(self) -> None:
        place = self.start
        while place + 4 <= len(self.data):
            length, seconds = _frame(self.data[place : place + 4])
            if length:
                self.count += 1
                self.sound_bytes += min(length, len(self.data) - place)
                self.seconds += seconds
                place += length
                self.end = place
                continue
            if self.data.startswith(TAG_END, place):
                return
            found = SYNC.search(self.data, place + 1)
            self.skips += 1
            if found is None or self.skips > MAX_SKIPS:
                return
            place = found.start()

    def check(self) -> None:
        """Raise Unfit unless this is sound from the first tag to the last."""
        tail = self.data[self.end :].lstrip(b"\x00")
        hidden = hidden_in(tail) if tail else ""
        if hidden:
            raise Unfit("hidden-content", what=hidden)
        between = max(1, len(self.data) - self.start - len(self.data[self.end :]))
        if self.count < LEAST_FRAMES or self.sound_bytes < between * LEAST_SHARE:
            raise Unfit("broken-media")


def _frame(header: bytes) -> tuple[int, float]:
    """Length in bytes and in seconds of the frame that this header begins; zeros when it begins none."""
    if content.mpeg_layer(header) != content.LAYER_3:
        return 0, 0.0
    version = header[1] >> 3 & 3
    rate = RATES[header[2] >> 2 & 3] // SLOWER[version]
    kilobits = BITRATES[version == MPEG_1][header[2] >> 4]
    samples = 1152 if version == MPEG_1 else 576
    padding = header[2] >> 1 & 1
    return samples // 8 * kilobits * 1000 // rate + padding, samples / rate
