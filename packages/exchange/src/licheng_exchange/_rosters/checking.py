"""A table to a report: every rule over every row, as column expressions where rows are many."""

import re
from typing import Any, Final

import polars as pl

from licheng_exchange._rosters.cells import CELL_RULES
from licheng_exchange._rosters.cleaning import clean_cells
from licheng_exchange._rosters.cross import check_across
from licheng_exchange._rosters.findings import Findings
from licheng_exchange._rosters.judging import CellRule, Judged, Problem, Scope, masked, shown
from licheng_exchange._rosters.kinds import KINDS, Column, Kind
from licheng_exchange._rosters.model import (
    ROW,
    Note,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Table,
)
from licheng_exchange._rosters.reading import EXTRA, read_table

_YEAR_IN_TITLE: Final = re.compile(r"(1[0-9]{2})\s*學年度")


def check_roster(kind: str, data: bytes, name: str, context: RosterContext | None = None) -> RosterReport:
    """Read a file and check it as one kind of roster; never raises for what the file holds.

    Raises KeyError for an unknown kind.
    """
    known = KINDS[kind]
    try:
        table = read_table(data, name)
    except RosterFileError as refusal:
        return _refused(known.name, refusal)
    return check_table(kind, table, context)


def check_table(kind: str, table: Table, context: RosterContext | None = None) -> RosterReport:
    """Check a table that was read before.

    Raises KeyError for an unknown kind.
    """
    known = KINDS[kind]
    scope = Scope(context or RosterContext(), _school_year(table, context))
    findings = Findings(table.cells, [_note_issue(note) for note in table.notes])
    headers = _headers(known, table, findings)
    if not table.cells.height:
        findings.about_file(
            "rows-missing", "標題列下面沒有任何資料。", "There are no rows under the header.", table
        )
    _check_extra(table, findings)
    values = {
        column.field: _column_values(column, table.cells[headers[column.field]], scope, findings)
        for column in known.columns
        if column.field in headers
    }
    frame = pl.DataFrame({ROW: table.cells[ROW], **values})
    check_across(known, frame, headers, scope, findings)
    if findings.file_refused:
        frame = frame.clear()
    accepted = frame.filter(~findings.rejected) if frame.height else frame
    return RosterReport(known.name, table.cells.height, accepted.height, findings.issues(), accepted)


def _headers(kind: Kind, table: Table, findings: Findings) -> dict[str, str]:
    """The table's header of every field; missing and unknown columns become findings about the file."""
    headers: dict[str, str] = {}
    for column in kind.columns:
        present = [header for header in column.headers if header in table.columns]
        if present:
            headers[column.field] = present[0]
        elif column.required:
            findings.about_file(
                "column-missing",
                f"缺少「{column.header}」欄。",
                f"The column {column.header!r} is missing.",
                table,
                column=column.header,
            )
    unused = [header for header in table.columns if header not in headers.values()]
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
    text = clean_cells(raw, column, rule, findings)
    blank = text == ""
    if column.required and blank.any():
        named = "name-blank" if column.field == "name" and column.cell == "name" else "value-blank"
        problem = Problem(named, f"「{column.header}」是空白。", f"{column.header} is blank.")
        findings.about_rows(blank, column.header, problem, text)
    looked_at = (
        text.to_frame("text").select(rule.suspect(pl.col("text"))).to_series() & ~blank
        if rule.suspect
        else ~blank
    )
    verdicts = {value: rule.judge(value, scope) for value in text.filter(looked_at).unique().to_list()}
    _tell(verdicts, text, column, findings)
    return _typed(text, verdicts, rule)


def _tell(verdicts: dict[str, Judged], text: pl.Series, column: Column, findings: Findings) -> None:
    wrong = {value: judged for value, judged in verdicts.items() if judged.problems}
    if not wrong:
        return
    hits = text.is_in(list(wrong)).arg_true().to_list()
    for index in hits:
        for problem in wrong[text[index]].problems:
            findings.about_cell(
                index, column.header, problem, text[index], is_id=column.cell == "national-id"
            )


def _typed(text: pl.Series, verdicts: dict[str, Judged], rule: CellRule) -> pl.Series:
    judged: dict[str, Any] = {value: verdict.value for value, verdict in verdicts.items()}
    if rule.suspect is not None:
        changed = {value: new for value, new in judged.items() if new != value}
        kept = (
            text
            if not changed
            else text.replace(list(changed), pl.Series(list(changed.values()), dtype=pl.String))
        )
        return kept.set(kept == "", None)
    keys = pl.Series("key", list(judged), dtype=pl.String)
    values = pl.Series("value", list(judged.values()), dtype=rule.dtype)
    lookup = pl.DataFrame({"key": keys, "value": values})
    return text.to_frame("key").join(lookup, on="key", how="left", maintain_order="left")["value"]


def _school_year(table: Table, context: RosterContext | None) -> int | None:
    if context is not None and context.school_year is not None:
        return context.school_year
    years = {match[1] for title in table.titles if (match := _YEAR_IN_TITLE.search(title))}
    return int(years.pop()) if len(years) == 1 else None


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
