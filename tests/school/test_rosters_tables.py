"""Rosters are parsed in the sandbox: the same tables come back, and what a taken-over parser leaves is refused."""

import json
import os
import time
import traceback
from dataclasses import fields
from pathlib import Path

import pytest
from licheng_exchange import read_table

from licheng.foundations.files.sandbox import Limits
from licheng.school.rosters import parsing, tables
from licheng.school.rosters.errors import Unreadable
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.operations import check_roster_file, receive_roster
from licheng.school.rosters.states import ImportState as S
from tests import factories
from tests.school import roster_files as files

ODD = [
    "\r\n",
    "\n",
    "\r",
    "x\r",
    '"',
    'a"b',
    ",",
    "\t",
    " ",
    "null",
    "#",
    "'=1",
    "一\n二",
    "\x0b",
    "\x85",
    "\u2028",
    "𠮷",
]
ABOUT = {
    "sheet": "",
    "header_row": 1,
    "columns": ["帳號"],
    "notes": [],
    "titles": [],
    "twice": [],
    "doubtful": [],
    "cover": {},
}
TABLE = {"kind": "staff", "cells": ["_sheet", "帳號", "_extra"], "table": ABOUT}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.ROSTERS_ROOT = tmp_path / "rosters"


def test_tables_come_back_as_they_were_read_and_nothing_stays(settings):
    cells = [cell.replace('"', '""') for cell in ODD]
    text = "帳號,姓名,職務\n" + "".join(f'{n:04},"{cell}",x\n' for n, cell in enumerate(cells))
    read = read_table(text.encode(), "a.csv", "staff")

    file = tables.read_file(text.encode(), "a.csv", "staff")

    [(kind, table)] = file.tables
    assert (file.kind, kind) == ("staff", "staff")
    assert table.cells.select(read.cells.columns).equals(read.cells)
    same = [one.name for one in fields(read) if one.name not in parsing.OWN]
    assert [getattr(table, name) for name in same] == [getattr(read, name) for name in same]
    assert list(settings.ROSTERS_ROOT.iterdir()) == []


@pytest.fixture
def taken_over(monkeypatch):
    monkeypatch.setattr(tables, "READ", "tests.school.taken_over:read")


def bid(text='2,"","t1",""\n', changed=None):
    """A file that has its parser leave one table."""
    said = {"tables": [TABLE | (changed or {})], "hidden": {}}
    return {"files": {parsing.DESCRIPTION: json.dumps(said), "0.csv": text}}


def told(what, kind="staff"):
    return tables.read_file(json.dumps(what).encode(), "a.csv", kind)


@pytest.mark.usefixtures("taken_over")
def test_what_a_parser_leaves_is_taken_when_it_fits():
    [(_kind, table)] = told(bid()).tables

    assert table.cells.to_dicts() == [{"_row": 2, "_sheet": "", "帳號": "t1", "_extra": ""}]


@pytest.mark.parametrize(
    ("asked", "cells", "changed"),
    [
        ("staff", "2,,t1\n", {}),
        ("staff", "2,,t1,,more\n", {}),
        ("staff", "x,,t1,\n", {}),
        ("staff", "-1,,t1,\n", {}),
        ("staff", ",,t1,\n", {}),
        ("staff", '"",,t1,\n', {}),
        ("staff", "2,,\xff,\n", {}),
        ("staff", '2,,"t1,\n', {}),
        ("classes", "2,,t1,\n", {}),
        ("", "2,,t1,\n", {"kind": "nothing"}),
        ("成績名冊", "2,,t1,\n", {"kind": "nothing"}),
        ("staff", "2,,t1,\n", {"table": ABOUT | {"columns": ["姓名"]}}),
        ("staff", "2,,t1,\n", {"cells": ["_sheet", "帳號", "帳號", "_extra"]}),
        ("staff", "2,,t1,\n", {"cells": ["_row", "_sheet", "帳號", "_extra"]}),
        ("staff", "2,,t1,\n", {"table": ABOUT | {"header_row": "1"}}),
        ("staff", "2,,t1,\n", {"more": 1}),
        ("staff", "2,,t1,\n", {"table": ABOUT | {"more": 1}}),
    ],
)
@pytest.mark.usefixtures("taken_over")
def test_what_does_not_fit_is_believed_in_nothing(asked, cells, changed):
    with pytest.raises(Unreadable):
        told(bid(cells, changed), asked)


