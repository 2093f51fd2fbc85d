"""National identity numbers and resident (UI) numbers: shape, checksum and kind."""

import re
from dataclasses import dataclass
from typing import Final, Literal

type IdKind = Literal["national_id", "ui_old", "ui_new", ""]

# Source: reference/national_id_letters.csv; I, O, W and Z are out of alphabetical order, X and Y are swapped.
LETTER_CODES: Final = {
    letter: code
    for code, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", start=10)
}  # fmt: skip

_SHAPES: Final[tuple[tuple[IdKind, re.Pattern[str]], ...]] = (
    ("national_id", re.compile(r"[A-Z][12][0-9]{8}")),
    ("ui_old", re.compile(r"[A-Z][A-D][0-9]{8}")),
    ("ui_new", re.compile(r"[A-Z][89][0-9]{8}")),
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 1, 1)
_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class IdVerdict:
    """Whether a number is well formed; `kind` is filled once the shape is known, even if the sum is wrong."""

    valid: bool
    kind: IdKind
    reason_zh: str
    reason_en: str


def check_id(text: str) -> IdVerdict:
    """Judge one number exactly as written: ASCII, upper case, nothing stripped.

    Swapping the last two digits always passes, since both have weight 1.
    Source: national_id_rules.md.
    """
    kind = _kind_of(text)
    if kind == "":
        reason_zh, reason_en = _shape_reason(text)
        return IdVerdict(valid=False, kind="", reason_zh=reason_zh, reason_en=reason_en)
    if weighted_sum(text) % 10:
        return IdVerdict(
            valid=False,
            kind=kind,
            reason_zh="檢查碼不符，請核對是否打錯字。",
            reason_en="The check digit does not match; look for a typing error.",
        )
    return IdVerdict(valid=True, kind=kind, reason_zh="", reason_en="")


def weighted_sum(text: str) -> int:
    """The sum that must be a multiple of ten; `text` already has one of the three shapes."""
    tens, ones = divmod(LETTER_CODES[text[0]], 10)
    second = LETTER_CODES[text[1]] % 10 if text[1].isalpha() else int(text[1])
    digits = (second, *(int(digit) for digit in text[2:]))
    return tens + ones * 9 + sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))


def mask_id(text: str) -> str:
    """The number with its end hidden, for messages and logs: A12345****."""
    return text[:6] + "****" if len(text) > len("A12345") else "****"


def _kind_of(text: str) -> IdKind:
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(text)), "")


def _shape_reason(text: str) -> tuple[str, str]:
    if not text:
        return "沒有號碼。", "There is no number."
    if not text.isascii():
        return "含有全形或非英數字元，請用半形。", "Full-width or other non-ASCII characters; use half-width."
    if text != text.strip():
        return "前後有空白，請刪除。", "There is a space before or after it; remove it."
    if text != text.upper():
        return "英文字母要大寫。", "Letters must be upper case."
    if len(text) != _LENGTH:
        return "長度不是 10 碼。", "It is not 10 characters long."
    return (
        "格式不符：應為 1 個大寫英文字母加 9 個數字，或居留證統一證號格式。",
        "The form is wrong: one capital letter and nine digits, or a resident-certificate number.",
    )
