"""How a verdict becomes lines or JSON, and an exit code."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from licheng_exchange._problems import Problem

GOOD, BAD, UNUSABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its lines in both languages and its fields for JSON."""

    ok: bool
    body: dict[str, Any]
    zh: tuple[str, ...]
    en: tuple[str, ...]


class Unusable(ValueError):
    """The call cannot be answered: something named is not there or cannot be read."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en


def answer_options() -> argparse.ArgumentParser:
    """The options that every command of this kind takes."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="JSON")
    parent.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help="zh （預設）， en")
    return parent


def lines_of_problems(problems: Iterable[Problem], lang: str) -> tuple[str, ...]:
    """One line per problem: file, rule, sentence."""
    return tuple(
        f"  {one.file} [{one.rule}] {one.text_zh if lang == 'zh' else one.text_en}" for one in problems
    )


def print_answer(arguments: argparse.Namespace, answer: Callable[[], Answer]) -> int:
    """Print what `answer` finds and return the exit code."""
    as_json = getattr(arguments, "json", False)
    chinese = getattr(arguments, "lang", "zh") != "en"
    try:
        found = answer()
    except Unusable as error:
        if as_json:
            _print_json({"ok": None, "error": {"text_zh": error.text_zh, "text_en": error.text_en}})
        else:
            sys.stderr.write((error.text_zh if chinese else error.text_en) + "\n")
        return UNUSABLE
    if as_json:
        _print_json({"ok": found.ok, **found.body})
    else:
        sys.stdout.write("\n".join(found.zh if chinese else found.en) + "\n")
    return GOOD if found.ok else BAD


def _print_json(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
