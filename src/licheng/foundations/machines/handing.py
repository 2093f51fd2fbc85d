"""Handing a secret to a machine's owner as a file."""

import os
from pathlib import Path


def write_secret(path: Path, secret: str) -> None:
    """Write a secret that only its owner reads, from the first byte on; it is there whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
