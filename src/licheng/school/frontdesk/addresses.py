"""The secret address of a question: whoever holds it may follow the thread; the database does not tell it."""

import base64
import hashlib
from uuid import UUID

from licheng.foundations.privacy import blind_indexes


def secret_of(question_id: UUID) -> str:
    """The secret of a new question."""
    return secrets_of(question_id)[0]


def secrets_of(question_id: UUID) -> list[str]:
    """The secret of a question under each index key in use, the newest first: 43 characters.

    Always the same under one key, so that a letter can name it again.
    """
    made = (bytes.fromhex(digest) for digest in blind_indexes(f"help/{question_id}"))
    return [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in made]


def digest_of(secret: str) -> str:
    """What is stored of a secret: 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
