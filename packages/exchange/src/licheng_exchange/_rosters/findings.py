"""Where findings about rows, cells and the file are gathered, masked and put in order."""

from typing import Final

import polars as pl

from licheng_exchange._ids import mask_id
from licheng_exchange._rosters.judging import Problem, masked, shown
from licheng_exchange._rosters.model import ROW, SHEET, RowIssue, Severity, Table

MOST_ISSUES: Final = 500_000  # own bound: beyond it rows are refused without being named
MOST_REMARKS: Final = 200_000  # own bound for what refuses nothing; errors have room behind them
_REMARKS_CUT: Final = Problem(
    "remarks-cut",
    f"提醒與已修正的項目超過 {MOST_REMARKS} 項，其餘的沒有列出；不影響匯入。",
    f"More than {MOST_REMARKS} warnings and repairs; the others are not listed and refuse nothing.",
    "warning",
)
_CUT: Final = Problem(
    "issues-cut",
    f"問題超過 {MOST_ISSUES} 項，其餘的沒有列出；請先修正這些，再檢查一次。",
    f"More than {MOST_ISSUES} findings; the others are not listed. Mend these and check again.",
)


class Findings:
    """The findings of one check; rows are named by their place in the table."""

    def __init__(self, cells: pl.DataFrame, issues: list[RowIssue]) -> None:
        self.file_refused = False
        self._issues = issues
        self._sheets: list[str] = cells[SHEET].to_list()
        self._rows: list[int] = cells[ROW].to_list()
        self._bad: set[int] = set()
        self._is_cut = False
        self._remarks = 0
        self._said: dict[tuple[Problem, str, bool], tuple[str, str, str]] = {}

    @property
    def rejected(self) -> pl.Series:
        """True for every row with an error."""
        flags = [False] * len(self._rows)
        for index in self._bad:
            flags[index] = True
        return pl.Series("rejected", flags, dtype=pl.Boolean)

    def row_beside(self, index: int, other: int) -> tuple[str, str]:
        """A row as people find it, in Chinese and English: by its sheet too where the other is on another."""
        sheet, row = self._sheets[index], self._rows[index]
        if sheet == self._sheets[other]:
            return f"第 {row} 列", f"row {row}"
        return f"工作表「{sheet}」第 {row} 列", f"row {row} of sheet {sheet!r}"

    def about_cell(
        self, index: int, column: str, problem: Problem, value: str, *, is_id: bool = False
    ) -> None:
        """Add one finding about one cell; the row is refused also where no more findings are kept."""
        if problem.severity == "error":
            self._bad.add(index)
        else:
            self._remarks += 1
            if self._remarks > MOST_REMARKS:
                self._cut_remarks(index)
                return
        if len(self._issues) >= MOST_ISSUES:
            self._cut(index)
            return
        value_shown, text_zh, text_en = self._words(problem, value, is_id=is_id)
        self._issues.append(
            RowIssue(
                self._sheets[index],
                self._rows[index],
                column,
                problem.rule,
                value_shown,
                problem.severity,
                text_zh,
                text_en,
            )
        )

    def _cut(self, index: int) -> None:
        """Refuse the file once: what is not listed any more may be an error."""
        if not self._is_cut:
            self._is_cut, self.file_refused = True, True
            self._tell_cut(index, _CUT)

    def _cut_remarks(self, index: int) -> None:
        if self._remarks == MOST_REMARKS + 1:
            self._tell_cut(index, _REMARKS_CUT)

    def _tell_cut(self, index: int, problem: Problem) -> None:
        said = problem.rule, "", problem.severity, problem.text_zh, problem.text_en
        self._issues.append(RowIssue(self._sheets[index], self._rows[index], "", *said))

    def _words(self, problem: Problem, value: str, *, is_id: bool) -> tuple[str, str, str]:
        """Value and sentences without identity numbers; the same mistake is often in thousands of rows."""
        key = problem, value, is_id
        if key not in self._said:
            value_shown = shown(mask_id(value) if is_id else value)
            self._said[key] = value_shown, masked(problem.text_zh), masked(problem.text_en)
        return self._said[key]

    def about_rows(
        self, mask: pl.Series, column: str, problem: Problem, values: pl.Series, *, is_id: bool = False
    ) -> None:
        """Add the same finding for every row of a mask."""
        for index in mask.arg_true().to_list():
            self.about_cell(index, column, problem, values[index], is_id=is_id)

    def about_many(self, mask: pl.Series, column: str, problem: Problem) -> None:
        """Add one finding at the first row of a mask that goes for all its rows and refuses none of them."""
        places = mask.arg_true().to_list()
        if places:
            count = len(places)
            said = Problem(
                problem.rule,
                f"有 {count} 列：{problem.text_zh}",
                f"{count} rows: {problem.text_en}",
                problem.severity,
            )
            self.about_cell(places[0], column, said, "")

    def about_file(
        self,
        rule: str,
        text_zh: str,
        text_en: str,
        table: Table,
        *,
        column: str = "",
        severity: Severity = "error",
    ) -> None:
        """Add a finding about the whole table; an error refuses every row."""
        self.file_refused = self.file_refused or severity == "error"
        self._issues.append(
            RowIssue(
                table.sheet,
                table.header_row,
                column,
                rule,
                "",
                severity,
                masked(text_zh),
                masked(text_en),
            )
        )

    def issues(self) -> tuple[RowIssue, ...]:
        """All findings by sheet and row, in the order of the file."""
        order = {sheet: place for place, sheet in enumerate(dict.fromkeys(self._sheets))}
        return tuple(sorted(self._issues, key=lambda issue: (order.get(issue.sheet, -1), issue.row)))
