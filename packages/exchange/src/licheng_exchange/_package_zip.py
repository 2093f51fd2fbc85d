"""The one ZIP form of a package: every header byte follows from the members' names and sizes.

Source: PKWARE APPNOTE 6.3.10 §4.3-4.5; AE-2 extra field as in `_package_aes`.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Protocol

from licheng_exchange._package_aes import OVERHEAD_BYTES, PIECE_BYTES, SALT_BYTES, EntryCipher

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
_MADE_BY = 51
_NEEDED = 51  # AES needs 5.1, which is above the 4.5 of ZIP64
_FLAGS = 0x0801  # encrypted, names in UTF-8
_AES_METHOD = 99
_TIME, _DATE = 0, 0x21  # 1980-01-01, the first day that the format knows
_AE2 = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 0)  # AE-2, 256 bits, stored
_FULL32 = 0xFFFFFFFF
_FULL16 = 0xFFFF
LOCAL_BYTES = 30
AES_EXTRA_BYTES = len(_AE2)
AES_EXTRA_START = _AE2[:4]


class Sink(Protocol):
    """What a package is written to; it need not seek."""

    def write(self, data: bytes, /) -> object:
        """Take all the bytes."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: its name, the size of its content and where its header stands."""

    name: str
    size: int
    offset: int = 0

    @property
    def stored(self) -> int:
        """How many bytes the entry's data takes, with salt, check and tag."""
        return self.size + OVERHEAD_BYTES


def local_header(member: Member) -> bytes:
    """The header before an entry's data."""
    name = member.name.encode()
    sizes, extra = (member.stored, member.size), _AE2
    if member.stored >= _FULL32:
        extra += struct.pack("<HHQQ", 1, 16, member.size, member.stored)
        sizes = (_FULL32, _FULL32)
    fields = (_NEEDED, _FLAGS, _AES_METHOD, _TIME, _DATE, 0, *sizes, len(name), len(extra))
    return struct.pack("<4sHHHHHIIIHH", LOCAL, *fields) + name + extra


def central_header(member: Member) -> bytes:
    """The entry's line in the directory."""
    name = member.name.encode()
    sizes, offset, large = (member.stored, member.size), member.offset, b""
    if member.stored >= _FULL32:
        large += struct.pack("<QQ", member.size, member.stored)
        sizes = (_FULL32, _FULL32)
    if offset >= _FULL32:
        large += struct.pack("<Q", offset)
        offset = _FULL32
    extra = _AE2 + (struct.pack("<HH", 1, len(large)) + large if large else b"")
    fields = (_MADE_BY, _NEEDED, _FLAGS, _AES_METHOD, _TIME, _DATE, 0, *sizes, len(name), len(extra))
    return struct.pack("<4sHHHHHHIIIHHHHHII", CENTRAL, *fields, 0, 0, 0, 0, offset) + name + extra


def end_records(count: int, size: int, offset: int) -> bytes:
    """What follows the directory of `count` lines and `size` bytes that starts at `offset`."""
    records = b""
    if count >= _FULL16 or size >= _FULL32 or offset >= _FULL32:
        records = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, _MADE_BY, _NEEDED, 0, 0, count, count, size, offset
        ) + struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    count, size, offset = min(count, _FULL16), min(size, _FULL32), min(offset, _FULL32)
    return records + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def pieces_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Exactly `size` bytes in pieces of PIECE_BYTES; fewer only where the file ends early."""
    while size > 0:
        piece = file.read(min(PIECE_BYTES, size))
        while (
            piece
            and len(piece) < min(PIECE_BYTES, size)
            and (more := file.read(min(PIECE_BYTES, size) - len(piece)))
        ):
            piece += more
        if not piece:
            return
        yield piece
        size -= len(piece)


class ZipWriter:
    """Writes members one after the other and hashes the whole on the way."""

    def __init__(self, out: Sink, password: bytes, random_bytes: Callable[[int], bytes]) -> None:
        self._out, self._password, self._random = out, password, random_bytes
        self._members: list[Member] = []
        self._hash = sha256()
        self.size = 0

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._hash.update(data)
        self.size += len(data)

    def add(self, name: str, size: int, pieces: Iterable[bytes]) -> None:
        """Write one member whose pieces together have `size` bytes.

        Raises ValueError if they have not; the file written so far is then useless.
        """
        member, written = Member(name, size, self.size), 0
        salt = self._random(SALT_BYTES)
        cipher = EntryCipher(self._password, salt)
        self._write(local_header(member) + salt + cipher.check)
        for piece in pieces:
            self._write(cipher.encrypt(piece))
            written += len(piece)
        if written != size:
            raise ValueError(f"{name} has {written} bytes, not {size}")
        self._write(cipher.tag())
        self._members.append(member)

    def finish(self) -> str:
        """Write the directory and answer the SHA-256 of the whole file."""
        offset = self.size
        for member in self._members:
            self._write(central_header(member))
        self._write(end_records(len(self._members), self.size - offset, offset))
        return self._hash.hexdigest()
