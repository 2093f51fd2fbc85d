"""The malware scanner: clamd's INSTREAM over its own socket. Nothing counts as clean unless clamd says so."""

import logging
import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Self

from django.conf import settings

PIECE_BYTES = 128 * 2**10
ANSWER_BYTES = 4096
PARTLY_READ = "Heuristics.Limits.Exceeded"  # clamd with AlertExceedsMax: it looked at a part only
# The agreed test pattern of the anti-malware trade, turned round so that nothing finds it in this file.
EICAR = b"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X"[::-1]
log = logging.getLogger(__name__)


class Said(StrEnum):
    """What came of asking the scanner."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too-large"  # its own bounds are below the ones of the uploads: an operator must raise them
    UNANSWERED = "unanswered"
    NOT_ASKED = "not-asked"  # no scanner is configured


@dataclass(frozen=True, slots=True)
class Answer:
    """The scanner's answer; `signature` names what it found."""

    said: Said
    signature: str = ""


def ask(source: BinaryIO, *, wait_seconds: float) -> Answer:
    """Let the configured scanner look at an open file, from its start, for at most `wait_seconds`."""
    if not settings.SCANNER:
        return Answer(Said.NOT_ASKED)
    source.seek(0)
    try:
        with _Line(settings.SCANNER, wait_seconds) as line:
            return _understood(line.converse(source))
    except OSError as silent:  # a timeout is one as well
        log.warning("the scanner at %s does not answer: %s", settings.SCANNER, silent)
        return Answer(Said.UNANSWERED)


def _understood(text: str) -> Answer:
    words = text.removeprefix("stream: ")
    if words == "OK":
        return Answer(Said.CLEAN)
    if words.endswith(" FOUND"):
        signature = words.removesuffix(" FOUND")
        if not signature.startswith(PARTLY_READ):
            return Answer(Said.INFECTED, signature)
    elif "size limit exceeded" not in words:
        log.error("the scanner answered %r", text)
        return Answer(Said.UNANSWERED)
    log.error("the scanner takes no file of this size (raise its StreamMaxLength and MaxFileSize): %s", text)
    return Answer(Said.TOO_LARGE)


class _Line:
    """One connection to clamd, with one deadline for everything that is said on it."""

    def __init__(self, address: str, wait_seconds: float) -> None:
        self.until = time.monotonic() + wait_seconds
        kind, _colon, place = address.partition(":")
        if kind == "unix":
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.place: str | tuple[str, int] = place
        else:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            host, _colon, port = place.rpartition(":")
            self.place = (host, int(port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def converse(self, source: BinaryIO) -> str:
        """Send the whole file and read the one answer. Source: clamd(8), INSTREAM."""
        self._patience()
        self.socket.connect(self.place)
        try:
            self._send(b"zINSTREAM\0")
            while piece := source.read(PIECE_BYTES):
                self._send(struct.pack("!I", len(piece)) + piece)
            self._send(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            log.info("the scanner stopped listening; it may still say why")
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < ANSWER_BYTES:
            self._patience()
            if not (piece := self.socket.recv(ANSWER_BYTES)):
                break
            answer += piece
        if not answer.endswith(b"\0"):
            raise ConnectionError("the connection ended before an answer")
        return answer.rstrip(b"\0").decode(errors="replace").strip()

    def _send(self, data: bytes) -> None:
        self._patience()
        self.socket.sendall(data)

    def _patience(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self.socket.settimeout(left)
