"""One finding about one file, said in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, by which rule, and what to do about it."""

    file: str
    rule: str
    text_zh: str
    text_en: str
