"""Bytes of a roster to tables of text. Runs in the sandbox, without Django, for `tables`.

What is handed over is text alone, a file for each table and one that describes them: whatever a parser that
was taken over says, it says in cells, and every cell is checked.
"""

import json
import os
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

from licheng_exchange import BOOK, Note, RosterFileError, Table, read_book, read_table, read_workbook

ZIP_START: Final = b"PK\x03\x04"
DESCRIPTION: Final = "tables.json"
ROW: Final = "_row"
OWN: Final = frozenset({"name", "cells"})  # fields of a table that are not described: its cells have files
THREADS: Final = "2"  # of polars; the stack of each counts for the memory of the call


def read(path: str, name: str, kind: str, into: str, with_hidden: bool) -> dict[str, list[str]]:  # noqa: FBT001 -- by name
    """Read a file as a kind of roster, or as what its columns speak of; the tables are left in `into`.

    Answers why the file as a whole cannot be read (`refused`: rule, Chinese, English), or nothing.
    """
    os.environ["POLARS_MAX_THREADS"] = THREADS
    data = Path(path).read_bytes()
    try:
        found = _tables(data, name, kind)
        hidden = _hidden_rows(data) if with_hidden else {}
    except RosterFileError as refusal:
        return {"refused": [refusal.rule, refusal.text_zh, refusal.text_en]}
    for number, (_kind, table) in enumerate(found):
        # Row numbers first: no cell stands where a byte order mark would.
        names = [ROW, *(column for column in table.cells.columns if column != ROW)]
        table.cells.select(names).write_csv(Path(into) / f"{number}.csv", include_header=False)
    said = {"tables": [_described(one, table) for one, table in found], "hidden": hidden}
    (Path(into) / DESCRIPTION).write_text(json.dumps(said, default=_plain), encoding="utf-8")
    return {}


def _tables(data: bytes, name: str, kind: str) -> list[tuple[str, Table]]:
    """The tables by kind; what there is to say about the whole book stands with the first."""
    if kind and kind != BOOK:
        return [(kind, read_table(data, name, kind))]
    found, notes = read_book(data, name) if kind else _guessed(data, name)
    (first_kind, first), *others = found
    return [(first_kind, replace(first, notes=(*notes, *first.notes))), *others]


def _guessed(data: bytes, name: str) -> tuple[list[tuple[str, Table]], list[Note]]:
    try:
        return read_book(data, name)
    except RosterFileError as refusal:
        if refusal.rule != "header-missing":
            raise
    read_table(data, name)  # where there is no header at all, that is what is said
    raise RosterFileError(
        "kind-unknown",
        "從欄位名稱看不出這是哪一種名冊；請重新上傳，並選擇名冊種類。",
        "The columns do not tell which roster this is; upload it again and choose the kind.",
    )


def _described(kind: str, table: Table) -> dict[str, object]:
    return {
        "kind": kind,
        "cells": [column for column in table.cells.columns if column != ROW],
        "table": {one.name: getattr(table, one.name) for one in fields(table) if one.name not in OWN},
    }


def _plain(value: Any) -> object:
    """What JSON has no word for."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return sorted(value) if isinstance(value, frozenset) else dict(value)


def _hidden_rows(data: bytes) -> dict[str, list[int]]:
    """Rows that the sender does not see, by sheet; a text file hides nothing."""
    if not data.startswith(ZIP_START):
        return {}
    return {sheet.name: sorted(sheet.facts.hidden_rows) for sheet in read_workbook(data)}
