"""Printing a verdict whose JSON has a fixed set of fields."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from licheng_exchange._cli.answers import BAD, GOOD, UNUSABLE, Answer, Unusable

INPUT_MAX: Final = 256 * 2**20  # bytes
_REASONS_ZH: Final[dict[type[Exception], str]] = {
    FileNotFoundError: "沒有這個檔案",
    IsADirectoryError: "這是資料夾，請指定檔案",
    PermissionError: "沒有讀取的權限",
}


def tell(arguments: argparse.Namespace, answer: Callable[[], Answer]) -> int:
    """Print the answer as lines or as its JSON body, and return the exit code."""
    try:
        found = answer()
    except Unusable as error:
        print_error(error.text_zh, error.text_en, as_json=arguments.json, lang=arguments.lang)
        return UNUSABLE
    if arguments.json:
        print_json(found.body)
    else:
        lines = found.en if arguments.lang == "en" else found.zh
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return GOOD if found.ok else BAD


def print_error(text_zh: str, text_en: str, *, as_json: bool, lang: str = "zh") -> None:
    """Say why a call could not be answered: one line on stderr, or JSON on stdout."""
    if as_json:
        print_json({"error": {"text_zh": text_zh, "text_en": text_en}})
    else:
        sys.stderr.write((text_en if lang == "en" else text_zh) + "\n")


def print_json(body: dict[str, Any]) -> None:
    """One JSON object on one line."""
    sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")


def read_input(path: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises Unusable."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(INPUT_MAX + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(INPUT_MAX + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        reason_zh = _REASONS_ZH.get(type(error), reason)
        raise Unusable(f"無法讀取檔案 {path}：{reason_zh}。", f"Cannot read {path}: {reason}.") from error
    if len(data) > INPUT_MAX:
        raise Unusable(f"檔案 {path} 超過 {INPUT_MAX} 位元組。", f"{path} is larger than {INPUT_MAX} bytes.")
    return data
