"""The one exception type behind every refusal of this library that a person reads."""

from dataclasses import dataclass


@dataclass(eq=False)  # not frozen: Python writes __traceback__ on a raised exception
class Refusal(ValueError):
    """Why something was refused: a stable rule name and one sentence per language."""

    rule: str
    text_zh: str
    text_en: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text_en}"
