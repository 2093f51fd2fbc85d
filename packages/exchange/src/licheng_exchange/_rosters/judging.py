"""The verdict on one cell's text, and how a rule is told."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from licheng_exchange._rosters.model import RosterContext, Severity

# An identity number, in full-width letters too.
_DIGIT: Final = r"[0-9\uFF10-\uFF19]"
_ID_INSIDE: Final = re.compile(
    rf"([A-Za-z\uFF21-\uFF3A\uFF41-\uFF5A](?:[A-Da-d\uFF21-\uFF24\uFF41-\uFF44]|{_DIGIT}){_DIGIT}{{4}}){_DIGIT}{{4}}"
)
# A course code may hold the same ten characters as an identity number and names nobody.
_COURSE_CODE: Final = re.compile(r"[0-9]{3}[0-9A-Za-z]{6}[A-Za-z][0-9]{2}[0-9A-Za-z]{8,14}")
_VALUE_MAX: Final = 60
_PICTURES: Final = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule, in words; `severity` other than "error" lets the row pass."""

    rule: str
    text_zh: str
    text_en: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Judged:
    """A typed value and what there is to say about it."""

    value: Any
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a judge may look at besides the text: the caller's context and the roster's year, if known."""

    context: RosterContext
    school_year: int | None
    semester: int | None = None
    division: str = ""
    doubtful: frozenset[str] = frozenset()

    @property
    def own_code(self) -> str | None:
        """The code by which this roster's school is known: 進修部 may have another than 日間部."""
        evening = self.context.evening_school_code
        return evening if self.division == "evening" and evening else self.context.school_code


type Judge = Callable[[str, Scope], Judged]


@dataclass(frozen=True, slots=True)
class CellRule:
    """How cells of a type are judged.

    `suspect` is an expression over the text that is true where the judge must look; without it every distinct
    text is judged once, which is right where few texts repeat often. `is_code` allows NFKC normalisation,
    `has_lines` line breaks; `has_point` keeps the decimals of whole numbers.
    """

    judge: Judge
    dtype: pl.DataType | type[pl.DataType]
    suspect: Callable[[pl.Expr], pl.Expr] | None = None
    is_code: bool = True
    has_lines: bool = False
    has_point: bool = False


def refused(rule: str, text_zh: str, text_en: str) -> Judged:
    """A value that rejects its row."""
    return Judged(None, (Problem(rule, text_zh, text_en),))


def repaired(value: Any, rule: str, text_zh: str, text_en: str) -> Judged:
    """A value put right without doubt, and said so."""
    return Judged(value, (Problem(rule, text_zh, text_en, "repaired"),))


def whole_number(text: str) -> int:
    """The number that a few ASCII digits write, or -1."""
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else -1


def masked(text: str) -> str:
    """A text without any full identity number, control characters as pictures of themselves."""
    visible = text.translate(_PICTURES) if not text.isprintable() else text
    return visible if _COURSE_CODE.fullmatch(visible) else _ID_INSIDE.sub(r"\1****", visible)


def shown(value: str) -> str:
    """A value as findings may carry it: masked, and not long."""
    text = masked(value)
    return text if len(text) <= _VALUE_MAX else text[:_VALUE_MAX] + "…"
