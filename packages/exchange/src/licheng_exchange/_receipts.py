"""Ledger leaves and the receipt that a student verifies with her own copy of a file."""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from licheng_exchange._canonical import NotCanonical, canonical, digest, parse_canonical
from licheng_exchange._documents import LEAF, LEAF_DEPOSITED, LEAF_STORED, RECEIPT, RECEIPT_FILE
from licheng_exchange._notes import SigningKey
from licheng_exchange._shapes import Shape


class ReceiptError(ValueError):
    """A leaf or receipt cannot be built or read; the sentence says which place does not fit."""


def subject_of(subject_key: str, *, school: str, student_no: str) -> str:
    """The commitment that stands for a student in the ledger; it means nothing once the key is deleted.

    Units: hexadecimal HMAC-SHA256. Raises ReceiptError for a key that is not 64 hexadecimal digits.
    """
    try:
        key = bytes.fromhex(subject_key)
    except ValueError as error:
        raise ReceiptError("a subject key is 64 hexadecimal digits") from error
    return hmac.new(key, f"{school}:{student_no}".encode(), sha256).hexdigest()


def build_leaf_deposited(
    *,
    record: Mapping[str, Any],
    school: str,
    package: str,
    subject: str,
    time: str,
) -> bytes:
    """The ledger entry of one deposited item; `time` is UTC as 2026-11-22T03:04:05Z.

    Raises ReceiptError.
    """
    leaf = {
        "v": 1,
        "type": "deposited",
        "item": record.get("item"),
        "record": _digest(record),
        "files": leaf_files(record),
        "school": school,
        "package": package,
        "subject": subject,
        "time": time,
    }
    return _bytes_of(leaf, LEAF_DEPOSITED)


def build_leaf_stored(
    *, file: str, sha256_hex: str, size: int, school: str, subject: str, time: str
) -> bytes:
    """The ledger entry of one stored upload; `time` is UTC as 2026-11-22T03:04:05Z.

    Raises ReceiptError.
    """
    leaf = {
        "v": 1,
        "type": "stored",
        "file": file,
        "sha256": sha256_hex,
        "size": size,
        "school": school,
        "subject": subject,
        "time": time,
    }
    return _bytes_of(leaf, LEAF_STORED)


def leaf_files(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the ledger says of a record's files: hash and size, in the record's order.

    Raises ReceiptError.
    """
    try:
        return [{"sha256": one["sha256"], "size": one["size"]} for one in record["files"]]
    except (KeyError, TypeError) as error:
        raise ReceiptError("a record lists its files with sha256 and size") from error


def parse_leaf(entry: bytes) -> dict[str, Any]:
    """The leaf of a ledger entry's bytes. Raises ReceiptError."""
    return _parsed(entry, LEAF, "leaf")


def build_receipt(
    *,
    archive: str,
    school_code: str,
    school_name: str,
    student_no: str,
    student_name: str,
    subject_key: str,
    package: str,
    issued_at: str,
    items: Sequence[tuple[Mapping[str, Any], str]],
    key: SigningKey,
) -> bytes:
    """The bytes of `receipt.json` over (record, proof text) pairs, signed by the archive.

    Raises ReceiptError.
    """
    receipt = {
        "v": 1,
        "kind": "licheng-receipt",
        "archive": archive,
        "school": {"code": school_code, "name": school_name},
        "student": {"no": student_no, "name": student_name},
        "subject_key": subject_key,
        "package": package,
        "issued_at": issued_at,
        "items": [{"record": dict(record), "proof": proof} for record, proof in items],
    }
    signature = {
        "key": key.verifying_key.label,
        "ed25519": b64encode(key.sign(_bytes_of(receipt, RECEIPT))).decode(),
    }
    return _bytes_of({"receipt": receipt, "signature": signature}, RECEIPT_FILE)


def parse_receipt(data: bytes) -> dict[str, Any]:
    """The receipt file of its exact bytes. Raises ReceiptError."""
    return _parsed(data, RECEIPT_FILE, "receipt")


def title_of(record: Mapping[str, Any]) -> str:
    """What a person calls an item."""
    return str(record.get("title") or record.get("course_name") or record.get("category_name"))


def _digest(record: Mapping[str, Any]) -> str:
    try:
        return digest(dict(record))
    except NotCanonical as error:
        raise ReceiptError(str(error)) from error


def _bytes_of(value: Mapping[str, Any], shape: Shape) -> bytes:
    _fit(value, shape)
    try:
        return canonical(value)
    except NotCanonical as error:
        raise ReceiptError(str(error)) from error


def _parsed(data: bytes, shape: Shape, name: str) -> dict[str, Any]:
    try:
        value = parse_canonical(data)
    except NotCanonical as error:
        raise ReceiptError(f"{name}: {error}") from error
    _fit(value, shape)
    found: dict[str, Any] = value
    return found


def _fit(value: Any, shape: Shape) -> None:
    misfits: Iterable[Any] = shape.misfits(value, "$")
    for misfit in misfits:
        raise ReceiptError(f"{misfit.path} {misfit.text_en}")
