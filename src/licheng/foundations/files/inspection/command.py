"""`licheng inspect FILE`: what a file is and whether it may come in; the same code as uploads use."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from licheng.foundations.files.inspection import Inspected, Kind, Verdict, inspect

REFUSED, UNREADABLE = 1, 2
TITLES = {
    Verdict.ACCEPT: ("可以收下", "accept"),
    Verdict.SANITISE: ("可以收下；給別人看的是清理過的版本", "sanitise: others are given a cleaned copy"),
    Verdict.REJECT: ("不能收下", "reject"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--kind", choices=[kind.value for kind in Kind], help="what it is handed in as")
    parser.add_argument("--name", help="what its sender calls it (default: the file's own name)")
    parser.add_argument("--json", action="store_true", help="one JSON object a file, one a line")


def run(options: argparse.Namespace) -> int:
    """Inspect each file; 0 when all may come in, 1 when one may not, 2 when one cannot be read."""
    worst = 0
    for path in options.files:
        try:
            if not path.is_file():
                raise FileNotFoundError(2, "no such file", str(path))
            found = inspect(
                path, options.name or path.name, kind=Kind(options.kind) if options.kind else None
            )
        except OSError as failure:
            sys.stderr.write(f"{path}: 無法讀取 cannot be read: {failure.strerror}\n")
            worst = UNREADABLE
            continue
        sys.stdout.write(_line(found) if options.json else _text(path, found))
        worst = max(worst, REFUSED if found.verdict == Verdict.REJECT else 0)
    return worst


def as_json(found: Inspected) -> dict[str, Any]:
    """The answer as other programs read it."""
    return {
        "verdict": found.verdict.value,
        "type": found.media_type,
        "reasons": [
            {"code": one.code, "text_zh": one.text_zh, "text_en": one.text_en} for one in found.reasons
        ],
        "facts": found.facts,
    }


def _line(found: Inspected) -> str:
    return json.dumps(as_json(found), ensure_ascii=False) + "\n"


def _text(path: Path, found: Inspected) -> str:
    zh, en = TITLES[found.verdict]
    lines = [f"{path.name}：{zh}（{en}）"]
    lines += [f"  {text}" for one in found.reasons for text in (one.text_zh, one.text_en)]
    facts = "  ".join(f"{key}={value}" for key, value in found.facts.items())
    return "\n".join([*lines, f"  {found.media_type or '?'}  {facts}".rstrip()]) + "\n"
