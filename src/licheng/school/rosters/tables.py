"""A roster file as tables of text: parsed in the sandbox, and believed no more than the file itself."""

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, cast, get_type_hints

import polars as pl
from django.conf import settings
from licheng_exchange import BOOK, KINDS, Table
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from licheng.foundations.durable import ensure_folder
from licheng.foundations.files.sandbox import JSON, Limits, SandboxFailed, call, made_file
from licheng.school.rosters.errors import Unreadable
from licheng.school.rosters.parsing import DESCRIPTION, OWN, ROW

log = logging.getLogger(__name__)
READ: Final = "licheng.school.rosters.parsing:read"
NAME_MAX: Final = 500  # letters of a file's name that a parser needs
ANSWER_MAX: Final = 512 * 2**20  # bytes of all tables; own bound
# Own bounds on what is read back outside the sandbox. A file holds at most 12,000,000 cells, in tables of at
# least one column, to which three are added here: four times as many.
DESCRIPTION_MAX: Final = 64 * 2**20
CELLS_MAX: Final = 48_000_000
LEFT_AFTER: Final = timedelta(minutes=10)  # nobody reads for so long: the folder is one of a killed process
# Own bounds. A workbook of 150,000 rows and 15 columns takes 0.9 GB of memory in 3 GB of addresses, and 11 s.
LIMITS: Final = Limits(
    memory_bytes=4 * 2**30, cpu_seconds=60, wall_seconds=300, written_bytes=ANSWER_MAX, programs=False
)


STRICT: Final = ConfigDict(strict=True, extra="forbid")
_HINTS: Final = get_type_hints(Table)
# Every field of a table that is not its cells, in the form that the library gives it.
_FIELDS: Final[Any] = {one.name: (_HINTS[one.name], ...) for one in fields(Table) if one.name not in OWN}
_About: Final[Any] = create_model("_About", __config__=STRICT, **_FIELDS)


class _Table(BaseModel):
    model_config = STRICT

    kind: str
    cells: list[str]
    table: _About


class _Said(BaseModel):
    model_config = STRICT

    tables: list[_Table]
    hidden: dict[str, list[int]]


REFUSED: Final = TypeAdapter(dict[Literal["refused"], tuple[str, str, str]])


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What was read of a file: tables by kind, rows that are hidden in it by sheet, or why it cannot be read.

    `kind` is the one asked for or, where none was, the one that the columns speak of; empty when it cannot be
    read. `refused` is a rule and its sentence in Chinese and in English.
    """

    kind: str
    tables: tuple[tuple[str, Table], ...] = ()
    hidden: Mapping[str, frozenset[int]] = field(default_factory=dict)
    refused: tuple[str, str, str] | None = None


def read_file(data: bytes, name: str, kind: str = "", *, with_hidden: bool = False) -> RosterFile:
    """Read a file as a kind of roster; without one its columns decide.

    Raises Unreadable when the parsers do not survive it or take too much, SandboxFailed where this machine
    cannot fence them in.
    """
    with _folder() as folder:
        source, out = folder / "file", folder / "out"
        source.write_bytes(data)
        out.mkdir(mode=0o700)
        arguments: dict[str, JSON] = {"path": str(source), "name": name[-NAME_MAX:], "kind": kind}
        arguments |= {"into": str(out), "with_hidden": with_hidden}
        try:
            answer = call(READ, arguments=arguments, reads=[source], writes=out, limits=LIMITS)
            refused = REFUSED.validate_python(answer).get("refused")
            return RosterFile(kind, refused=refused) if refused else _told(out, kind)
        except SandboxFailed as failure:
            if failure.reason == "refused":
                raise
            log.warning("a roster ended in the sandbox: %s", failure)
            raise Unreadable from None
        except (ValueError, ValidationError, pl.exceptions.PolarsError) as strange:
            # messages of these repeat cells, also below a traceback
            log.warning("the sandbox left no roster: %s", type(strange).__name__)
            raise Unreadable from None


def _told(folder: Path, kind: str) -> RosterFile:
    """The tables that stand in the folder. Raises ValueError or a PolarsError where they are none."""
    if sum(path.lstat().st_size for path in folder.iterdir()) > ANSWER_MAX:
        raise ValueError("the tables are too large")
    description = made_file(folder, DESCRIPTION)
    if description.stat().st_size > DESCRIPTION_MAX:
        raise ValueError("the description is too large")
    said = _Said.model_validate_json(description.read_bytes())
    tables: list[tuple[str, Table]] = []
    left = CELLS_MAX
    for number, one in enumerate(said.tables):
        table = _table(folder, number, one, left)
        left -= table.cells.height * table.cells.width
        tables.append((one.kind, table))
    found, asked = {name for name, _table in tables}, {kind} - {"", BOOK}
    if not found or not found <= (asked or KINDS.keys()):
        raise ValueError(f"tables of other kinds: {sorted(found)}")
    hidden = {sheet: frozenset(rows) for sheet, rows in said.hidden.items()}
    return RosterFile(kind or (found.pop() if len(found) == 1 else BOOK), tuple(tables), hidden)


def _table(folder: Path, number: int, said: _Table, cells_max: int) -> Table:
    schema = {ROW: pl.UInt32, **dict.fromkeys(said.cells, pl.String)}
    about = {name: getattr(said.table, name) for name in type(said.table).model_fields}
    fitting = {"_sheet", "_extra", *about["columns"]} == {*said.cells}
    if len(schema) != len(said.cells) + 1 or not fitting:
        raise ValueError("columns that do not fit")
    rows_max = cells_max // len(schema)
    cells = pl.read_csv(
        made_file(folder, f"{number}.csv"),
        has_header=False,
        schema=cast("dict[str, pl.DataType]", schema),
        empty_string_is_null=False,
        glob=False,
        raise_if_empty=False,
        n_rows=rows_max + 1,
    )
    if cells.height > rows_max or cells[ROW].has_nulls():
        raise ValueError("too many rows, or one without a number")
    return Table(name="", cells=cells, **about)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that goes with everything in it; what a killed process left goes with `remove_left`."""
    root = Path(settings.ROSTERS_ROOT)
    ensure_folder(root)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        yield Path(folder)


def remove_left() -> int:
    """Remove the files of readers that were killed; how many."""
    root, before = Path(settings.ROSTERS_ROOT), time.time() - LEFT_AFTER.total_seconds()
    gone = 0
    for path in root.iterdir() if root.is_dir() else ():
        with suppress(FileNotFoundError):  # its reader has just ended, or another worker was first
            if path.stat().st_mtime < before:
                shutil.rmtree(path)
                gone += 1
    return gone
