"""What an inspection says: a verdict, its reasons in two languages, and what was learnt of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from licheng.foundations.files.inspection.reasons import LABELS, MEANINGS

type Facts = dict[str, int | float | str]


class Verdict(StrEnum):
    """What is done with a file; SANITISE comes in as it is, and others are given a cleaned copy."""

    ACCEPT = "accept"
    SANITISE = "sanitise"
    REJECT = "reject"


class Kind(StrEnum):
    """What a file is handed in as; it decides which types are taken."""

    DOCUMENT = "document"
    MEDIA = "media"
    EVIDENCE = "evidence"
    ROSTER = "roster"


PDF, JPEG, PNG, MP3, MP4 = "application/pdf", "image/jpeg", "image/png", "audio/mpeg", "video/mp4"
ZIP, TEXT = "application/zip", "text/plain"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What may be uploaded as work, and how such a file may be named.
EXTENSIONS = {
    PDF: {"pdf"},
    JPEG: {"jpg", "jpeg"},
    PNG: {"png"},
    MP3: {"mp3"},
    MP4: {"mp4", "m4v"},
}
OTHER_EXTENSIONS = {ZIP: {"zip"}, TEXT: {"csv", "txt", "tsv"}, XLSX: {"xlsx"}}
TYPES_OF = {
    Kind.DOCUMENT: frozenset({PDF, JPEG, PNG}),
    Kind.MEDIA: frozenset({MP3, MP4}),
    Kind.EVIDENCE: frozenset({*EXTENSIONS, ZIP}),
    Kind.ROSTER: frozenset({TEXT, XLSX}),
}
ALL_TYPES = frozenset({*EXTENSIONS, *OTHER_EXTENSIONS})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing found: a stable code, and the values that its sentence names."""

    code: str
    data: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """What this reason alone leads to."""
        return Verdict(MEANINGS[self.code].verdict)

    @property
    def text_zh(self) -> str:
        """The sentence in Traditional Chinese."""
        return self._filled(MEANINGS[self.code].zh, language=0)

    @property
    def text_en(self) -> str:
        """The sentence in English."""
        return self._filled(MEANINGS[self.code].en, language=1)

    def _filled(self, sentence: str, *, language: int) -> str:
        values = {key: f"{value:,}" if isinstance(value, int) else value for key, value in self.data.items()}
        if values.get("what") in LABELS:
            values["what"] = LABELS[values["what"]][language]
        return sentence.format_map(values)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file is, whether it may come in, and why (not)."""

    verdict: Verdict
    media_type: str
    reasons: tuple[Reason, ...]
    facts: Facts


def judged(media_type: str, reasons: tuple[Reason, ...], facts: Facts) -> Inspected:
    """The verdict that follows from the reasons: the strictest of them, ACCEPT when there is none."""
    found = {reason.verdict for reason in reasons}
    verdict = next((one for one in (Verdict.REJECT, Verdict.SANITISE) if one in found), Verdict.ACCEPT)
    return Inspected(verdict, media_type, reasons, facts)


def as_answer(media_type: str, reasons: list[Reason], facts: Facts) -> dict[str, Any]:
    """What was found, as JSON that leaves the sandbox."""
    return {
        "type": media_type,
        "reasons": [{"code": reason.code, "data": dict(reason.data)} for reason in reasons],
        "facts": dict(facts),
    }


class Unfit(Exception):
    """A reason not to take the file, found while looking; it ends the looking."""

    def __init__(self, code: str, **data: str | int) -> None:
        super().__init__(code)
        self.reason = Reason(code, data)