@pytest.mark.parametrize(("bound", "most"), [("CELLS_MAX", 8), ("DESCRIPTION_MAX", 300), ("ANSWER_MAX", 300)])
@pytest.mark.usefixtures("taken_over")
def test_no_more_is_read_back_than_a_file_can_hold(monkeypatch, bound, most):
    row = "2,,t1,\n"
    assert told(bid(row * 2))

    monkeypatch.setattr(tables, bound, most)
    if bound == "CELLS_MAX":
        assert told(bid(row * 2))
    with pytest.raises(Unreadable):
        told(bid(row * 3, {"table": ABOUT | {"titles": ["長" * 300]}}))


@pytest.mark.usefixtures("taken_over")
def test_the_cells_of_all_tables_count_together(monkeypatch):
    said = {"tables": [TABLE, TABLE | {"kind": "classes"}], "hidden": {}}
    both = {"files": {parsing.DESCRIPTION: json.dumps(said), "0.csv": "2,,t1,\n", "1.csv": "2,,t1,\n"}}
    assert [kind for kind, _table in told(both, "").tables] == ["staff", "classes"]

    monkeypatch.setattr(tables, "CELLS_MAX", 7)
    with pytest.raises(Unreadable):
        told(both, "")


@pytest.mark.parametrize("name", ["0.csv", parsing.DESCRIPTION])
@pytest.mark.usefixtures("taken_over")
def test_no_link_leads_out_of_the_folder(tmp_path, name):
    what = bid()
    (tmp_path / "secret").write_text(what["files"].pop(name))

    with pytest.raises(Unreadable):
        told(what | {"links": {name: str(tmp_path / "secret")}})


@pytest.mark.parametrize("answer", [{"refused": ["a", "b"]}, {"other": ["a", "b", "c"]}, [], None, "x"])
@pytest.mark.usefixtures("taken_over")
def test_an_answer_of_another_form_is_none(answer):
    with pytest.raises(Unreadable):
        told({"answer": answer})


def test_folders_of_killed_readers_go_and_others_stay(settings):
    old, new = settings.ROSTERS_ROOT / "old", settings.ROSTERS_ROOT / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x")
    os.utime(old, (time.time() - 3600,) * 2)

    assert tables.remove_left() == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_a_folder_that_goes_meanwhile_keeps_nobody_from_the_others(settings, monkeypatch):
    old = settings.ROSTERS_ROOT / "old"
    old.mkdir(parents=True)
    os.utime(old, (time.time() - 3600,) * 2)
    monkeypatch.setattr(Path, "iterdir", lambda root: iter([root / "gone", root / "old"]))

    assert (tables.remove_left(), old.exists()) == (1, False)


def test_the_kind_is_found_by_the_worker_not_by_the_page(db, monkeypatch):
    person = files.registrar()
    with monkeypatch.context() as nobody:
        nobody.setattr(tables, "READ", "licheng.nowhere:read")  # the page asks no parser
        roster = receive_roster(
            actor=factories.fresh_actor(person), kind=None, data=files.STAFF.encode(), file_name="a.csv"
        )
        assert (roster.kind, str(roster.kind_label)) == ("", "種類未定的名冊")

    check_roster_file(actor=files.clock(person.school_id), import_id=roster.pk)

    assert RosterImport.objects.values_list("kind", "state").get() == ("staff", S.READY)


def test_a_file_that_takes_too_much_is_refused_in_words(db, monkeypatch):
    person = files.registrar()
    monkeypatch.setattr(tables, "LIMITS", Limits(memory_bytes=2**26, programs=False))

    refused = files.preview(factories.fresh_actor(person), None, files.STAFF.encode())

    [issue] = refused.issues
    assert (refused.state, refused.kind, issue["rule"]) == (S.REFUSED, "", "roster-unreadable")
    assert "時間或記憶體" in issue["text_zh"]


NAME = "王小明的媽媽"


@pytest.mark.parametrize(
    "what",
    [
        {"raises": f"row of {NAME}"},
        {"answer": {"refused": [NAME]}},
        {"answer": NAME},
        bid(f"{NAME},,t1,\n"),
        bid(changed={"kind": NAME}),
        bid(changed={"more": NAME}),
        bid(changed={"table": ABOUT | {"cover": NAME}}),
    ],
)
@pytest.mark.usefixtures("taken_over")
def test_what_a_file_holds_is_in_no_log(caplog, what):
    with pytest.raises(Unreadable) as refused:
        told(what)

    shown = "".join(traceback.format_exception(refused.value))
    assert "sandbox" in caplog.text
    assert NAME not in caplog.text + shown
