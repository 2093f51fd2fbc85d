"""Reading a package front to back once, refusing any byte that sealing would not have written."""

import hmac
import struct
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import BinaryIO

from licheng_exchange._package_aes import CHECK_BYTES, PIECE_BYTES, SALT_BYTES, TAG_BYTES, EntryCipher
from licheng_exchange._package_model import MANIFEST_NAME, PackageBroken, PackageRefused
from licheng_exchange._package_zip import (
    AES_EXTRA_BYTES,
    AES_EXTRA_START,
    LOCAL,
    LOCAL_BYTES,
    Member,
    central_header,
    end_records,
    local_header,
)
from licheng_exchange._problems import Problem

DIRECTORY_NAME = "（目錄）"
USUAL_EXTRA_BYTES = 512  # enough of a stranger's header to say why it is not ours
_AES_METHOD = 99
_AES_256 = 3
_ENCRYPTED = 1


def broken(file: str, rule: str, text_zh: str, text_en: str) -> PackageBroken:
    """The refusal after which nothing more can be read."""
    return PackageBroken(Problem(file, rule, text_zh, text_en))


class HashingFile:
    """A file read forward only, hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = sha256()
        self.place = 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes."""
        data = self._file.read(size)
        self._hash.update(data)
        self.place += len(data)
        return data

    def exactly(self, size: int, member: str) -> bytes:
        """Exactly `size` bytes. Raises PackageBroken where the file ends before."""
        data = self.read(size)
        if len(data) < size:
            raise broken(
                member,
                "truncated",
                f"檔案在 {member} 處就結束了：下載或傳送不完整，請重新取得。",
                f"The file ends within {member}: the transfer was cut off, fetch it again.",
            )
        return data

    def digest_of_all(self) -> str:
        """The SHA-256 of the whole file, reading what is left of it."""
        while self.read(PIECE_BYTES):
            pass
        return self._hash.hexdigest()


class ZipWalker:
    """Takes the members one after the other in the order expected, then the directory and the end."""

    def __init__(self, file: HashingFile, password: bytes) -> None:
        self._file, self._password = file, password
        self._members: list[Member] = []

    def take(self, name: str, size: int | None, most: int) -> tuple[int, Iterator[bytes]]:
        """The next member, which must have this name, and this size unless that is unknown.

        Answers its size and its content; the content is proven only once the iterator has ended.
        Raises PackageBroken if something else stands there.
        """
        offset = self._file.place
        header = self._file.exactly(LOCAL_BYTES, name)
        member = self._expected(name, size, header, most, offset)
        wanted = local_header(member)
        header += self._file.exactly(len(wanted) - LOCAL_BYTES, name)
        if header != wanted:
            raise _strange_header(name, header)
        self._members.append(member)
        return member.size, self._content(member)

    def _expected(self, name: str, size: int | None, header: bytes, most: int, offset: int) -> Member:
        if header[:4] != LOCAL:
            raise broken(
                name,
                "member-missing",
                f"這個位置應該是 {name}，卻不是 ZIP 成員：檔案不是本系統封裝的提交包，或已損壞。",
                f"{name} should stand here: this is no package sealed by this system, or it is damaged.",
            )
        if size is None:
            plain = Member(name, 0)
            size = struct.unpack_from("<I", header, 22)[0]
            if local_header(plain)[:18] != header[:18]:
                raise _strange_header(name, header + self._file.read(USUAL_EXTRA_BYTES))
        if size > most:
            raise broken(
                name,
                "too-large",
                f"{name} 有 {size} 位元組，超過上限 {most}。",
                f"{name} has {size} bytes, over the bound of {most}.",
            )
        return Member(name, size, offset)

    def _content(self, member: Member) -> Iterator[bytes]:
        name = member.name
        salt = self._file.exactly(SALT_BYTES, name)
        cipher = EntryCipher(self._password, salt)
        if not hmac.compare_digest(self._file.exactly(CHECK_BYTES, name), cipher.check):
            raise _wrong_password(name)
        left = member.size
        while left:
            piece = self._file.exactly(min(PIECE_BYTES, left), name)
            left -= len(piece)
            yield cipher.decrypt(piece)
        if not hmac.compare_digest(self._file.exactly(TAG_BYTES, name), cipher.tag()):
            raise PackageRefused(
                Problem(
                    name,
                    "member-damaged",
                    f"{name} 的內容在封裝後被更動或損壞（驗證碼不符）。",
                    f"The content of {name} was altered or damaged after sealing (its tag does not fit).",
                )
            )

    def end(self) -> None:
        """Check the directory, the end records and that nothing follows. Raises PackageBroken."""
        offset = self._file.place
        for member in self._members:
            wanted = central_header(member)
            if self._file.exactly(len(wanted), DIRECTORY_NAME) != wanted:
                raise broken(
                    member.name,
                    "directory-altered",
                    f"ZIP 目錄裡 {member.name} 的記載與內容不同。",
                    f"The ZIP directory says something else of {member.name} than its content.",
                )
        records = end_records(len(self._members), self._file.place - offset, offset)
        if self._file.exactly(len(records), DIRECTORY_NAME) != records:
            raise broken(
                DIRECTORY_NAME,
                "directory-altered",
                "ZIP 目錄的結尾與內容不同。",
                "The end of the ZIP directory differs from the content.",
            )
        if self._file.read(1):
            raise broken(
                DIRECTORY_NAME,
                "trailing-bytes",
                "ZIP 結尾之後還有多餘的資料。",
                "There is more data after the end of the ZIP.",
            )


