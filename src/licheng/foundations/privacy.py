"""Columns that must not be readable in a dump: AES-256-GCM, bound to their place, with a blind index.

An unkeyed hash of an ID number falls in minutes (measured: reliability report, A15), so look-ups
go through a keyed one. A ciphertext names its key, so that keys can be changed while a site runs.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from licheng.foundations import keys
from licheng.foundations.errors import DomainError

logger = logging.getLogger(__name__)
NONCE_BYTES = 12
SHORTEST = 1 + NONCE_BYTES + 16  # key id, nonce, tag


class FieldUnreadable(DomainError):
    """A sealed value does not open: its key is not here, its bytes were changed, or it stood elsewhere."""

    code = "field-unreadable"
    status = 500
    says = _("有一欄加密的資料打不開，沒有顯示，也沒有更動。")
    remedy = _("請通知系統管理員：檢查金鑰檔，或從備份取回這一筆。")


def seal(plain: str, *, place: str) -> bytes:
    """Encrypt one value; `place` (table.column/row) is authenticated, so a ciphertext cannot be moved."""
    return seal_bytes(plain.encode(), place=place)


def unseal(sealed: bytes | memoryview, *, place: str) -> str:
    """Decrypt one value, with whichever key of the ring it names.

    Raises FieldUnreadable; what is logged names the place and the key, never a value.
    """
    return unseal_bytes(sealed, place=place).decode()


def seal_bytes(plain: bytes, *, place: str) -> bytes:
    """Encrypt a whole file as `seal` encrypts a value."""
    ring = keys.ring("fields")
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.newest]).encrypt(nonce, plain, place.encode())
    return bytes([ring.newest]) + nonce + sealed


def unseal_bytes(sealed: bytes | memoryview, *, place: str) -> bytes:
    """Decrypt what `seal_bytes` made.

    Raises FieldUnreadable as `unseal` does.
    """
    sealed = bytes(sealed)
    key = keys.ring("fields").keys.get(key_of(sealed)) if len(sealed) >= SHORTEST else None
    if key is None:
        logger.error("%s is sealed with key %d, which is not in fields.key", place, key_of(sealed))
        raise FieldUnreadable
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, place.encode())
    except InvalidTag:
        logger.error("%s was changed, moved, or sealed elsewhere with another key", place)  # noqa: TRY400 -- a traceback would hold the value's frames
        raise FieldUnreadable from None


def key_of(sealed: bytes | memoryview) -> int:
    """The id of the key a ciphertext was made with; 0 for none at all."""
    return bytes(sealed[:1])[0] if len(sealed) else 0


def blind_index(value: str) -> str:
    """A keyed digest for equality look-ups: 64 hexadecimal digits, meaningless without the key."""
    return blind_indexes(value)[0]


def blind_indexes(value: str) -> list[str]:
    """The digests under which a value may stand while the index key is being changed, the newest first."""
    ring, text = keys.ring("index"), value.encode()
    newest_first = (ring.keys[key_id] for key_id in sorted(ring.keys, reverse=True))
    return [hmac.new(key, text, hashlib.sha256).hexdigest() for key in newest_first]


def masked(value: str) -> str:
    """An ID number as people see it: first letter and last three, so that a row can be told apart."""
    return f"{value[:1]}{'•' * max(len(value) - 4, 0)}{value[-3:]}"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, for the command that changes keys.

    `place` gives what a row's value is bound to. `index` is the column of its blind index, if it has one.
    `inside` are the entries of a JSON column that hold sealed values in Base64. One transaction for
    `rows_at_once` rows keeps locks short, and fewer of them where a row is a whole file.
    """

    model: str
    column: str
    place: Callable[[Any], str]
    index: str = ""
    inside: tuple[str, ...] = ()
    rows_at_once: int = 500

    @property
    def table(self) -> type[Model]:
        """The model whose column this is."""
        return apps.get_model(self.model)

    def __str__(self) -> str:
        return f"{self.model}.{self.column}"


_columns: dict[str, SealedColumn] = {}


def register(column: SealedColumn) -> None:
    """Have a column re-sealed whenever keys change, once its app is ready."""
    _columns[str(column)] = column


def sealed_columns() -> tuple[SealedColumn, ...]:
    """Every registered column, in the order of their names."""
    return tuple(column for _name, column in sorted(_columns.items()))
