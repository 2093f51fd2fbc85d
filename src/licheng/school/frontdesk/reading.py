"""Texts that people hand in at the desk: read, bounded, and free of what must not stand there."""

import re
import unicodedata

from licheng_exchange import check_id

from licheng.school.frontdesk.errors import HoldsIdNumber, HoldsPassword, TextMissing

PLAIN = frozenset("\n\t")
# Ten characters of an ID or resident number, also written apart as on forms.
LIKE_AN_ID = re.compile(r"(?<![A-Z0-9])[A-Z][ -]?[0-9A-D](?:[ -]?[0-9]){8}(?![0-9])")
LIKE_A_PASSWORD = re.compile(
    r"(?:密碼|啟用碼|驗證碼|password|passwd|passcode|pwd)\s*(?:是|為|：|:|=|is\b)\s*[!-~]{4,}", re.IGNORECASE
)


def read_text(text: str, field: str, limit: int) -> str:
    """The text as it is kept: line ends as one character, no control characters.

    Units: code points. Raises TextMissing (empty or above the limit), HoldsIdNumber or HoldsPassword.
    """
    kept = "".join(
        letter
        for letter in text.replace("\r\n", "\n")
        if letter in PLAIN or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    ).strip()
    if not kept or len(kept) > limit:
        raise TextMissing(field=field, limit=limit)
    refuse_secrets(kept)
    return kept


def refuse_secrets(text: str) -> None:
    """Refuse numbers and passwords that nobody should write to a desk.

    Raises HoldsIdNumber (its checksum is right, so that a student number is none) or HoldsPassword.
    """
    plain = unicodedata.normalize("NFKC", text)
    for like in LIKE_AN_ID.findall(plain.upper()):
        if check_id(re.sub(r"[ -]", "", like)).valid:
            raise HoldsIdNumber
    if LIKE_A_PASSWORD.search(plain):
        raise HoldsPassword