def whole(pieces: Iterator[bytes]) -> bytes:
    """The content of a small member, proven. A damaged one breaks the package, since all else hangs on it."""
    try:
        return b"".join(pieces)
    except PackageBroken:
        raise
    except PackageRefused as error:
        raise PackageBroken(*error.problems) from error


def _wrong_password(name: str) -> PackageRefused:
    if name == MANIFEST_NAME:
        return broken(
            name,
            "wrong-password",
            "密碼不符（或 manifest.json 的開頭已損壞）：請確認密碼。",
            "The password does not fit (or the beginning of manifest.json is damaged): check the password.",
        )
    return _damaged_start(name)


def _damaged_start(name: str) -> PackageBroken:
    return broken(
        name,
        "member-damaged",
        f"{name} 的開頭在封裝後被更動，或用了別的密碼。",
        f"The beginning of {name} was altered after sealing, or it has another password.",
    )


def _strange_header(name: str, header: bytes) -> PackageBroken:
    """Why a header is not the one expected, in words that tell the usual reasons apart."""
    flags, method = struct.unpack_from("<HH", header, 6)
    place = header.find(AES_EXTRA_START, LOCAL_BYTES)
    aes = header[place : place + AES_EXTRA_BYTES] if place > 0 else b""
    reasons: tuple[tuple[Callable[[], bool], str, str, str], ...] = (
        (
            lambda: not flags & _ENCRYPTED,
            "not-encrypted",
            "沒有加密：提交包的每個成員都必須以 AES-256 加密。",
            "is not encrypted: every member of a package must be AES-256.",
        ),
        (
            lambda: method != _AES_METHOD,
            "other-encryption",
            "用的是舊式 ZipCrypto 或其他加密，必須是 AES-256。",
            "uses the old ZipCrypto or another encryption; it must be AES-256.",
        ),
        (
            lambda: len(aes) == AES_EXTRA_BYTES and (aes[8] != _AES_256 or aes[9:11] != b"\x00\x00"),
            "other-encryption",
            "的加密強度或壓縮方式不對：必須是 AES-256、不壓縮。",
            "has another key length or is compressed; it must be AES-256, stored.",
        ),
    )
    for applies, rule, text_zh, text_en in reasons:
        if applies():
            return broken(name, rule, f"{name} {text_zh}", f"{name} {text_en}")
    return broken(
        name,
        "header-altered",
        f"{name} 的 ZIP 標頭與應有的不同：成員的名稱、順序、大小或標頭被更動。",
        f"The ZIP header of {name} is not as expected: its name, order, size or header was altered.",
    )
