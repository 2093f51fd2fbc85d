"""Taking a file in. The answer comes after two durable copies, commit and ledger leaf, in that order."""

import logging
import os
import uuid
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from licheng_exchange import NoteError, build_leaf_stored

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import digests, put_everywhere
from licheng.foundations.durable import CHUNK_BYTES, temporary_file, write_all
from licheng.foundations.files.errors import FileRefused, FileTooLarge, StorageFailed
from licheng.foundations.files.inspection import Inspected, inspect
from licheng.foundations.files.inspection.finding import Unfit
from licheng.foundations.files.models import StoredFile
from licheng.foundations.ledger.operations import LedgerRolledBack, note_leaf, sequence

MAX_NAME_BYTES = 255  # what Linux and Windows take, so that a receipt kit can be unpacked anywhere
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receiving:
    """The terms of one upload: what it is for, whose it is, and what the policy of the year allows.

    `subject` is the owner's commitment (64 hexadecimal digits) for the ledger, never a name or number.
    """

    scope: str
    role: str
    subject: str
    limit_bytes: int
    allowed: frozenset[str]


def receive_file(*, actor: Actor, stream: BinaryIO, name: str, terms: Receiving) -> StoredFile:
    """Take a file in and acknowledge it.

    Must be called outside a transaction: the acknowledgement is worth nothing before the commit.
    Raises FileTooLarge, FileRefused (with the reason found) or StorageFailed; then nothing is kept.
    """
    name = clean_name(name)
    try:
        with temporary_file(Path(settings.COPY_ROOTS[0])) as (descriptor, path):
            _take_in(stream, descriptor, name, terms.limit_bytes)
            inspected = _inspect(path, name, terms.allowed)
            with path.open("rb") as source:
                sha256, md5, size = digests(source)
                put_everywhere(source, sha256)
    except OSError as failure:
        log.exception("a copy failed while a file was taken in")
        raise StorageFailed from failure
    stored = _commit(actor, name, terms, inspected, (sha256, md5, size))
    try:
        sequence()
    except (LedgerRolledBack, NoteError, OSError) as failure:  # kept, yet not acknowledged: said as it is
        log.exception("the log refused a file that was taken in")
        raise StorageFailed from failure
    stored.entry.refresh_from_db()
    return stored


def clean_name(name: str) -> str:
    """The last part of a sent name, printable and as long as a file system takes; never used as a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(letter for letter in last if letter.isprintable())
    stem, dot, extension = clean.rpartition(".")
    while len(clean.encode()) > MAX_NAME_BYTES:
        stem, extension = (stem[:-1], extension) if stem else ("", extension[:-1])
        clean = stem + dot + extension
    return clean or "file"


def _take_in(stream: BinaryIO, descriptor: int, name: str, limit_bytes: int) -> None:
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit_bytes:
            size += sum(len(rest) for rest in iter(lambda: stream.read(CHUNK_BYTES), b""))
            limit_text = f"{limit_bytes / 2**20:g} MB"
            raise FileTooLarge(name=name, size=f"{size:,}", limit=f"{limit_bytes:,}", limit_text=limit_text)
        write_all(descriptor, chunk)
    os.fsync(descriptor)


def _inspect(path: Path, name: str, allowed: frozenset[str]) -> Inspected:
    try:
        return inspect(path, name, allowed)
    except Unfit as unfit:
        raise FileRefused(name=name, reason=unfit.sentence, reason_code=unfit.code) from unfit


@transaction.atomic
def _commit(
    actor: Actor, name: str, terms: Receiving, inspected: Inspected, digest: tuple[str, str, int]
) -> StoredFile:
    sha256, md5, size = digest
    file_id = uuid.uuid4()
    leaf = build_leaf_stored(
        file=str(file_id),
        sha256_hex=sha256,
        size=size,
        school=terms.scope,
        subject=terms.subject,
        time=timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    stored = StoredFile.objects.create(
        id=file_id,
        scope=terms.scope,
        role=terms.role,
        original_name=name,
        sha256=sha256,
        md5=md5,
        size_bytes=size,
        media_type=inspected.media_type,
        facts=dict(inspected.facts),
        entry=note_leaf(leaf),
    )
    record(actor=actor, action="file.stored", subject=stored, sha256=sha256, size_bytes=size)
    return stored
