"""Run inside a site by its own settings: acknowledge a number of small files; prints their SHA-256, one a line.

`python rows.py <first number> <how many>`; the rows, copies and log entries are those of a real upload.
"""

import hashlib
import sys
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402 -- after setup
from licheng_exchange import build_leaf_stored  # noqa: E402

from licheng.foundations.durable import write_durably  # noqa: E402
from licheng.foundations.files.models import StoredFile  # noqa: E402
from licheng.foundations.ledger.operations import note_leaf, sequence  # noqa: E402


def acknowledge(number):
    data = f"成果 {number}\n".encode() * (number % 50 + 1)
    sha256 = hashlib.sha256(data).hexdigest()
    for root in settings.COPY_ROOTS:
        write_durably(Path(root) / sha256[:2] / sha256, data)
    file_id = f"00000000-0000-4000-8000-{number:012d}"
    scope = f"{number % 3:05d}A"
    leaf = build_leaf_stored(
        file=file_id,
        sha256_hex=sha256,
        size=len(data),
        school=scope,
        subject="0" * 64,
        time="2026-11-22T03:04:05Z",
    )
    StoredFile.objects.create(
        id=file_id,
        scope=scope,
        role="document",
        original_name=f"{number}.txt",
        sha256=sha256,
        md5="0" * 32,
        size_bytes=len(data),
        media_type="text/plain",
        entry=note_leaf(leaf),
    )
    sequence()
    return sha256


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    for number in range(first, first + count):
        sys.stdout.write(f"{acknowledge(number)}\n")
        sys.stdout.flush()
