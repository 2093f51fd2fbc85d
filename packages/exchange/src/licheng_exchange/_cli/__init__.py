"""The command `licheng-exchange`: what a vendor or a school checks by hand.

Exit codes: 0 good, 1 bad, 2 unusable call.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn, TextIO

from licheng_exchange._cli.answers import UNUSABLE
from licheng_exchange._cli.plain import print_error

# Which module adds a command. The rosters' is slow to load, so who asks for another command does without.
_COMMANDS: Final = {
    "code": "codes",
    "id": "codes",
    "roster": "rosters",
    "package": "packages",
    "receipt": "receipts",
    "ledger": "receipts",
}


class _BadCallError(Exception):
    """The arguments are not a call of this command."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _BadCallError(f"{self.prog}: {message}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no failure shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    words, as_json = _without_json(list(sys.argv[1:] if argv is None else argv))
    try:
        arguments = _parser(words[:1]).parse_args(words, argparse.Namespace(json=as_json, lang="zh"))
        return int(arguments.run(arguments))
    except _BadCallError as error:
        print_error(f"{error}。用法請見 --help。", f"{error}. See --help.", as_json=as_json)
    except SystemExit as leaving:  # argparse leaves this way after --help and --version
        return leaving.code if isinstance(leaving.code, int) else UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
    except (OSError, MemoryError, RecursionError, UnicodeError) as error:
        print_error(f"無法完成：{error}", f"Could not be done: {error}", as_json=as_json)
    return UNUSABLE


def _parser(first: Sequence[str]) -> argparse.ArgumentParser:
    """The parser with the command that the call begins with, or with every one where it begins otherwise."""
    wanted = {_COMMANDS[word] for word in first if word in _COMMANDS}
    parser = _Parser(
        prog="licheng-exchange",
        description="檢查課程代碼、身分證號、名冊、提交包與收據 / check codes, ids, rosters, packages",
        epilog="結束代碼 0 正確、1 不正確、2 無法執行 / exit 0 good, 1 bad, 2 unusable; --json 隨處可放",
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in dict.fromkeys(_COMMANDS.values()):
        if not wanted or part in wanted:
            import_module(f"{__name__}.{part}").add_parsers(subparsers)
    return parser


def _without_json(words: list[str]) -> tuple[list[str], bool]:
    """Take `--json` out, wherever it stands before a `--`."""
    end = words.index("--") if "--" in words else len(words)
    head = [word for word in words[:end] if word != "--json"]
    return [*head, *words[end:]], len(head) < end


def _speak_utf8(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")
