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
EXTRA = "_extra"
BOOK = "成績名冊"  # asks for every roster of a workbook
BOOK_NAMES = frozenset({BOOK, "學生成績名冊", "整本成績名冊"})


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
    normalised, and `_extra` with what stood beyond the header; blank cells are empty strings. `titles` stood
    above the header; `twice` are the headers that occur again, of which the first is read; `doubtful` are the
    characters that the file's encoding leaves in doubt; `cover` is what a workbook's cover sheet says of
    學校代碼, 學年度 and 學期.
    """

    name: str
    sheet: str
    header_row: int
    columns: tuple[str, ...]
    cells: pl.DataFrame
    notes: tuple[Note, ...] = ()
    titles: tuple[str, ...] = ()
    twice: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    cover: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts, each with its `_row`."""
        return self.cells.to_dicts()


@dataclass(frozen=True, slots=True)
class RosterContext:
    """What the caller already knows; a check is left out when its field is None.

    `course_codes` maps a 23-character code to its name and its six credit characters; `class_names` holds
    (grade, class name) pairs. `id_numbers` are the school's students; `pass_marks` maps the id number of a
    student to the mark from which that student passes, and may leave out those who pass at 60.
    `evening_school_code` is the code of the same school's 進修部, where it has one of its own.
    """

    school_code: str | None = None
    known_schools: Collection[str] | None = None
    school_year: int | None = None
    semester: int | None = None
    course_codes: Mapping[str, tuple[str, str]] | None = None
    student_nos: Collection[str] | None = None
    staff_accounts: Collection[str] | None = None
    class_names: Collection[tuple[int, str]] | None = None
    id_numbers: Collection[str] | None = None
    pass_marks: Mapping[str, int] | None = None
    evening_school_code: str | None = None


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
    """The outcome of a check: counts, findings, and the accepted rows as typed values in `frame`.

    `sheet` names the sheet of a workbook, the first one where several hold the same roster.
    """

    kind: str
    rows: int
    accepted: int
    errors: tuple[RowIssue, ...]
    frame: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False, compare=False)
    sheet: str = ""

    @property
    def good(self) -> bool:
        """True when no finding rejects a row or the file."""
        return not any(issue.severity == "error" for issue in self.errors)

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The accepted rows as dicts of typed values, each with its `_sheet` and `_row`."""
        return self.frame.to_dicts()

    def as_json(self) -> dict[str, Any]:
        """The report as the command prints it; accepted values stay out of it."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            "accepted": self.accepted,
            "errors": [issue.as_json() for issue in self.errors],
        }


@dataclass(frozen=True)
class RosterBook:
    """The outcome of checking every sheet of a workbook: a report for each kind, and notes about the rest."""

    reports: tuple[RosterReport, ...]
    notes: tuple[RowIssue, ...]

    @property
    def rows(self) -> int:
        """The rows of all rosters together."""
        return sum(report.rows for report in self.reports)

    @property
    def accepted(self) -> int:
        """The accepted rows of all rosters together."""
        return sum(report.accepted for report in self.reports)

    @property
    def errors(self) -> tuple[RowIssue, ...]:
        """The findings about the book, then those of each roster."""
        return (*self.notes, *(issue for report in self.reports for issue in report.errors))

    @property
    def good(self) -> bool:
        """True when there is a roster and no finding rejects a row, a sheet or the file."""
        return bool(self.reports) and not any(issue.severity == "error" for issue in self.errors)

    def as_json(self) -> dict[str, Any]:
        """The book as the command prints it, with the counts of each roster in `sheets`."""
        return {
            "kind": BOOK,
            "rows": self.rows,
            "accepted": self.accepted,
            "errors": [issue.as_json() for issue in self.errors],
            "sheets": [
                {
                    "sheet": report.sheet,
                    "kind": report.kind,
                    "rows": report.rows,
                    "accepted": report.accepted,
                }
                for report in self.reports
            ],
        }
