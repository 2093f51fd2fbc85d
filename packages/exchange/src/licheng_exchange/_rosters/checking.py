"""A table to a report: every rule over every row, as column expressions where rows are many."""

from dataclasses import replace
from typing import Final

import polars as pl

from licheng_exchange._rosters.cell_rules import CELL_RULES
from licheng_exchange._rosters.cleaning import clean_cells
from licheng_exchange._rosters.columns import BOOKKEEPING, Column
from licheng_exchange._rosters.cross import check_across
from licheng_exchange._rosters.distinct import Distinct
from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import CellRule, Judged, Problem, Scope, masked, shown
from licheng_exchange._rosters.kinds import Kind, kind_of, kinds_named
from licheng_exchange._rosters.model import (
    EXTRA,
    ROW,
    SHEET,
    Note,
    RosterBook,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Table,
)
from licheng_exchange._rosters.reading import read_book, read_table
from licheng_exchange._rosters.scopes import scope_of
from licheng_exchange._rosters.sheets import CheckedSheet

_NO_MARK: Final = Problem(
    "mark-blank", "空白視為 -1（沒有成績）。", "blank is read as -1, no mark.", "repaired"
)


def check_roster(kind: str, data: bytes, name: str, context: RosterContext | None = None) -> RosterReport:
    """Read a file and check it as one kind of roster; never raises for what the file holds.

    Raises KeyError for an unknown kind.
    """
    kinds = kinds_named(kind)
    if not kinds:
        raise KeyError(kind)
    try:
        table = read_table(data, name, kind)
    except RosterFileError as refusal:
        return _refused(kinds[0].name, refusal)
    return check_table(kind, table, context)


def check_book(data: bytes, name: str, context: RosterContext | None = None) -> RosterBook:
    """Check every sheet of a workbook as the roster that its columns speak of; other sheets are noted.

    Sheets of the same kind are one roster. Never raises for what the file holds.
    """
    try:
        tables, notes = read_book(data, name)
    except RosterFileError as refusal:
        return RosterBook((), _refused("", refusal).errors)
    reports = tuple(check_table(kind, table, context) for kind, table in tables)
    return RosterBook(reports, tuple(map(_note_issue, notes)))


def check_table(kind: str, table: Table, context: RosterContext | None = None) -> RosterReport:
    """Check a table that was read before; a name that two kinds share means the one with these columns.

    Raises KeyError for an unknown kind.
    """
    known = kind_of(kind, table.columns)
    findings = Findings(table.cells, [_note_issue(note) for note in table.notes])
    scope = scope_of(known, table, context or RosterContext(), findings)
    headers = _headers(known, table, findings)
    if not table.cells.height:
        findings.about_file(
            "rows-missing", "標題列下面沒有任何資料。", "There are no rows under the header.", table
        )
    _check_extra(table, findings)
    values = {
        column.field: _column_values(
            replace(column, headers=(headers[column.field],)),  # as the file calls it
            table.cells[headers[column.field]],
            scope,
            findings,
        )
        for column in known.columns
        if column.field in headers
    }
    frame = pl.DataFrame({SHEET: table.cells[SHEET], ROW: table.cells[ROW], **values})
    check_across(known, CheckedSheet(frame, table.cells, headers, scope, findings))
    if findings.file_refused:
        frame = frame.clear()
    accepted = frame.filter(~findings.rejected) if frame.height else frame
    return RosterReport(
        known.name, table.cells.height, accepted.height, findings.issues(), accepted, table.sheet
    )


