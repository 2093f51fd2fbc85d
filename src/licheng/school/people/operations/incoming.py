"""Checked rows of a roster on their way into tables: what every kind needs before it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from licheng.foundations.bulk import Written, put_rows, remove_rows, rows_of, unheld
from licheng.foundations.errors import Invalid
from licheng.school.people.models import GuardianContact, School
from licheng.school.people.queries.accounts import students_by_id_number, students_by_number

_NAMED: Final = 5  # rows that a refusal lists


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows of one kind, typed, each with its `_row`; and the semester they belong to.

    `is_whole`: rows that the file does not name are taken away, unless something hangs on them.
    """

    kind: str
    rows: pl.DataFrame
    school: School
    school_year: int
    semester: int
    is_whole: bool = False

    def with_rows(self, rows: pl.DataFrame) -> "Roster":
        """The same with other rows."""
        return replace(self, rows=rows)


def refuse(rows: pl.DataFrame, wrong: pl.Series, *, reason: str) -> None:
    """Refuse the whole roster when any row is wrong.

    Raises Invalid, which names the first rows by sheet and number.
    """
    found = rows.filter(wrong)
    if found.is_empty():
        return
    named = [_place(line) for line in found.head(_NAMED).iter_rows(named=True)]
    more = _("等 %(rows)d 列") % {"rows": found.height} if found.height > _NAMED else ""
    raise Invalid(field=_("、").join(named) + more, reason=reason)


def _place(line: dict[str, object]) -> str:
    words = {"sheet": line.get("_sheet") or "", "row": line["_row"]}
    return _("工作表「%(sheet)s」第 %(row)s 列") % words if words["sheet"] else _("第 %(row)s 列") % words


def once_each(rows: pl.DataFrame, key: Sequence[str]) -> None:
    """Refuse two rows about the same thing: neither of them would be right. Raises Invalid."""
    repeated = rows.select(pl.struct(key).is_duplicated()).to_series()
    refuse(rows, repeated, reason=_("這幾列說的是同一筆資料，請只留一列。"))


def in_term(roster: Roster, *, has_semester: bool = True) -> Roster:
    """The rows with the import's school year and semester, which columns of the file may only repeat.

    Raises Invalid for rows of another semester.
    """
    term = {"school_year": roster.school_year, "semester": roster.semester}
    if not has_semester:
        del term["semester"]
    rows = roster.rows
    for column, value in term.items():
        if column in rows.columns:
            reason = _("這幾列不屬於這次匯入的 %(year)s 學年度第 %(semester)s 學期。") % {
                "year": roster.school_year,
                "semester": roster.semester,
            }
            refuse(rows, rows[column].is_not_null() & (rows[column] != value), reason=reason)
    return roster.with_rows(rows.with_columns(**{name: pl.lit(value) for name, value in term.items()}))


def with_students(roster: Roster) -> Roster:
    """The rows with `student_id`, found by ID number or, where the roster has none, by student number.

    Raises Invalid for rows that name nobody of this school.
    """
    rows = roster.rows
    by_id = "national_id" in rows.columns
    column = "national_id" if by_id else "student_no"
    named = rows[column].unique().drop_nulls().to_list()
    known = (students_by_id_number if by_id else students_by_number)(roster.school, named)
    people = pl.DataFrame(
        {column: list(known), "student_id": list(known.values())},
        schema={column: pl.String, "student_id": pl.Int64},
    )
    joined = rows.join(people, on=column, how="left", maintain_order="left")
    refuse(joined, joined["student_id"].is_null(), reason=_("本校學生名冊裡沒有這位學生，請先匯入學生名冊。"))
    return roster.with_rows(joined)


def put_lines(roster: Roster, model: type[Model], key: Sequence[str], there: "QuerySet[Any]") -> Written:
    """Write rows into the table after whose columns they are named; a whole roster replaces those `there`.

    Raises Invalid for two rows with the same key.
    """
    rows = roster.rows.with_columns(pl.lit(roster.school.pk).alias("school_id"))
    once_each(rows, key)
    fields = {field.column for field in model._meta.concrete_fields}  # noqa: SLF001 -- Django's documented name
    rows = rows.select(name for name in rows.columns if name in fields)
    rows = rows.with_columns(pl.selectors.by_dtype(pl.List(pl.String)).list.join(","))
    written = put_rows(model, rows, key=key)
    if roster.is_whole:
        gone = rows_of(unheld(there), "pk", *key).join(rows, on=list(key), how="anti")
        remove_rows(model, gone["pk"].to_list())
    return written


def put_contacts(roster: Roster) -> Written:
    """Take over the guardians of students as the school's own list names them; nobody gets an account by it.

    Raises Invalid for rows of nobody at this school, or twice.
    """
    contacts = GuardianContact.objects.filter(school=roster.school)
    return put_lines(with_students(roster), GuardianContact, ("student_id", "name"), contacts)
