"""Signed notes and checkpoints of C2SP with Ed25519 keys.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
SIGNATURE_BYTES = 64
MAX_SIGNATURES = 64
MAX_NOTE_BYTES = 1 << 20
ROOT_BYTES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE_PREFIX = "PRIVATE+KEY+"


class NoteError(ValueError):
    """A key, note or checkpoint is not of its form, or no known key stands behind it."""


def decode_base64(text: str) -> bytes:
    """Standard base64 in its one spelling.

    Raises NoteError for other alphabets, missing padding and loose trailing bits.
    """
    try:
        value = b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise NoteError("not base64") from error
    if b64encode(value).decode() != text:
        raise NoteError("not base64 in its one spelling")
    return value


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or not letter.isprintable() for letter in name):
        raise NoteError(f"not a key name: {name!r}")


def _key_id(name: str, public: bytes) -> str:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:ID_BYTES].hex()


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A published key: its name, its short id and its 32 bytes."""

    name: str
    key_id: str
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """The key of its published line `<name>+<id>+<base64>`.

        Raises NoteError if any part does not fit the others.
        """
        match vkey.split("+", 2):
            case [name, key_id, encoded]:
                _check_name(name)
                value = decode_base64(encoded)
            case _:
                raise NoteError("not a verifying key: three parts joined by + are expected")
        if len(value) != 1 + KEY_BYTES or value[:1] != ED25519:
            raise NoteError("not an Ed25519 key")
        try:
            right_id = _key_id(name, value[1:])
        except UnicodeEncodeError as error:
            raise NoteError("not a key name") from error
        if key_id != right_id:
            raise NoteError("the key id does not belong to this name and key")
        return cls(name, key_id, value[1:])

    @property
    def label(self) -> str:
        """The name and id that signatures cite."""
        return f"{self.name}+{self.key_id}"

    def to_text(self) -> str:
        """The line that is published."""
        return f"{self.label}+{b64encode(ED25519 + self.public).decode()}"

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the name it signs under; its text form is a secret."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != KEY_BYTES:
            raise NoteError("an Ed25519 seed has 32 bytes")

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key from the system's random source."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The key of `to_text`. Raises NoteError for any other text."""
        if not text.startswith(_PRIVATE_PREFIX):
            raise NoteError("not a private key")
        match text.removeprefix(_PRIVATE_PREFIX).split("+", 2):
            case [name, key_id, encoded]:
                value = decode_base64(encoded)
            case _:
                raise NoteError("not a private key")
        if len(value) != 1 + KEY_BYTES or value[:1] != ED25519:
            raise NoteError("not an Ed25519 key")
        key = cls(name, value[1:])
        if key.verifying_key.key_id != key_id:
            raise NoteError("the key id does not belong to this name and key")
        return key

    def to_text(self) -> str:
        """The secret line that `from_text` reads, in the form of Go's note package."""
        encoded = b64encode(ED25519 + self.seed).decode()
        return f"{_PRIVATE_PREFIX}{self.verifying_key.label}+{encoded}"

    @property
    def verifying_key(self) -> VerifyingKey:
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifyingKey(self.name, _key_id(self.name, public), public)

    @property
    def vkey(self) -> str:
        """The line to publish."""
        return self.verifying_key.to_text()

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note's text and the known keys that signed it."""

    text: str
    signers: tuple[VerifyingKey, ...]


def sign_note(text: str, *keys: SigningKey) -> str:
    """The note with one signature line per key.

    Raises NoteError if the text cannot be a note's text or no key is given.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends with a newline and has no control characters")
    if not keys:
        raise NoteError("a note needs at least one key")
    message = _encoded(text)
    lines = [
        f"— {key.name} {b64encode(bytes.fromhex(key.verifying_key.key_id) + key.sign(message)).decode()}\n"
        for key in keys
    ]
    return f"{text}\n{''.join(lines)}"


def open_note(note: str, vkeys: Iterable[VerifyingKey]) -> OpenNote:
    """The text of a note that at least one known key signed.

    Signatures of unknown keys are ignored; a bad one of a known key rejects the note. Raises NoteError.
    """
    known = {(key.name, key.key_id): key for key in vkeys}
    text, lines = _split_note(note)
    message = _encoded(text)
    signers: list[VerifyingKey] = []
    for line in lines:
        name, key_id, signature = _signature_line(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        if key in signers:
            raise NoteError(f"the key {key.label} signed twice")
        if not key.verify(signature, message):
            raise NoteError(f"the signature of {key.label} does not fit")
        signers.append(key)
    if not signers:
        raise NoteError("no known key signed this note")
    return OpenNote(text, tuple(signers))


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteError("a note is valid UTF-8") from error


def _split_note(note: str) -> tuple[str, list[str]]:
    if len(note) > MAX_NOTE_BYTES or _CONTROL.search(note):
        raise NoteError("a note is at most 1 MiB and has no control characters but the newline")
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteError("a note is its text, an empty line and its signatures, each line ended by a newline")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("the note has too many signatures")
    return head + "\n", lines


def _signature_line(line: str) -> tuple[str, str, bytes]:
    match line.split(" "):
        case ["—", name, encoded]:
            _check_name(name)
            value = decode_base64(encoded)
        case _:
            raise NoteError("a signature line is a dash, a name and base64, with one space between")
    if len(value) <= ID_BYTES:
        raise NoteError("a signature is too short")
    return name, value[:ID_BYTES].hex(), value[ID_BYTES:]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: whose, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The note text of tlog-checkpoint, without extension lines."""
        if not self.origin or "\n" in self.origin or self.size < 0 or len(self.root) != ROOT_BYTES:
            raise NoteError("not a checkpoint")
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint of a note's text; extension lines are refused because nobody can audit them.

        Raises NoteError.
        """
        match text.split("\n"):
            case [origin, size, encoded, ""] if origin and _SIZE.fullmatch(size):
                root = decode_base64(encoded)
            case _:
                raise NoteError("a checkpoint is three lines: origin, size and root")
        if len(root) != ROOT_BYTES:
            raise NoteError("a root has 32 bytes")
        return cls(origin, int(size), root)


def open_checkpoint(note: str, vkeys: Iterable[VerifyingKey], *, origin: str | None = None) -> Checkpoint:
    """The checkpoint of a note signed by the log itself, that is by a known key named as the origin.

    Raises NoteError, also when the checkpoint belongs to another origin than the one expected.
    """
    opened = open_note(note, vkeys)
    checkpoint = Checkpoint.parse(opened.text)
    if origin is not None and checkpoint.origin != origin:
        raise NoteError(f"the checkpoint belongs to {checkpoint.origin}, not to {origin}")
    if all(key.name != checkpoint.origin for key in opened.signers):
        raise NoteError(f"no known key of {checkpoint.origin} signed its checkpoint")
    return checkpoint


def parse_keys(text: str) -> tuple[VerifyingKey, ...]:
    """The keys of a keys file: one per line, each line ended by a newline, nothing else.

    Raises NoteError. Strict so that no changed byte of the file goes unseen.
    """
    if not text.endswith("\n"):
        raise NoteError("each line of a keys file ends with a newline")
    keys = tuple(VerifyingKey.parse(line) for line in text[:-1].split("\n"))
    if len({key.label for key in keys}) != len(keys):
        raise NoteError("a key stands in the keys file twice")
    return keys
