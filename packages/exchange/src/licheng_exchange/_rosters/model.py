"""What reading and checking a roster hand over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import polars as pl

from licheng_exchange._refusals import Refusal

type Severity = Literal["error", "repaired", "warning"]

SHEET = "_sheet"
ROW = "_row"


class RosterFileError(Refusal):
    """The file as a whole cannot be read as a table."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the whole file that a person should know; `row` is 0 when no row is meant."""

    rule: str
    text_zh: str
    text_en: str
    sheet: str = ""
    row: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table cut out of a file.

    `cells` holds `_sheet`, `_row` (1-based row of the source), one text column per header, named as
    normalised, and `_extra` with what stood beyond the header; blank cells are empty strings.
    """

    name: str
    sheet: str
    header_row: int
    columns: tuple[str, ...]
    cells: pl.DataFrame
    notes: tuple[Note, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts, each with its `_row`."""
        return self.cells.to_dicts()


@dataclass(frozen=True, slots=True)
class RosterContext:
    """What the caller already knows; a check is left out when its field is None.

    `course_codes` maps a 23-character code to its name and its six credit characters; `class_names` holds
    (grade, class name) pairs.
    """

    school_code: str | None = None
    known_schools: Collection[str] | None = None
    school_year: int | None = None
    semester: int | None = None
    course_codes: Mapping[str, tuple[str, str]] | None = None
    student_nos: Collection[str] | None = None
    staff_accounts: Collection[str] | None = None
    class_names: Collection[tuple[int, str]] | None = None


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One finding about one cell; `row` is the 1-based row of the source, 0 for the file as a whole."""

    sheet: str
    row: int
    column: str
    rule: str
    value: str
    severity: Severity
    text_zh: str
    text_en: str

    def as_json(self) -> dict[str, str | int]:
        """The finding as the command prints it."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "rule": self.rule,
            "value": self.value,
            "severity": self.severity,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
        }


@dataclass(frozen=True)
class RosterReport:
    """The outcome of a check: counts, findings, and the accepted rows as typed values in `frame`."""

    kind: str
    rows: int
    accepted: int
    errors: tuple[RowIssue, ...]
    frame: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False, compare=False)

    @property
    def good(self) -> bool:
        """True when no finding rejects a row or the file."""
        return not any(issue.severity == "error" for issue in self.errors)

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The accepted rows as dicts of typed values, each with its `_row`."""
        return self.frame.to_dicts()

    def as_json(self) -> dict[str, Any]:
        """The report as the command prints it; accepted values stay out of it."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            "accepted": self.accepted,
            "errors": [issue.as_json() for issue in self.errors],
        }
