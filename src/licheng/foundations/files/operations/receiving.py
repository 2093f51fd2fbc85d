"""Taking a file in. The answer comes after scanner, durable copies, commit and ledger leaf, in that order."""

import logging
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from licheng_exchange import NoteError, build_leaf_stored

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import Digests, Stored, digests, landing, put_everywhere
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.custody.operations import note_kept
from licheng.foundations.durable import CHUNK_BYTES, write_all
from licheng.foundations.files import scanning
from licheng.foundations.files.errors import (
    FileRefused,
    FileTooLarge,
    MalwareFound,
    StorageFailed,
    TooLargeToScan,
)
from licheng.foundations.files.inspection import Inspected, Verdict, inspect
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.ledger.operations import LedgerRolledBack, acknowledge, note_leaf
from licheng.foundations.queueing import enqueue_on_commit

MAX_NAME_BYTES = 255  # what Linux and Windows take, so that a receipt kit can be unpacked anywhere
SCAN_STATES = {
    scanning.Said.CLEAN: ScanState.CLEAN,
    scanning.Said.UNANSWERED: ScanState.SCANNING,
    scanning.Said.NOT_ASKED: ScanState.NOT_SCANNED,
}
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


@dataclass(frozen=True, slots=True)
class Brought:
    """What the caller has just asked and counted for these very bytes, so that nobody does it again.

    `is_new`: they cannot have been handed in before under the same id. Bytes that changed on their way from
    memory through the disk do no harm: every copy compares what it reads back with these digests.
    """

    terms: Receiving
    digests: Digests
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    """What is known of a file once everybody has looked at it and every copy is made."""

    file_id: uuid.UUID
    name: str
    digests: Digests
    kept: Sequence[Stored]
    inspected: Inspected
    scan: ScanState
    made_from: Mapping[str, object] | None


def receive_file(
    *,
    actor: Actor,
    stream: BinaryIO,
    name: str,
    terms: Receiving,
    made_from: Mapping[str, object] | None = None,
    file_id: uuid.UUID | None = None,
    brought: Brought | None = None,
) -> StoredFile:
    """Take a file in and acknowledge it; `made_from` says what it was reduced from, if it was.

    `file_id` makes a repetition safe: whoever was interrupted asks again with the same one, which no person
    can choose, and gets the file that was kept then.

    Must be called outside a transaction: the acknowledgement is worth nothing before the commit.
    Raises FileTooLarge, FileRefused (with the reason found; MalwareFound and TooLargeToScan are two of
    them) or StorageFailed; then nothing is kept.
    """
    if file_id is not None and not (brought and brought.is_new):
        known = StoredFile.objects.filter(pk=file_id).first()
        if known is not None:
            return _acknowledged(known)
    name = clean_name(name)
    try:
        with _at_rest(stream, name, terms.limit_bytes) as path:
            inspected = _inspect(path, name, terms)
            with path.open("rb") as source:
                counted = brought.digests if brought else digests(source)
                scan = _scan(actor, source, name, terms, counted.sha256)
                kept = put_everywhere(source, counted.sha256)
        arrived = _Arrived(file_id or uuid.uuid4(), name, counted, kept, inspected, scan, made_from)
        stored = _commit(actor, terms, arrived)
    except (OSError, CopyLost) as failure:
        log.exception("a copy failed while a file was taken in")
        raise StorageFailed from failure
    return _acknowledged(stored)


def _acknowledged(stored: StoredFile) -> StoredFile:
    """The file once the signed log holds it."""
    try:
        acknowledge(stored.entry)
    except (LedgerRolledBack, NoteError, OSError) as failure:  # kept, yet not acknowledged: said as it is
        log.exception("the log refused a file that was taken in")
        raise StorageFailed from failure
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


@contextmanager
def _at_rest(stream: BinaryIO, name: str, limit_bytes: int) -> Iterator[Path]:
    """The bytes as a file: an upload in the site's own folder stays where it is, all else lands first."""
    if isinstance(stream, BufferedReader) and Path(stream.name).is_relative_to(settings.UPLOADS_ROOT):
        _require_within(limit_bytes, name, os.fstat(stream.fileno()).st_size)
        yield Path(stream.name)
        return
    with landing() as (descriptor, path):
        size = 0
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit_bytes:
                size += sum(len(rest) for rest in iter(lambda: stream.read(CHUNK_BYTES), b""))
                break
            write_all(descriptor, chunk)
        _require_within(limit_bytes, name, size)
        yield path


def _require_within(limit_bytes: int, name: str, size: int) -> None:
    if size > limit_bytes:
        limit_text = f"{limit_bytes / 2**20:g} MB"
        raise FileTooLarge(name=name, size=f"{size:,}", limit=f"{limit_bytes:,}", limit_text=limit_text)


def _inspect(path: Path, name: str, terms: Receiving) -> Inspected:
    inspected = inspect(path, name, allowed=terms.allowed)
    if inspected.verdict != Verdict.REJECT:
        return inspected
    first = next(reason for reason in inspected.reasons if reason.verdict == Verdict.REJECT)
    in_chinese = (get_language() or "").startswith("zh")
    reason = first.text_zh if in_chinese else first.text_en
    raise FileRefused(name=name, reason=reason, reason_code=first.code)


def _scan(actor: Actor, source: BinaryIO, name: str, terms: Receiving, sha256: str) -> ScanState:
    """What the scanner says now; asked last, because it passes over what is beyond its own bounds."""
    answer = scanning.ask(source, wait_seconds=settings.SCANNER_WAIT_SECONDS)
    if answer.said == scanning.Said.INFECTED:
        refused = StoredFile(scope=terms.scope, role=terms.role)  # the row that never came to be
        with transaction.atomic():
            action, signature = "file.refused_malware", answer.signature
            record(actor=actor, action=action, subject=refused, sha256=sha256, signature=signature)
        raise MalwareFound(name=name, signature=signature)
    if answer.said == scanning.Said.TOO_LARGE:
        raise TooLargeToScan(name=name)
    return SCAN_STATES[answer.said]


@transaction.atomic
def _commit(actor: Actor, terms: Receiving, arrived: _Arrived) -> StoredFile:
    file_id, now = arrived.file_id, timezone.now()
    sha256, md5, size_bytes = arrived.digests
    leaf = build_leaf_stored(
        file=str(file_id),
        sha256_hex=sha256,
        size=size_bytes,
        school=terms.scope,
        subject=terms.subject,
        time=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    stored = StoredFile.objects.create(
        id=file_id,
        scope=terms.scope,
        role=terms.role,
        original_name=arrived.name,
        sha256=sha256,
        md5=md5,
        size_bytes=size_bytes,
        media_type=arrived.inspected.media_type,
        facts=dict(arrived.inspected.facts),
        cleaning=[reason.code for reason in arrived.inspected.reasons],
        scan=arrived.scan,
        scanned_at=now if arrived.scan == ScanState.CLEAN else None,
        made_from=None if arrived.made_from is None else dict(arrived.made_from),
        entry=note_leaf(leaf),
    )
    note_kept(sha256=sha256, size_bytes=size_bytes, stored=arrived.kept)
    record(
        actor=actor,
        action="file.stored",
        subject=stored,
        sha256=sha256,
        size_bytes=size_bytes,
        scan=arrived.scan.value,
    )
    enqueue_on_commit("licheng.foundations.files.tasks.derive", file_id=str(file_id))
    if arrived.scan == ScanState.SCANNING:
        enqueue_on_commit("licheng.foundations.files.tasks.scan", file_id=str(file_id))
    return stored
