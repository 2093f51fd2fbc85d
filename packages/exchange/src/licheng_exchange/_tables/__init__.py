"""The code tables, as data files with a `provisional` column; where they come from: NOTICE.md."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a table; `applies_to` is empty when the row holds for every course type."""

    code: str
    name_zh: str
    applies_to: frozenset[str]
    from_year: int
    provisional: bool


@cache
def code_table(name: str) -> tuple[CodeRow, ...]:
    """All rows of one table, in file order."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(
        CodeRow(
            code=row["code"],
            name_zh=row["name_zh"],
            applies_to=frozenset(filter(None, row["applies_to"].split("|"))),
            from_year=int(row["from_year"]),
            provisional=row["provisional"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def codes_of(name: str) -> frozenset[str]:
    """The codes of one table."""
    return frozenset(row.code for row in code_table(name))


def find_code(name: str, code: str, *, course_type: str) -> CodeRow | None:
    """The row of a code for a course type, or None when the table does not know it."""
    fitting = (row for row in code_table(name) if row.code == code)
    return next((row for row in fitting if not row.applies_to or course_type in row.applies_to), None)
