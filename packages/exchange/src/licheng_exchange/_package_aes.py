"""AES-256 entries of a ZIP as WinZip and 7-Zip read them (AE-2).

Own code, because every header field must be fixed for a package whose every byte is accounted for.
Source: WinZip "AES Encryption Information", encryption specification AE-1 and AE-2.
"""

import hmac
from hashlib import pbkdf2_hmac

from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter

SALT_BYTES = 16
CHECK_BYTES = 2
TAG_BYTES = 10
OVERHEAD_BYTES = SALT_BYTES + CHECK_BYTES + TAG_BYTES
PIECE_BYTES = 1 << 20
_ITERATIONS = 1000
_KEY_BYTES = 32


class EntryCipher:
    """The cipher of one entry; its pieces go through it in order."""

    def __init__(self, password: bytes, salt: bytes) -> None:
        keys = pbkdf2_hmac("sha1", password, salt, _ITERATIONS, 2 * _KEY_BYTES + CHECK_BYTES)
        # The format prescribes a little-endian counter, which `cryptography` does not offer.
        counter = Counter.new(128, initial_value=1, little_endian=True)
        self._cipher = AES.new(keys[:_KEY_BYTES], AES.MODE_CTR, counter=counter)
        self._mac = hmac.new(keys[_KEY_BYTES : 2 * _KEY_BYTES], digestmod="sha1")
        self.check = keys[2 * _KEY_BYTES :]

    def encrypt(self, piece: bytes) -> bytes:
        """The stored bytes of a piece."""
        stored = self._cipher.encrypt(piece)
        self._mac.update(stored)
        return stored

    def decrypt(self, stored: bytes) -> bytes:
        """The bytes of a stored piece; they are true only once `tag` fits."""
        self._mac.update(stored)
        return self._cipher.decrypt(stored)

    def tag(self) -> bytes:
        """The bytes that end the entry and stand for all stored pieces."""
        return self._mac.digest()[:TAG_BYTES]