def _headers(kind: Kind, table: Table, findings: Findings) -> dict[str, str]:
    """The table's header of every field; missing and unknown columns become findings about the file."""
    headers: dict[str, str] = {}
    for column in kind.columns:
        present = [header for header in column.headers if header in table.columns]
        if present:
            headers[column.field] = present[0]
            if present[0] in table.twice:
                findings.about_file(
                    "column-twice",
                    f"標題列有兩個「{present[0]}」欄，請刪除其中一欄。",
                    f"The header has two columns {present[0]!r}; remove one.",
                    table,
                    column=present[0],
                )
        elif column.required:
            findings.about_file(
                "column-missing",
                f"缺少「{column.header}」欄。",
                f"The column {column.header!r} is missing.",
                table,
                column=column.header,
            )
    used = BOOKKEEPING.union(headers.values())
    unused = [header for header in table.columns if header not in used]
    if unused:
        listed = "、".join(unused)
        findings.about_file(
            "column-unknown",
            f"「{listed}」欄不屬於{kind.title_zh}，未使用。",
            f"Columns not used in this roster: {listed}.",
            table,
            severity="warning",
        )
    return headers


def _check_extra(table: Table, findings: Findings) -> None:
    extra = table.cells[EXTRA].str.strip_chars()
    problem = Problem(
        "cells-too-many",
        "這列的欄數比標題列多，可能有沒加引號的逗號；請修正後再匯入。",
        "The row has more cells than the header; perhaps a comma without quotes.",
    )
    findings.about_rows(extra != "", "", problem, extra)


def _column_values(column: Column, raw: pl.Series, scope: Scope, findings: Findings) -> pl.Series:
    """The typed values of one column; a refused or blank cell is null."""
    rule = CELL_RULES[column.cell]
    cells = clean_cells(Distinct.of(raw), column, rule, findings)
    texts = cells.texts
    blank = texts == ""
    if cells.refused is not None:
        blank &= ~cells.refused
    _tell_blank(column, cells, blank, findings)
    looked_at = texts != ""
    if rule.suspect and not scope.doubtful:
        looked_at &= texts.to_frame("text").select(rule.suspect(pl.col("text"))).to_series()
    verdicts = {text: rule.judge(text, scope) for text in dict.fromkeys(texts.filter(looked_at).to_list())}
    _tell(verdicts, cells, column, findings)
    return cells.spread(_typed(texts, verdicts, rule))


def _tell_blank(column: Column, cells: Distinct, blank: pl.Series, findings: Findings) -> None:
    if not blank.any():
        return
    if column.may_be_blank:
        findings.about_many(cells.spread(blank), column.header, _NO_MARK)
    elif column.needs_value:
        named = "name-blank" if column.field == "name" and column.cell == "name" else "value-blank"
        problem = Problem(named, f"「{column.header}」是空白。", f"{column.header} is blank.")
        cells.tell(blank, column.header, problem, findings)


def _tell(verdicts: dict[str, Judged], cells: Distinct, column: Column, findings: Findings) -> None:
    wrong = {text: judged for text, judged in verdicts.items() if judged.problems}
    if not wrong:
        return
    hits = cells.spread(cells.texts.is_in(list(wrong)))
    texts = cells.spread(cells.texts).filter(hits).to_list()
    for index, text in zip(hits.arg_true().to_list(), texts, strict=True):
        for problem in wrong[text].problems:
            findings.about_cell(index, column.header, problem, text, is_id=column.cell == "national-id")


def _typed(texts: pl.Series, verdicts: dict[str, Judged], rule: CellRule) -> pl.Series:
    """The value of every distinct text: what was not looked at is its own value."""
    values = [
        verdicts[text].value if text in verdicts else (text or None if rule.suspect else None)
        for text in texts.to_list()
    ]
    return pl.Series(values, dtype=rule.dtype)


def _note_issue(note: Note) -> RowIssue:
    return RowIssue(
        note.sheet,
        note.row,
        "",
        note.rule,
        shown(note.value),
        "warning",
        masked(note.text_zh),
        masked(note.text_en),
    )


def _refused(kind: str, refusal: RosterFileError) -> RosterReport:
    issue = RowIssue("", 0, "", refusal.rule, "", "error", refusal.text_zh, refusal.text_en)
    return RosterReport(kind, 0, 0, (issue,))
