"""Who may do what, read from `permission_matrix.csv`: the one table that people, tests and docs/permissions.md share.

`row` is "own" (the owner's, in her homeroom teacher's class and her teacher's course), "draft" (the same, not yet sent or
selected), "other" (somebody else's at the same school; at the archive, another school's) or "colleague" (a member of staff:
the other course's teacher). Rows of another school are in no line: nobody reaches them. At the course-plan platform it is
where a plan stands ("draft", "in-school", "sent" or "filed", of one's own school) or whose it is ("near", another school of the same
authority; "far", one of another authority).
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "permission_matrix.csv"
# Who stands in a relation today, then those who stood or will stand in one (`tests/relations_world.py`).
TODAY = (
    "owner",
    "classmate",
    "guardian",
    "teacher",
    "course_deputy",
    "other_teacher",
    "homeroom",
    "homeroom_deputy",
    "counsellor",
    "counsellor_of_class",
    "counsellor_of_student",
    "data_query",
    "data_query_of_class",
    "registrar",
    "granted_registrar",
    "curriculum",
    "outcome_submitter",
    "activity_submitter",
    "receipt_officer",
    "exchange_officer",
    "working_group",
    "administrator",
    "administrator_in_session",
)
NOT_TODAY = (
    "former_guardian",
    "former_teacher",
    "former_course_deputy",
    "future_course_deputy",
    "former_homeroom",
    "former_class_homeroom",
    "former_homeroom_deputy",
    "future_homeroom_deputy",
    "former_counsellor",
    "former_registrar",
    "future_registrar",
    "administrator_after_session",
)
SCHOOL_ROLES = (*TODAY, *NOT_TODAY, "system")
# What a word of the table stands for besides itself: a role is the same however it was given, an administrator the same
# with or without a staff session unless the line says so, and `everyone` is whoever has an account.
ALSO: dict[str, set[str]] = {
    "registrar": {"granted_registrar"},
    "administrator": {"administrator_in_session", "administrator_after_session"},
    "everyone": {*TODAY, *NOT_TODAY},
}
ARCHIVE_ROLES = ("operator", "depositor", "system")
PLANS_ROLES = ("editor", "reviewer", "authority", "operator", "system")
PLANS_APPS = ("offices.", "plans.")  # what the names of the course-plan platform's rules begin with


@dataclass(frozen=True)
class Line:
    """One rule and row: the roles that are let in."""

    rule: str
    row: str
    allowed: frozenset[str]


def lines() -> list[Line]:
    """The table, line by line."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Line(row["rule"], row["row"], _meant(row["allowed"].split())) for row in csv.DictReader(file)]


def _meant(words: list[str]) -> frozenset[str]:
    return frozenset(words).union(*(ALSO.get(word, ()) for word in words)) - {"everyone"}
