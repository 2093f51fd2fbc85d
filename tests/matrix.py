"""Who may do what, read from `permission_matrix.csv`: the one table that people, tests and docs/permissions.md share.

`row` is "own" (the owner's, in her homeroom teacher's class and her teacher's course) or "other" (somebody else's at
the same school; at the archive, another school's). Rows of another school are in no line: nobody reaches them.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "permission_matrix.csv"
SCHOOL_ROLES = (
    "owner",
    "classmate",
    "teacher",
    "other_teacher",
    "homeroom",
    "counsellor",
    "registrar",
    "outcome_submitter",
    "activity_submitter",
    "receipt_officer",
    "administrator",
    "system",
)
ARCHIVE_ROLES = ("operator", "depositor", "system")


@dataclass(frozen=True)
class Line:
    """One rule and row: the roles that are let in."""

    rule: str
    row: str
    allowed: frozenset[str]


def lines() -> list[Line]:
    """The table, line by line."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Line(row["rule"], row["row"], frozenset(row["allowed"].split())) for row in csv.DictReader(file)
        ]
