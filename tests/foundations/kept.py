"""Contents in every copy, people's files that speak of them, and the faults a disk can have."""

import hashlib
import io
import uuid
from datetime import timedelta

from django.utils import timezone
from licheng_exchange import build_leaf_stored

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies, put_everywhere
from licheng.foundations.custody.models import Content, KeptCopy
from licheng.foundations.custody.operations import note_kept, run_clock
from licheng.foundations.files.models import StoredFile
from licheng.foundations.ledger.operations import note_leaf

ACTOR = Actor.system("test")


def keep(data, *, ago=timedelta(), spoken=True):
    """Acknowledge these bytes, some time ago; their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    stored = put_everywhere(io.BytesIO(data), sha256)
    note_kept(sha256=sha256, size_bytes=len(data), stored=stored)
    then = timezone.now() - ago
    Content.objects.filter(pk=sha256).update(kept_at=then)
    KeptCopy.objects.filter(content=sha256).update(verified_at=then)
    if spoken:
        speak(sha256, len(data))
    return sha256


def keep_many(count, **more):
    return [keep(f"work {n}".encode(), **more) for n in range(count)]


def speak(sha256, size_bytes):
    """A person's file that names these bytes."""
    file_id = uuid.uuid4()
    leaf = build_leaf_stored(
        file=str(file_id),
        sha256_hex=sha256,
        size=size_bytes,
        school="070406",
        subject="ab" * 32,
        time="2026-11-22T03:04:05Z",
    )
    return StoredFile.objects.create(
        id=file_id,
        scope="070406",
        role="document",
        original_name="a.pdf",
        sha256=sha256,
        md5="0" * 32,
        size_bytes=size_bytes,
        media_type="application/pdf",
        entry=note_leaf(leaf),
    )


def run(job):
    return run_clock(actor=ACTOR, job=job)


def path(copy, sha256):
    """The file of a copy, by the copy's number."""
    return copies()[copy].path(sha256)


def rot(file):
    """Flip one bit."""
    file.chmod(0o640)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def state(copy, sha256):
    """What the rows say of one copy, by its name."""
    return KeptCopy.objects.get(content=sha256, copy=copy).state
