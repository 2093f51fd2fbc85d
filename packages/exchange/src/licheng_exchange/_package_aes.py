"""AES-256 entries of a ZIP as WinZip and 7-Zip read them (AE-2).

Own code, because every header field must be fixed for a package whose every byte is accounted for.
Source: WinZip "AES Encryption Information", encryption specification AE-1 and AE-2.
"""

import hmac
from hashlib import pbkdf2_hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

SALT_BYTES = 16
CHECK_BYTES = 2
TAG_BYTES = 10
OVERHEAD_BYTES = SALT_BYTES + CHECK_BYTES + TAG_BYTES
PIECE_BYTES = 1 << 20
_ITERATIONS = 1000
_KEY_BYTES = 32
_BLOCK_BYTES = 16
_PIECE_BLOCKS = PIECE_BYTES // _BLOCK_BYTES
_FIRST_COUNTERS = b"".join(number.to_bytes(_BLOCK_BYTES, "little") for number in range(1, _PIECE_BLOCKS + 1))


def _counters(piece: int) -> bytes | bytearray:
    """The little-endian counter blocks of one piece; counting starts at 1."""
    if piece == 0:
        return _FIRST_COUNTERS
    blocks = bytearray(_FIRST_COUNTERS)
    for place, value in enumerate(piece.to_bytes(6, "little"), start=2):
        if value:
            blocks[place::_BLOCK_BYTES] = bytes([value]) * _PIECE_BLOCKS
    blocks[-_BLOCK_BYTES:] = ((piece + 1) * _PIECE_BLOCKS).to_bytes(_BLOCK_BYTES, "little")
    return blocks


class EntryCipher:
    """The cipher of one entry; pieces go through it in order, all but the last of PIECE_BYTES bytes."""

    def __init__(self, password: bytes, salt: bytes) -> None:
        keys = pbkdf2_hmac("sha1", password, salt, _ITERATIONS, 2 * _KEY_BYTES + CHECK_BYTES)
        # The format prescribes a little-endian counter, which no CTR mode of the library offers.
        self._encrypt = Cipher(AES(keys[:_KEY_BYTES]), ECB()).encryptor()  # noqa: S305 -- see the line above
        self._mac = hmac.new(keys[_KEY_BYTES : 2 * _KEY_BYTES], digestmod="sha1")
        self._piece = 0
        self.check = keys[2 * _KEY_BYTES :]

    def _xor(self, piece: bytes) -> bytes:
        size = len(piece)
        padded = -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
        stream = self._encrypt.update(memoryview(_counters(self._piece))[:padded])
        self._piece += 1
        mixed = int.from_bytes(piece, "little") ^ int.from_bytes(memoryview(stream)[:size], "little")
        return mixed.to_bytes(size, "little")

    def encrypt(self, piece: bytes) -> bytes:
        """The stored bytes of a piece."""
        stored = self._xor(piece)
        self._mac.update(stored)
        return stored

    def decrypt(self, stored: bytes) -> bytes:
        """The bytes of a stored piece; they are true only once `tag` fits."""
        self._mac.update(stored)
        return self._xor(stored)

    def tag(self) -> bytes:
        """The bytes that end the entry and stand for all stored pieces."""
        return self._mac.digest()[:TAG_BYTES]
