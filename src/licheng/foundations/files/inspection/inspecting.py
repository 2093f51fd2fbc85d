import logging
from pathlib import Path
from typing import Any

from licheng.foundations.files.inspection.model import (
    ALL_TYPES,
    TEXT,
    XLSX,
    Facts,
    Inspected,
    Kind,
    Reason,
    Verdict,
    judged,
)
from licheng.foundations.files.inspection.reasons import MEANINGS
from licheng.foundations.files.sandbox import JSON, Limits, SandboxFailed, call

log = logging.getLogger(__name__)
LOOK = "licheng.foundations.files.inspection.looking:look"
LOOK_AT_TABLE = "licheng.foundations.files.inspection.rosters:look"
LIMITS = Limits(memory_bytes=2**30, cpu_seconds=20, wall_seconds=40)
MAX_REASONS, MAX_FACTS, MAX_WORD, MAX_NUMBER = 20, 20, 500, 1e15


def inspect(
    path: Path, name: str, *, kind: Kind | None = None, allowed: frozenset[str] | None = None
) -> Inspected:
    """Look into a file: what it is by its content, whether it opens whole, what in it must not be passed on.

    `name` is what its sender calls it, `kind` what it is handed in as, `allowed` narrows the media types. All
    parsers run in the sandbox; a file that one of them does not survive is refused.
    Raises OSError when the file cannot be read.
    """
    with path.open("rb"):  # a missing file is the caller's mistake, not the file's
        pass
    there = str(path.resolve())
    arguments: dict[str, JSON] = {
        "path": there,
        "name": name[-MAX_WORD:],
        "kind": kind,
        "allowed": None if allowed is None else list[JSON](sorted(allowed)),
    }
    found = _looked(LOOK, arguments, path)
    if found.media_type in (TEXT, XLSX) and found.verdict != Verdict.REJECT:
        return _looked(LOOK_AT_TABLE, {"path": there, "media_type": found.media_type}, path)
    return found


def _looked(function: str, arguments: dict[str, JSON], path: Path) -> Inspected:
    try:
        said = call(function, arguments=arguments, reads=[path], limits=LIMITS)
    except SandboxFailed as failure:
        log.warning("a file could not be inspected: %s", failure)
        code = "protection-missing" if failure.reason == "refused" else "cannot-be-inspected"
        return judged("", (Reason(code),), {"ended": failure.reason})
    return _believed(said) or judged("", (Reason("cannot-be-inspected"),), {"ended": "nonsense"})


def _believed(said: Any) -> Inspected | None:
    """The answer, if it has the form of one: a process that was taken over may say anything."""
    try:
        media_type = str(said["type"])
        reasons = tuple(Reason(one["code"], _words(one["data"])) for one in said["reasons"][:MAX_REASONS])
        facts: Facts = {str(key): value for key, value in list(said["facts"].items())[:MAX_FACTS]}
        sentences = [sentence for one in reasons for sentence in (one.text_zh, one.text_en)]
    except (TypeError, KeyError, AttributeError, ValueError, IndexError):
        return None
    known = media_type in ALL_TYPES or (media_type == "" and reasons)
    plain = all(_is_plain(value) for value in (*facts, *facts.values()))
    if not known or not plain or not all(sentences) or any(one.code not in MEANINGS for one in reasons):
        return None
    return judged(media_type, reasons, facts)


def _is_plain(value: Any) -> bool:
    """Whether a database can keep it: no text without end, NUL or half letter, no number that is none."""
    if isinstance(value, str):
        return len(value) <= MAX_WORD and value.isprintable()
    return isinstance(value, int | float) and abs(value) <= MAX_NUMBER


def _words(data: Any) -> dict[str, str | int]:
    return {
        str(key): value if isinstance(value, int) else str(value)[:MAX_WORD] for key, value in data.items()
    }
