"""A sheet whose cells were judged one by one, as the rules over several cells see it."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import Problem, Scope


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """Typed values by field (null where blank or refused), cells as written, headers, and where to tell."""

    frame: pl.DataFrame
    cells: pl.DataFrame
    headers: dict[str, str]
    scope: Scope
    findings: Findings

    def has(self, *fields: str) -> bool:
        """Whether the file has all these columns."""
        return all(field in self.headers for field in fields)

    @property
    def sound(self) -> pl.Expr:
        """True for rows without an error so far: there an empty value was meant."""
        return pl.lit(~self.findings.rejected)

    def tell(self, place: int, field: str, problem: Problem) -> None:
        """Add a finding about one row, with the cell as the file has it."""
        header = self.headers[field]
        value = self.cells[header][place].strip()
        self.findings.about_cell(place, header, problem, value, is_id=field == "national_id")

    def tell_where(self, condition: pl.Expr, field: str, problem: Problem) -> None:
        """Add a finding about every row for which the condition holds; unknown is not so."""
        for place in self.frame.select(condition.fill_null(value=False)).to_series().arg_true().to_list():
            self.tell(place, field, problem)

    def tell_unknown(self, field: str, known: Collection[str], problem: Problem) -> None:
        """Add a finding about every value that is not among the known ones."""
        unknown = set(self.frame[field].drop_nulls().unique().to_list()).difference(known)
        if unknown:
            self.tell_where(pl.col(field).is_in(list(unknown)), field, problem)
