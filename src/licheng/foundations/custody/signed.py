"""How a copy agent proves its answers: Ed25519 over the bytes of the answer, the asker's nonce in them."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NONCE_HEADER, SIGNATURE_HEADER, VOLUME_HEADER = "Licheng-Nonce", "Licheng-Signature", "Licheng-Volume"
CONTEXT = b"licheng copy agent 1\n"  # so that a signature of this key means nothing elsewhere

type Said = dict[str, Any]


def seal_answer(key: Ed25519PrivateKey, said: Said) -> tuple[bytes, str]:
    """The answer's bytes and its signature as they travel."""
    body = json.dumps(said, sort_keys=True).encode()
    return body, base64.b64encode(key.sign(CONTEXT + body)).decode()


def open_answer(key: Ed25519PublicKey, body: bytes, signature: str, *, nonce: str) -> Said:
    """What an agent said.

    Raises OSError when it is not by this key, not an answer to this question, or unreadable.
    """
    try:
        key.verify(base64.b64decode(signature, validate=True), CONTEXT + body)
        said = json.loads(body)
    except (InvalidSignature, ValueError) as failure:
        raise OSError("the answer of a copy agent is not signed by its pinned key") from failure
    if not isinstance(said, dict) or said.get("nonce") != nonce:
        raise OSError("a copy agent answered another question")
    return said


def private_key(path: Path) -> Ed25519PrivateKey:
    """The agent's own key. Raises OSError or ValueError when the file holds none."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text(encoding="ascii").strip()))


def public_key(path: Path) -> Ed25519PublicKey:
    """A pinned key. Raises OSError or ValueError when the file holds none."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_text(encoding="ascii").strip()))
