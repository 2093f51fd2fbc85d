"""What a password of one's own must not be: short, among those that leaked, predictable, or about oneself.

No composition rules, no forced change. Every bound here is an own bound that follows OWASP ASVS 5.0 §6.2 and
NIST SP 800-63B; the list and its licence: docs/sources/passwords.md.
"""

import gzip
import re
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LIST = Path(__file__).with_name("data") / "common-passwords.txt.gz"
OF_THIS_SERVICE = frozenset({"licheng", "portfolio", "學習歷程", "學習歷程檔案", "密碼", "我的密碼"})
SHORTEST, LONGEST = 12, 128  # characters after NFKC
MOST_TYPED = 200  # characters that a form reads at all: the time of rules and NFKC grows with their square
PART = 4  # the shortest listed password that counts as a part of another one
UNIT = 6  # a password that repeats a unit of at most so many characters is that unit
FEW = 4  # different characters
RUN = 4  # the shortest row of keys or characters that counts as one
LEFT = 6  # what must be left beside runs and dates
ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "abcdefghijklmnopqrstuvwxyz",
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ",
)
RUNS = frozenset(
    row[start : start + RUN]
    for way in ROWS
    for row in (way, way[::-1])
    for start in range(len(row) - RUN + 1)
)
DATE = re.compile(r"(?:19|20)\d\d(?:[01]\d[0-3]\d)?|0?1[01]\d(?:[01]\d[0-3]\d)")
ID_NUMBER = re.compile(r"[a-z][a-d1289]\d{8}")
PERSONAL = {True: 3, False: 2}  # the shortest part that counts: letters and digits; anything else


def normalised(password: str) -> str:
    """One form for what looks the same: full-width and half-width letters, accents set either way (NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def listed() -> frozenset[str]:
    """Passwords that everybody tries first, in lower case."""
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().split("\n")) - {""} | OF_THIS_SERVICE


class Length:
    """Long enough to withstand guessing, short enough to be hashed at once."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raise ValidationError for fewer or more characters than the bounds."""
        length = len(normalised(password))
        if length < SHORTEST:
            raise ValidationError(
                _("至少要 %(least)d 個字元，現在是 %(now)d 個。") % {"least": SHORTEST, "now": length},
                code="short",
            )
        if length > LONGEST:
            raise ValidationError(
                _("最多 %(most)d 個字元，現在是 %(now)d 個。") % {"most": LONGEST, "now": length}, code="long"
            )

    def get_help_text(self) -> str:
        """What is asked, before typing."""
        return _("至少 %(least)d 個字元；一句話最好記，中文、空格都可以。") % {"least": SHORTEST}


class NotListed:
    """Not among passwords that leaked, nor one or two of them with digits and signs around."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raise ValidationError when the list knows it."""
        text = normalised(password).casefold()
        compact = "".join(letter for letter in text if letter.isalnum())
        letters = "".join(letter for letter in compact if not letter.isdigit())
        known = listed()
        if {text, compact, letters} & known or any(_two_parts(part, known) for part in (compact, letters)):
            raise ValidationError(
                _(
                    "這個密碼（或它加上數字、符號之前的樣子）在外洩密碼清單裡，別人會最先試。請換一句自己想的話。"
                ),
                code="listed",
            )

    def get_help_text(self) -> str:
        """What is asked, before typing."""
        return _("不能是外洩過的常見密碼，加上數字也不行。")


def _two_parts(text: str, known: frozenset[str]) -> bool:
    return any(text[:cut] in known and text[cut:] in known for cut in range(PART, len(text) - PART + 1))


class NotPredictable:
    """More than a repeated group, rows of keys, and dates."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 -- Django's signature
        """Raise ValidationError when little is left beside what can be foretold."""
        text = normalised(password).casefold()
        if len(set(text)) <= FEW or _repeats(text) or len(_without_runs(DATE.sub("", text))) < LEFT:
            raise ValidationError(
                _("只有重複的字、連號、鍵盤順序或日期，很容易猜到。請換一句自己想的話。"), code="predictable"
            )

    def get_help_text(self) -> str:
        """What is asked, before typing."""
        return _("不能只是重複的字、連號、鍵盤順序或日期。")


def _repeats(text: str) -> bool:
    return any(text == (text[:unit] * len(text))[: len(text)] for unit in range(1, UNIT + 1))


def _without_runs(text: str) -> str:
    in_run = {
        place
        for start in range(len(text) - RUN + 1)
        if text[start : start + RUN] in RUNS
        for place in range(start, start + RUN)
    }
    return "".join(letter for place, letter in enumerate(text) if place not in in_run and letter.isalnum())


class NotAboutYou:
    """Without school code, account, name, or anything that looks like an ID number."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError when it holds one of them."""
        text = normalised(password).casefold()
        if ID_NUMBER.search(text):
            raise ValidationError(_("不能含有身分證號或居留證號。"), code="id-number")
        if user is not None and any(part in text for part in _personal(user)):
            raise ValidationError(_("不能含有學校代碼、帳號或姓名。"), code="personal")

    def get_help_text(self) -> str:
        """What is asked, before typing."""
        return _("不能含有學校代碼、帳號、姓名或身分證號。")


def _personal(user: AbstractBaseUser) -> list[str]:
    words = [*user.get_username().split(":"), *str(getattr(user, "name", "")).split()]
    parts = [normalised(word).casefold() for word in words]
    return [part for part in parts if len(part) >= PERSONAL[part.isascii()]]
