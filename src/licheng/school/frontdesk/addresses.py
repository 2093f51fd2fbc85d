"""The secret address of a question: whoever holds it may follow the thread; the database does not tell it."""

import base64
import hashlib
import hmac
from uuid import UUID

from licheng.foundations import keys


def secret_of(question_id: UUID) -> str:
    """The secret of a question: 43 characters, always the same, so that a letter can name it again."""
    made = hmac.new(keys.secret_bytes("index"), f"help/{question_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def digest_of(secret: str) -> str:
    """What is stored of a secret: 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
