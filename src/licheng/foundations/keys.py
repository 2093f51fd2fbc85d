"""A site's keys: files that only its own user reads, made by `licheng_keys`, never by import.

They stand apart from the database and its backups, so that a stolen copy of one opens nothing of the other.
The secrets `fields` and `index` are rings: the newest key seals, older ones open until they are retired.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from licheng_exchange import SigningKey

from licheng.foundations.durable import publish, temporary_file, write_all

RINGS = ("fields", "index")
MOST_KEYS = 255  # a ciphertext names its key in one byte
# `<id> <64 hexadecimal digits> <when it was added>`; a bare secret is the first key, as first made.
LINE = re.compile(r"(?:(?P<id>[1-9][0-9]{0,2}) )?(?P<hex>[0-9a-f]{64})(?: (?P<added>\S+))?")


class KeyMissing(RuntimeError):
    """A key file does not exist; run `manage.py licheng_keys` once for this site."""


class KeyUnreadable(RuntimeError):
    """A key file does not hold what it should; the message names the file and nothing of its content."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one secret by id; `added_at` is when the newest came, None for a site's first."""

    keys: dict[int, bytes]
    added_at: datetime | None

    @property
    def newest(self) -> int:
        """The key that seals."""
        return max(self.keys)


def _path(name: str) -> Path:
    return Path(settings.KEYS_ROOT) / f"{name}.key"


def make_keys(origin: str) -> list[str]:
    """Make the keys that do not exist yet and name them; existing ones are never touched."""
    root = Path(settings.KEYS_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    fresh = {
        "ledger": SigningKey.generate(f"{origin}").to_text(),
        "signing": SigningKey.generate(f"{origin}/signing").to_text(),
        "fields": secrets.token_hex(32),
        "index": secrets.token_hex(32),
    }
    for name, content in fresh.items():
        if not _path(name).exists():
            descriptor = os.open(_path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content + "\n")
            made.append(name)
    return made


@cache
def _content(path: Path, _stamp: tuple[int, int, int]) -> str:
    return path.read_text(encoding="utf-8").strip()


def _read(path: Path) -> str:
    """A key file, read again whenever it was replaced: a site that runs knows a new key at once."""
    try:
        known = path.stat()
        return _content(path, (known.st_ino, known.st_mtime_ns, known.st_size))
    except FileNotFoundError as missing:
        raise KeyMissing(f"{path.name} is missing; run `manage.py licheng_keys`.") from missing


@cache
def _parsed(name: str, content: str) -> Ring:
    keys: dict[int, bytes] = {}
    added_at = None
    for text in content.splitlines():
        line = LINE.fullmatch(text.strip())
        key_id = int(line["id"] or 1) if line else 0
        if line is None or key_id in keys or key_id > MOST_KEYS:
            raise KeyUnreadable(f"{name}.key is damaged; take it from the backup of the keys.")
        keys[key_id] = bytes.fromhex(line["hex"])
        if key_id == max(keys) and line["added"]:
            added_at = datetime.fromisoformat(line["added"])
    if not keys:
        raise KeyUnreadable(f"{name}.key is empty; take it from the backup of the keys.")
    return Ring(keys, added_at)


def ring(name: str) -> Ring:
    """Every key of a secret that is still in use.

    Raises KeyMissing or KeyUnreadable.
    """
    return _parsed(name, _read(_path(name)))


def add_key(name: str) -> int:
    """Add a key to a ring, durably; from now on it seals. Gives its id.

    Raises KeyUnreadable when the ring is full.
    """
    with _alone():
        here = ring(name)
        key_id = here.newest + 1
        if key_id > MOST_KEYS:
            raise KeyUnreadable(f"{name}.key has no id left for another key.")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = [f"{known} {secret.hex()}" for known, secret in sorted(here.keys.items())]
        _replace(name, [*lines, f"{key_id} {secrets.token_hex(32)} {now}"])
    return key_id


def retire_old_keys(name: str) -> list[int]:
    """Forget every key of a ring but the newest, durably; what they sealed can never be read again."""
    with _alone():
        here = ring(name)
        added = f" {here.added_at:%Y-%m-%dT%H:%M:%SZ}" if here.added_at else ""
        _replace(name, [f"{here.newest} {here.keys[here.newest].hex()}{added}"])
    return sorted(set(here.keys) - {here.newest})


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time changes a ring."""
    path = Path(settings.KEYS_ROOT) / "ring.lock"
    with path.open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(name: str, lines: list[str]) -> None:
    path, data = _path(name), "".join(f"{line}\n" for line in lines).encode()
    known = path.stat()
    with temporary_file(path.parent) as (descriptor, temporary):
        os.fchmod(descriptor, 0o600)
        os.fchown(descriptor, known.st_uid, known.st_gid)  # root may rotate; the site's own user reads
        write_all(descriptor, data)
        publish(descriptor, temporary, path, hashlib.sha256(data).hexdigest())


_signing_key = cache(SigningKey.from_text)


def signing_key(name: str) -> SigningKey:
    """An Ed25519 key: `ledger` signs checkpoints, `signing` signs packages or receipts."""
    return _signing_key(_read(_path(name)))
