"""What a copy agent answers: a WSGI application over one folder. Needs no Django."""

import errno
import hmac
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licheng.foundations.custody.folder import FULL, FolderCopy
from licheng.foundations.custody.signed import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    VOLUME_HEADER,
    Said,
    seal_answer,
)
from licheng.foundations.custody.volumes import CopyState, VolumeIdentity, WrongVolume
from licheng.foundations.durable import CHUNK_BYTES

log = logging.getLogger(__name__)
FILE = re.compile(r"/files/([0-9a-f]{64})(/check|/aside)?")
NONCE = re.compile(r"[0-9a-f]{32}")
MOST_JSON_BYTES = 4096  # own bound: an identity is a tenth of it
NAMES_AT_ONCE = 1000

type Environ = Mapping[str, Any]
type Start = Callable[[str, list[tuple[str, str]]], object]


class Refused(Exception):
    """The question is not answered; why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, signed; or bytes that are not, whose hash the asker knows."""

    said: Said = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK
    pieces: Iterable[bytes] | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The application: one copy, its key, and the tokens of those who may ask."""

    copy: FolderCopy
    key: Ed25519PrivateKey
    token: str
    removal_token: str | None
    limit_bytes: int

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one question; what goes wrong is an answer too, signed as well."""
        try:
            answer = self._answer(environ)
        except Refused as refused:
            answer = Answer({"problem": refused.why}, refused.status)
        except WrongVolume as wrong:
            answer = Answer({"problem": str(wrong)}, HTTPStatus.CONFLICT)
        except OSError as failure:
            log.exception("the device of this copy failed")
            full = failure.errno in FULL or failure.errno == errno.EROFS
            status = HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.SERVICE_UNAVAILABLE
            answer = Answer({"problem": f"the device failed: {failure.strerror or failure}"}, status)
        return self._send(answer, environ, start)

    def _send(self, answer: Answer, environ: Environ, start: Start) -> Iterable[bytes]:
        status = f"{answer.status.value} {answer.status.phrase}"
        if answer.pieces is not None:
            length = [] if answer.length is None else [("Content-Length", str(answer.length))]
            start(status, [("Content-Type", "application/octet-stream"), *length])
            return answer.pieces
        told = {
            "nonce": _header(environ, NONCE_HEADER),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        body, signature = seal_answer(self.key, {**answer.said, **told, "name": self.copy.name})
        sent = [("Content-Type", "application/json"), (SIGNATURE_HEADER, signature)]
        start(status, [*sent, ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: Environ) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self._require_right(environ, removes=method == "DELETE")
        if NONCE.fullmatch(_header(environ, NONCE_HEADER)) is None:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{NONCE_HEADER} is missing")
        copy = self._held(environ)
        if match := FILE.fullmatch(path):
            return self._about_file(copy, method, match[1], match[2] or "", environ)
        return self._about_copy(copy, method, path, environ)

    def _require_right(self, environ: Environ, *, removes: bool) -> None:
        wanted = self.removal_token if removes else self.token
        given = _header(environ, "Authorization")
        if wanted is None or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
            why = "removing needs the removal token" if removes else "a token of this agent is needed"
            raise Refused(HTTPStatus.FORBIDDEN if removes else HTTPStatus.UNAUTHORIZED, why)

    def _held(self, environ: Environ) -> FolderCopy:
        """The copy, held to the volume that the asker knows."""
        given = _header(environ, VOLUME_HEADER)
        if not given:
            return self.copy
        try:
            volume, epoch = given.split(":")
            expected = VolumeIdentity(uuid.UUID(volume), int(epoch), "")
        except ValueError as failure:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{VOLUME_HEADER} is unreadable") from failure
        return FolderCopy(self.copy.name, self.copy.root, expected)

    def _about_file(self, copy: FolderCopy, method: str, sha256: str, what: str, environ: Environ) -> Answer:
        match method, what:
            case "PUT", "":
                return self._put(copy, sha256, environ)
            case "GET", "":
                return self._get(copy, sha256)
            case "POST", "/check":
                return Answer(
                    {"operation": "check", "sha256": sha256, "state": copy.state(sha256), **_volume(copy)}
                )
            case "POST", "/aside":
                copy.set_aside(sha256)
                return Answer({"operation": "aside", "sha256": sha256, **_volume(copy)})
            case "DELETE", "":
                copy.remove(sha256)
                return Answer({"operation": "remove", "sha256": sha256, **_volume(copy)})
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "not with this method")

    def _put(self, copy: FolderCopy, sha256: str, environ: Environ) -> Answer:
        size = _length(environ, self.limit_bytes)
        is_repair = "repair" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        arriving = _arriving(environ["wsgi.input"], size)
        try:
            stored = copy.keep(arriving, sha256, may_use_reserve=is_repair)
        finally:
            for _rest in arriving:  # whoever sends is heard out, or he would not hear the answer
                pass
        facts = {
            "sha256": stored.sha256,
            "size": stored.size,
            "volume": str(stored.volume),
            "epoch": stored.epoch,
        }
        return Answer({"operation": "put", **facts}, HTTPStatus.CREATED)

    def _get(self, copy: FolderCopy, sha256: str) -> Answer:
        try:
            file = copy.open(sha256)
        except FileNotFoundError:
            missing = {"operation": "get", "sha256": sha256, "state": CopyState.MISSING, **_volume(copy)}
            return Answer(missing, HTTPStatus.NOT_FOUND)
        return Answer(pieces=_pieces(file), length=copy.path(sha256).stat().st_size)

    def _about_copy(self, copy: FolderCopy, method: str, path: str, environ: Environ) -> Answer:
        match method, path:
            case "GET", "/files/":
                return Answer(pieces=_names(copy.hashes()))
            case "GET", "/volume":
                return self._volume()
            case "PUT", "/volume":
                self.copy.set_identity(VolumeIdentity.from_text(_read_all(environ, MOST_JSON_BYTES)))
                return self._volume()
            case "POST", "/sweep":
                removed = copy.sweep(timedelta(seconds=_number(environ, "older")))
                return Answer({"operation": "sweep", "removed": removed})
            case "POST", "/reserve":
                return Answer({"operation": "reserve", "kept": copy.keep_reserve(_number(environ, "bytes"))})
            case "POST", "/reserve/released":
                copy.release_reserve()
                return Answer({"operation": "reserve", "kept": False})
        raise Refused(HTTPStatus.NOT_FOUND, "no such question")

    def _volume(self) -> Answer:
        identity, mount = self.copy.identity(), self.copy.mount()
        said = {"identity": identity.as_text() if identity else None, "free": self.copy.free_bytes()}
        stands = {"filesystem": mount.filesystem, "source": mount.source, "target": mount.target}
        return Answer({"operation": "volume", **said, "mount": {**stands, "device": mount.device}})


def _header(environ: Environ, name: str) -> str:
    value = environ.get("HTTP_" + name.upper().replace("-", "_"), "")
    return str(value)


def _volume(copy: FolderCopy) -> Said:
    """Which volume answered; nothing about one that was never opened."""
    identity = copy.identity()
    return {"volume": str(identity.uuid), "epoch": identity.epoch} if identity else {}


def _length(environ: Environ, most: int) -> int:
    given = str(environ.get("CONTENT_LENGTH") or "")
    if not given.isdecimal():
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
    if int(given) > most:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {most} bytes")
    return int(given)


def _arriving(body: BinaryIO, size: int) -> Iterator[bytes]:
    """The bytes of a body as they come; one that ends early is found out by its hash."""
    while size > 0 and (piece := body.read(min(size, CHUNK_BYTES))):
        size -= len(piece)
        yield piece


def _read_all(environ: Environ, most: int) -> bytes:
    return b"".join(_arriving(environ["wsgi.input"], _length(environ, most)))


def _number(environ: Environ, name: str) -> int:
    given = parse_qs(environ.get("QUERY_STRING", "")).get(name, [""])[0]
    if not given.isdecimal():
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be a whole number")
    return int(given)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _names(hashes: Iterator[str]) -> Iterator[bytes]:
    """One name a line; the last line says how many, so that a list that was cut short is no list."""
    count, lines = 0, []
    for sha256 in hashes:
        count += 1
        lines.append(sha256)
        if len(lines) == NAMES_AT_ONCE:
            yield "".join(f"{line}\n" for line in lines).encode()
            lines.clear()
    yield "".join(f"{line}\n" for line in (*lines, f"end {count}")).encode()
