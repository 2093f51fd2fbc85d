"""A site's keys: files that only its own user reads, made by `licheng_keys`, never by import.

They stand apart from the database and its backups, so that a stolen copy of one opens nothing of the other.
"""

import os
import secrets
from functools import cache
from pathlib import Path

from django.conf import settings
from licheng_exchange import SigningKey


class KeyMissing(RuntimeError):
    """A key file does not exist; run `manage.py licheng_keys` once for this site."""


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
def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as missing:
        raise KeyMissing(f"{path.name} is missing; run `manage.py licheng_keys`.") from missing


def secret_bytes(name: str) -> bytes:
    """A 256-bit secret: `fields` seals columns, `index` blinds look-ups."""
    return bytes.fromhex(_content(_path(name)))


def signing_key(name: str) -> SigningKey:
    """An Ed25519 key: `ledger` signs checkpoints, `signing` signs packages or receipts."""
    return SigningKey.from_text(_content(_path(name)))
