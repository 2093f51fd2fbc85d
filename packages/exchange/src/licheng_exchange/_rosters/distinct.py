"""A column as its distinct texts and where they stand: what repeats is looked at once."""

from dataclasses import dataclass, replace

import polars as pl

from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import Problem


@dataclass(frozen=True, slots=True)
class Distinct:
    """The different texts of a column, and for each row the place of its text among them.

    `refused` is true for texts that were refused already and are blank here, where there are any.
    """

    texts: pl.Series
    places: pl.Series
    refused: pl.Series | None = None

    @staticmethod
    def of(cells: pl.Series) -> "Distinct":
        """The cells of a column; its categories are its own and end with it."""
        coded = cells.cast(pl.Categorical(pl.Categories.random()))
        seen = coded.unique(maintain_order=True)
        order = seen.to_physical().arg_sort()
        return Distinct(seen.cast(pl.String).gather(order), coded.to_physical())

    def with_texts(self, texts: pl.Series) -> "Distinct":
        """The same rows with other words, which need no longer be different."""
        return replace(self, texts=texts)

    def refusing(self, mask: pl.Series) -> "Distinct":
        """The same rows with these texts refused."""
        return replace(self, texts=self.texts.set(mask, ""), refused=mask)

    def spread(self, values: pl.Series) -> pl.Series:
        """Values of the distinct texts as values of the rows."""
        return values.gather(self.places)

    def tell(
        self, mask: pl.Series, column: str, problem: Problem, findings: Findings, *, is_id: bool = False
    ) -> None:
        """Add a finding about every row whose text is in a mask over the distinct ones."""
        if mask.any():
            findings.about_rows(self.spread(mask), column, problem, self.spread(self.texts), is_id=is_id)
