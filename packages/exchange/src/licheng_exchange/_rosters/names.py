"""Names: kept as they are, judged for damage, and compared across the five separators."""

import re
import unicodedata
from typing import Final

import polars as pl

from licheng_exchange._rosters.headers import INVISIBLE
from licheng_exchange._rosters.judging import Judged, Problem, Scope

NAME_MAX: Final = 100  # Unicode code points
SEPARATORS: Final = "\u2027\u00b7\u2022\uff0e\u30fb"
_TO_ONE_SEPARATOR: Final = str.maketrans(dict.fromkeys(SEPARATORS, "\u00b7"))
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_DAMAGED: Final = re.compile("[?？\ufffd〓]")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_FORMULA: Final = re.compile("[=+@＝＋＠－-]")
_STAR: Final = re.compile(r"\s*[*＊]+$")


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name: separators, invisible marks and composition do not count."""
    return _comparable(one) == _comparable(other)


def suspect_name(text: pl.Expr) -> pl.Expr:
    """True where a name needs a look: damage, private characters, a star, a formula, or great length."""
    odd = (
        "[?？\ufffd〓□*＊]|^[=+@＝＋＠－-]"
        r"|[\x{E000}-\x{F8FF}\x{F0000}-\x{FFFFD}\x{100000}-\x{10FFFD}]"
    )
    return text.str.contains(odd) | (text.str.len_chars() > NAME_MAX)


def judge_name(text: str, scope: Scope) -> Judged:
    """Refuse damaged names, warn about doubtful characters, drop the star that some schools append."""
    name = _STAR.sub("", text)
    problems: list[Problem] = []
    if name != text:
        problems.append(
            Problem("name-star", "姓名後的星號已移除。", "The star after the name was removed.", "repaired")
        )
    if not name:
        problems.append(Problem("name-blank", "姓名是空白。", "The name is blank."))
    if len(name) > NAME_MAX:
        problems.append(
            Problem("name-too-long", f"姓名超過 {NAME_MAX} 字。", f"Longer than {NAME_MAX} characters.")
        )
    if _DAMAGED.search(name) and not _FORMULA.match(name):
        problems.append(
            Problem(
                "name-damaged",
                "姓名含有「?」「\ufffd」或「〓」，是轉檔時遺失的字；請補上正確的字（可用 UTF-8 或 .xlsx）。",
                "The name has ?, U+FFFD or 〓 for a lost character; restore it (UTF-8 and .xlsx keep it).",
            )
        )
    problems += _doubts(name)
    doubtful = "".join(character for character in name if character in scope.doubtful)
    if doubtful:
        problems.append(
            Problem(
                "name-extension",
                f"「{doubtful}」在檔案裡是 Big5 的擴充字，各系統的造字可能不同；請核對是不是這個字。",
                f"{doubtful} has the bytes of a Big5 extension and may be another character there; check it.",
                "warning",
            )
        )
    return Judged(name, tuple(problems))


def _doubts(name: str) -> list[Problem]:
    doubts: list[Problem] = []
    if "□" in name:
        doubts.append(
            Problem(
                "name-placeholder",
                "姓名含有「□」，請確認是否為缺字。",
                "□ may stand for a missing character.",
                "warning",
            )
        )
    if _PRIVATE.search(name):
        doubts.append(
            Problem(
                "name-private-use",
                "姓名含有自造字（私用區），在別處可能顯示不出來；有對應的正式字請改用。",
                "The name has a private-use character that other machines cannot show.",
                "warning",
            )
        )
    if _FORMULA.match(name):
        doubts.append(
            Problem(
                "formula-text",
                "姓名開頭像公式，已當作文字。",
                "It starts like a formula; kept as text.",
                "warning",
            )
        )
    return doubts


def _comparable(name: str) -> str:
    visible = _INVISIBLE.sub("", name).strip()
    return unicodedata.normalize("NFC", visible.translate(_TO_ONE_SEPARATOR))
