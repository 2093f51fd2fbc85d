"""A copy on another host, reached through its agent: what it says counts only if its pinned key signed it."""

import atexit
import errno
import functools
import os
import secrets
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from licheng.foundations.custody.signed import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    VOLUME_HEADER,
    Said,
    open_answer,
    public_key,
)
from licheng.foundations.custody.streams import arriving
from licheng.foundations.custody.volumes import CopyState, Mount, Stored, VolumeIdentity, WrongVolume
from licheng.foundations.durable import CHUNK_BYTES

# Own bounds, in seconds: a host that is away is known soon; hashing a large file may take a while.
TIMEOUT = httpx.Timeout(60, connect=5, pool=30)
_making = threading.Lock()
TRIES = 2  # every question may be asked again: a put is of the same hash, a removal of the same name


@dataclass(frozen=True, slots=True)
class AgentCopy:
    """A copy behind an agent. Methods raise OSError when it is away, refuses or cannot prove itself."""

    name: str
    url: str
    keys: Path
    expected: VolumeIdentity | None = None

    @classmethod
    def at(cls, name: str, url: str, keys: Path, expected: VolumeIdentity | None) -> "AgentCopy":
        """The copy at an address; token and pinned key are in the folder of the agents' keys."""
        return cls(name, url.rstrip("/"), keys, expected)

    def put(self, source: BinaryIO, sha256: str, *, may_use_reserve: bool = True) -> Stored:
        """Send an open file; what the agent read back after it stored it."""
        size = source.seek(0, os.SEEK_END)

        def content() -> Iterator[bytes]:
            source.seek(0)
            return iter(lambda: source.read(CHUNK_BYTES), b"")

        address = f"/files/{sha256}" + ("?repair" if may_use_reserve else "")
        said = self._ask("PUT", address, sha256=sha256, content=content, size=size)
        with _understood(self.name):
            stored = Stored(said["sha256"], int(said["size"]), uuid.UUID(said["volume"]), int(said["epoch"]))
        if (said.get("operation"), stored.size) != ("put", size):
            raise OSError(f"copy {self.name} stored {stored.size} bytes of {size}")
        return stored

    def state(self, sha256: str) -> CopyState:
        """What the agent gives back for a hash; it reads and hashes the whole file itself."""
        said = self._ask("POST", f"/files/{sha256}/check", sha256=sha256)
        if said.get("operation") != "check" or said.get("state") not in set(CopyState):
            raise OSError(f"copy {self.name} does not say how {sha256} is")
        return CopyState(said["state"])

    def holds(self, sha256: str) -> bool:
        """Whether the agent gives back exactly the bytes of this hash."""
        return self.state(sha256) == CopyState.GOOD

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as they come, unchecked. Raises FileNotFoundError when the agent says there are none."""
        with ExitStack() as opened:
            nonce = secrets.token_hex(16)
            answer = opened.enter_context(self._stream("GET", f"/files/{sha256}", nonce))
            if answer.status_code != HTTPStatus.OK:
                self._heard(answer, nonce, sha256)
                raise FileNotFoundError(errno.ENOENT, f"copy {self.name} has no {sha256}")
            return arriving(answer.iter_bytes(CHUNK_BYTES), opened.pop_all().close, httpx.HTTPError)

    def hashes(self) -> Iterator[str]:
        """The names of all files, sorted. Raises OSError when the list was cut short."""
        nonce, count, last = secrets.token_hex(16), 0, ""
        with self._stream("GET", "/files/", nonce) as answer:
            if answer.status_code != HTTPStatus.OK:
                self._heard(answer, nonce)
            for line in answer.iter_lines():
                if last := line if line.startswith("end ") else "":
                    break
                count += 1
                yield line
        if last != f"end {count}":
            raise OSError(f"the list of copy {self.name} was cut short")

    def set_aside(self, sha256: str) -> None:
        """Have a changed file moved out of the way."""
        self._ask("POST", f"/files/{sha256}/aside", sha256=sha256)

    def remove(self, sha256: str) -> None:
        """Take a file away; only a process that has the removal token can."""
        self._ask("DELETE", f"/files/{sha256}", sha256=sha256, token="removal-token")  # noqa: S106 -- a file's name

    def sweep(self, older_than: timedelta) -> int:
        """Have leftovers removed; how many files."""
        with _understood(self.name):
            return int(self._ask("POST", f"/sweep?older={int(older_than.total_seconds())}")["removed"])

    def free_bytes(self) -> int:
        """Space left on the agent's device."""
        with _understood(self.name):
            return int(self._ask("GET", "/volume")["free"])

    def keep_reserve(self, size: int) -> bool:
        """Have space held back."""
        return self._ask("POST", f"/reserve?bytes={size}").get("kept") is True

    def release_reserve(self) -> None:
        """Give the reserve up; the agent does so itself when it finds its device full."""
        self._ask("POST", "/reserve/released")

    def identity(self) -> VolumeIdentity | None:
        """Which volume stands there."""
        with _understood(self.name):
            said = self._ask("GET", "/volume")["identity"]
        return VolumeIdentity.from_text(said) if said else None

    def set_identity(self, identity: VolumeIdentity) -> None:
        """Write which volume it is."""
        text = identity.as_text().encode()
        said = self._ask("PUT", "/volume", content=lambda: iter([text]), size=len(text))
        if not identity.is_same(VolumeIdentity.from_text(said.get("identity") or "")):
            raise OSError(f"copy {self.name} did not keep its identity")

    def mount(self) -> Mount:
        """What the agent's folder stands on; its device number means something on its own host only."""
        with _understood(self.name):
            said = self._ask("GET", "/volume")["mount"]
            return Mount(said["filesystem"], said["source"], said["target"], int(said["device"]))

    def _ask(
        self,
        method: str,
        address: str,
        *,
        sha256: str = "",
        content: Callable[[], Iterator[bytes]] | None = None,
        size: int = 0,
        token: str = "token",  # noqa: S107 -- a file's name
    ) -> Said:
        """Ask a question and hear the signed answer."""
        nonce = secrets.token_hex(16)
        with self._stream(method, address, nonce, content=content, size=size, token=token) as answer:
            return self._heard(answer, nonce, sha256)

    @contextmanager
    def _stream(
        self,
        method: str,
        address: str,
        nonce: str,
        *,
        content: Callable[[], Iterator[bytes]] | None = None,
        size: int = 0,
        token: str = "token",  # noqa: S107 -- a file's name
    ) -> Iterator[httpx.Response]:
        headers = {NONCE_HEADER: nonce, "Authorization": f"Bearer {self._secret(token)}"}
        if self.expected:
            headers[VOLUME_HEADER] = f"{self.expected.uuid}:{self.expected.epoch}"
        if content:
            headers["Content-Length"] = str(size)
        client = _client(self.url, self.keys / f"{self.name}.ca")
        with ExitStack() as opened:
            for last in range(TRIES):
                body = content() if content else None
                asked = client.stream(method, self.url + address, headers=headers, content=body)
                try:
                    answer = opened.enter_context(asked)
                    break
                except httpx.HTTPError as failure:
                    if last == TRIES - 1:
                        raise OSError(f"copy {self.name} does not answer: {failure}") from failure
            try:
                yield answer
            except httpx.HTTPError as failure:
                raise OSError(f"copy {self.name} broke off: {failure}") from failure

    def _heard(self, answer: httpx.Response, nonce: str, sha256: str = "") -> Said:
        """What was said, if it is proven, about this file, from this volume, and no refusal."""
        said = open_answer(
            self._pinned(), answer.read(), answer.headers.get(SIGNATURE_HEADER, ""), nonce=nonce
        )
        if said.get("name") != self.name:
            raise OSError(f"copy {self.name}: agent {said.get('name')} answered")
        if answer.status_code == HTTPStatus.CONFLICT:
            raise WrongVolume(str(said.get("problem")))
        if answer.is_error and not _is_missing(answer, said):
            full = answer.status_code == HTTPStatus.INSUFFICIENT_STORAGE
            raise OSError(errno.ENOSPC if full else errno.EIO, f"copy {self.name}: {said.get('problem')}")
        if sha256:
            self._require_about(said, sha256)
        return said

    def _require_about(self, said: Said, sha256: str) -> None:
        """An answer about a file names it, and the volume that was opened."""
        if said.get("sha256") != sha256:
            raise OSError(f"copy {self.name} answered about another file")
        found = (said.get("volume"), said.get("epoch"))
        if self.expected and found != (str(self.expected.uuid), self.expected.epoch):
            raise WrongVolume(f"copy {self.name} answered from another volume: {found}")

    def _secret(self, kind: str) -> str:
        try:
            return (self.keys / f"{self.name}.{kind}").read_text(encoding="ascii").strip()
        except OSError as failure:  # not FileNotFoundError: that would mean a file of the copy
            raise PermissionError(errno.EACCES, f"no {kind} for copy {self.name} here") from failure

    def _pinned(self) -> Ed25519PublicKey:
        try:
            return public_key(self.keys / f"{self.name}.pub")
        except (OSError, ValueError) as failure:
            raise PermissionError(errno.EACCES, f"no pinned key for copy {self.name} here") from failure


def _is_missing(answer: httpx.Response, said: Said) -> bool:
    """Whether the agent itself says that it has no such file; any other 404 is somebody else's."""
    return answer.status_code == HTTPStatus.NOT_FOUND and said.get("state") == CopyState.MISSING


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """An answer that lacks what was asked for, or says it in another form, is a failure of the agent."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as failure:
        raise OSError(f"copy {name} answered what nobody can read: {failure!r}") from failure


def _client(url: str, authority: Path) -> httpx.Client:
    """Connections to one agent, kept for the process and shared by its threads."""
    with _making:
        return _made(url, authority if authority.exists() else None)


@functools.lru_cache
def _made(url: str, authority: Path | None) -> httpx.Client:
    """A client; a pinned authority replaces the system's."""
    trusted: bool | ssl.SSLContext = url.startswith("https://")
    if trusted and authority:
        trusted = ssl.create_default_context(cafile=authority)
    client = httpx.Client(timeout=TIMEOUT, verify=trusted, trust_env=False)
    atexit.register(client.close)
    return client
