"""The code tables, as data files versioned by entry year; where they come from: NOTICE.md."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

TABLES: Final = (
    "course_type",
    "group",
    "department",
    "class_group",
    "category",
    "delivery",
    "attribute",
    "domain",
    "test_schools",
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a table; `applies_to` is empty when the row holds for every course type.

    Units: `from_year` and `until_year` are ROC entry years, both inclusive; no `until_year`: still holds.
    `provisional` rows were not yet compared with the official specification; the notes say what is in doubt.
    """

    code: str
    name_zh: str
    applies_to: frozenset[str]
    from_year: int
    until_year: int | None
    provisional: bool
    note_zh: str = ""
    note_en: str = ""

    def holds(self, entry_year: int) -> bool:
        """Whether the row holds for students who enter in that year."""
        return self.from_year <= entry_year <= (self.until_year or entry_year)


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject whose number is fixed for all schools, under one 課程類別, 科目屬性 and 領域."""

    code: str
    name_zh: str
    category: str
    attribute: str
    domain: str
    from_year: int
    until_year: int | None
    provisional: bool

    def holds(self, entry_year: int) -> bool:
        """Whether the row holds for students who enter in that year."""
        return self.from_year <= entry_year <= (self.until_year or entry_year)


def code_table(name: str, *, entry_year: int | None = None) -> tuple[CodeRow, ...]:
    """The rows of one table that hold for that entry year, or all rows for none, in file order."""
    rows = [row for same in _by_code(name).values() for row in same]
    return tuple(row for row in rows if entry_year is None or row.holds(entry_year))


def find_code(
    name: str, code: str, *, course_type: str = "", entry_year: int | None = None
) -> CodeRow | None:
    """The row of a code for a course type and year, or None when the table does not know it."""
    for row in _by_code(name).get(code, ()):
        is_of_type = not row.applies_to or course_type in row.applies_to
        if is_of_type and (entry_year is None or row.holds(entry_year)):
            return row
    return None


def codes_of(name: str) -> frozenset[str]:
    """The codes of one table, whatever the year."""
    return frozenset(_by_code(name))


@cache
def subject_table() -> tuple[SubjectRow, ...]:
    """The subjects whose numbers are fixed nationally, as far as they are known, in file order."""
    return tuple(
        SubjectRow(
            code=row["code"],
            name_zh=row["name_zh"],
            category=row["category"],
            attribute=row["attribute"],
            domain=row["domain"],
            from_year=int(row["from_year"]),
            until_year=int(row["until_year"]) if row["until_year"] else None,
            provisional=row["provisional"] == "yes",
        )
        for row in read_rows("subject")
    )


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one data file by column."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def _by_code(name: str) -> dict[str, list[CodeRow]]:
    rows: dict[str, list[CodeRow]] = {}
    for row in read_rows(name):
        made = CodeRow(
            code=row["code"],
            name_zh=row["name_zh"],
            applies_to=frozenset(filter(None, row["applies_to"].split("|"))),
            from_year=int(row["from_year"]),
            until_year=int(row["until_year"]) if row["until_year"] else None,
            provisional=row["provisional"] == "yes",
            note_zh=row["note_zh"],
            note_en=row["note_en"],
        )
        rows.setdefault(made.code, []).append(made)
    return rows
