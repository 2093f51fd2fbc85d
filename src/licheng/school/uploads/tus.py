"""What uploads of people use of tus 1.0.0: creation, metadata, checksums, expiration. Source: tus.io."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import http_date

from licheng.foundations.custody.copies import Digests
from licheng.foundations.tus import BODY_TYPE, VERSION
from licheng.school.uploads.errors import ChecksumDiffers, ChecksumUnknown, LengthMissing, RequestUnreadable

EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
METADATA_BYTES = 4096  # own bound: five short values


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a part should hash to."""

    kind: str
    digest: bytes

    def require(self, part: bytes) -> None:
        """Raise ChecksumDiffers unless the part has this digest."""
        if not hmac.compare_digest(CHECKSUMS[self.kind](part).digest(), self.digest):
            raise ChecksumDiffers

    def digests_of(self, part: bytes) -> Digests:
        """Those of a part that has this digest: a SHA-256 is not counted twice."""
        if self.kind != "sha256":
            return Digests.of(part)
        md5 = hashlib.md5(part, usedforsecurity=False)
        return Digests(self.digest.hex(), md5.hexdigest(), len(part))


def abilities() -> dict[str, str]:
    """The answer to OPTIONS, as headers."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max(settings.FIT_DOCUMENT_BYTES, settings.FIT_MEDIA_BYTES)),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }


def length_announced(request: HttpRequest) -> int:
    """The whole length of a new upload in bytes.

    Raises RequestUnreadable; a length that is told later is not supported.
    """
    sent = request.headers.get("Upload-Length", "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= 15):  # noqa: PLR2004 -- a petabyte is enough
        raise RequestUnreadable(what="Upload-Length")
    return int(sent)


def body_length(request: HttpRequest) -> int:
    """How many bytes the body of this request has.

    Raises LengthMissing.
    """
    sent = request.META.get("CONTENT_LENGTH") or ""
    if not sent.isdecimal():
        raise LengthMissing
    return int(sent)


def metadata(request: HttpRequest) -> dict[str, str]:
    """What the sender says about the file: keys with base64 values.

    Raises RequestUnreadable.
    """
    sent = request.headers.get("Upload-Metadata", "")
    if len(sent) > METADATA_BYTES:
        raise RequestUnreadable(what="Upload-Metadata")
    found = {}
    for pair in filter(None, (part.strip() for part in sent.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as unreadable:
            raise RequestUnreadable(what="Upload-Metadata") from unreadable
    return found


def metadata_text(pairs: Mapping[str, str]) -> str:
    """The same as a header."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def checksum(request: HttpRequest) -> Checksum | None:
    """The checksum that came with a part, if one did.

    Raises ChecksumUnknown or RequestUnreadable.
    """
    sent = request.headers.get("Upload-Checksum", "")
    if not sent:
        return None
    kind, _space, text = sent.partition(" ")
    if kind not in CHECKSUMS:
        raise ChecksumUnknown(kind=kind[:20])
    try:
        return Checksum(kind, base64.b64decode(text.strip(), validate=True))
    except binascii.Error as unreadable:
        raise RequestUnreadable(what="Upload-Checksum") from unreadable


def expires(at: datetime) -> str:
    """When the upload is given up, as the header writes it (RFC 9110)."""
    return http_date(at.timestamp())


def brings_bytes(request: HttpRequest) -> bool:
    """Whether a creation already carries the first part."""
    return request.content_type == BODY_TYPE and body_length(request) > 0
