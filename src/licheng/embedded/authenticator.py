"""An authenticator app without a phone, and a letter box: what a person of the sample country has at hand."""

import base64
import re
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS, DIGITS = 30, 6  # Source: RFC 6238 §5.2, and what every authenticator app assumes
DIVIDER = re.compile(rb"\n-{79}\n*")  # what stands below each letter of a file
EMAIL_CODE = re.compile(r"確認碼是 (\d{6})")
LETTER_SECONDS = 10


def code_at(secret: str, seconds: float) -> str:
    """The six digits of a secret at a moment, in seconds since 1970."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    totp = TOTP(key, DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)  # noqa: S303 -- RFC 6238's own hash
    return totp.generate(int(seconds)).decode()


@dataclass(slots=True)
class Authenticator:
    """One person's app; a code is given once, as sites take it once."""

    secret: str
    _given: set[int] = field(default_factory=set)

    def code(self) -> str:
        """The code of now, or of the next step when that one was given already."""
        now = int(time.time() // STEP_SECONDS)
        step = next((one for one in (now, now + 1) if one not in self._given), None)
        if step is None:  # both were given: wait until the site takes the one after them
            time.sleep((now + 1) * STEP_SECONDS - time.time())
            step = now + 2
        self._given.add(step)
        return code_at(self.secret, step * STEP_SECONDS)


def email_code(folder: Path, address: str) -> str:
    """The newest code in a letter to this address, out of the folder where a site without mail server writes.

    Raises LookupError when there is none.
    """
    until = time.monotonic() + LETTER_SECONDS
    while time.monotonic() < until:
        for path in sorted(folder.glob("*.log"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
            for letter in filter(bytes.strip, reversed(DIVIDER.split(path.read_bytes()))):
                if found := _code_in(letter, address):
                    return found
        time.sleep(0.1)
    raise LookupError(f"no letter with a code to {address}")


def _code_in(written: bytes, address: str) -> str:
    letter = message_from_bytes(written.strip(), _class=EmailMessage, policy=policy.default)
    body = letter.get_body(("plain",))
    found = EMAIL_CODE.search(str(body.get_content())) if body and letter["To"] == address.lower() else None
    return found[1] if found else ""
