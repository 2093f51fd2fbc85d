"""Files as school systems and spreadsheets really leave them: remarks, two-row headers, damage, own characters."""

import time

import pytest
from licheng_exchange import check_roster
from licheng_exchange._rosters import findings
from roster_files import HEADERS, ROWS, SECOND_STUDENT, csv_bytes, grid, roster, xlsx_bytes

GRID = [HEADERS["students"], ROWS["students"], SECOND_STUDENT]
MARKS = grid("學期成績")


def said(report):
    return [(issue.row, issue.column, issue.rule, issue.severity) for issue in report.errors]


@pytest.mark.parametrize(
    "remark",
    [
        ["※ 本名冊依註冊資料產生"], ["* 座號為空者為休學生"], ["人數：2"], ["男：1 女：1 合計：2"], ["共 2 筆"], ["資料筆數：2"],
        ["平均", "", "", "", "", "", "", "78.5"], ["註冊組長：", "", "教務主任：", "", "校長："], ["-----"], ["Total"], ["（續下頁）"],
        ["單位主管核章"], ["一年忠班"], ["班級：一年忠班"], ["1.本表資料截至115年9月1日止。"], ["", "小計", "2"], ["註1：核對後送回"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [csv_bytes, lambda rows: xlsx_bytes({"a": rows})])
def test_remarks_between_and_below_rows_are_left_out_and_named(write, remark):
    data = write([*GRID[:2], remark + [""] * (8 - len(remark)), GRID[2]])

    report = check_roster("students", data, "a")

    assert said(report) == [(3, "", "row-left-out", "warning")]
    assert [record["_row"] for record in report.records] == [2, 4]


@pytest.mark.parametrize(
    "row", [["C100000003"], ["", "", "1130009"], ["", "", "", "一年忠班"], ["t001", "王"]]
)
def test_a_row_with_little_in_it_is_still_a_row(row):
    report = check_roster("students", csv_bytes([*GRID, row]), "a.csv")

    assert {issue.row for issue in report.errors if issue.severity == "error"} == {4}


@pytest.mark.parametrize("write", [csv_bytes, lambda rows: xlsx_bytes({"a": rows})])
def test_a_header_may_stand_in_two_rows(write):
    upper = [
        "身分證號",
        "課程代碼",
        "科目名稱",
        "開課年級",
        "修課學分",
        "學期學業成績",
        "成績",
        "補考",
        "",
        "是否採計學分",
        "質性文字描述",
    ]
    lower = ["", "", "", "", "", "", "及格", "成績", "及格", "", ""]

    report = check_roster("學期成績", write([["115學年度"], upper, lower, MARKS[1]]), "a")

    assert (said(report), report.accepted, report.records[0]["_row"]) == ([], 1, 4)


def test_cells_beyond_the_header_are_told_even_behind_a_blank_one():
    report = check_roster("students", csv_bytes([GRID[0], [*GRID[1], "", "x"], GRID[2]]), "a.csv")

    assert said(report) == [(2, "", "cells-too-many", "error")]


def test_a_header_with_a_hundred_thousand_blank_cells_is_read_at_once():
    started = time.process_time()

    report = check_roster("students", csv_bytes([row + [""] * 100_000 for row in GRID[:2]]), "a.csv")

    assert (report.accepted, time.process_time() - started < 3) == (1, True)


def test_a_roster_on_a_hidden_sheet_only_is_refused_by_that_name():
    data = xlsx_bytes({"說明": [["填表說明"]], "名冊": GRID}, hidden_sheets=["名冊"])

    report = check_roster("students", data, "a.xlsx")

    assert [(issue.rule, "名冊" in issue.text_zh) for issue in report.errors] == [("sheet-hidden", True)]


@pytest.mark.parametrize("count", [1, 3_000])
def test_a_failed_formula_is_an_error_where_blank_would_do(count):
    header = [*HEADERS["staff"], "電子郵件"]
    rows = [[f"t{number}", "陳怡君", "導師", ""] for number in range(count)]
    rows[-1][3] = "=NA()"
    data = xlsx_bytes({"a": [header, *rows]}, values={"=NA()": "#N/A"})

    report = check_roster("staff", data, "a.xlsx")

    assert (count + 1, "電子郵件", "cell-error", "error") in said(report)
    assert report.accepted == count - 1


@pytest.mark.parametrize("name", ["'Amis Kolas", "’Olay", "O'Brien", "王（小）明", "陳①", "葛\U000e0100城"])
def test_names_keep_their_own_signs(name):
    report = check_roster("students", roster("students", {"姓名": name}), "a.csv")

    assert (said(report), report.records[0]["name"]) == ([], name)


def test_a_character_of_a_big5_extension_is_doubted_in_its_row():
    data = roster("students", {"姓名": "王峯明"}, rows=[SECOND_STUDENT]).decode().encode("big5hkscs")

    report = check_roster("students", data, "a.csv")

    assert (2, "姓名", "name-extension", "warning") in said(report)
    assert [record["name"] for record in report.records] == ["王峯明", "龔麗娟"]


def test_a_sign_that_systems_place_differently_is_doubted_in_its_row():
    data = roster("students", {"姓名": "王①明"}, rows=[SECOND_STUDENT]).decode().encode("cp950")

    report = check_roster("students", data, "a.csv")

    assert [(row, rule) for row, _, rule, _ in said(report)] == [(0, "encoding-hkscs"), (2, "name-extension")]


@pytest.mark.parametrize(
    ("data", "character"),
    [
        (b"\xfa\x40\x81\x40", "\ue000\ueeb8"),
        (b"\xfe\xfe\x81\x40", "\ue310\ueeb8"),
        (b"\x8e\x40\x81\x40", "\ue311\ueeb8"),
    ],
)
def test_own_characters_of_windows_become_private_ones_with_a_warning(data, character):
    text = roster("students", {"姓名": "王@明"}).decode().encode("cp950").replace(b"@", data)

    report = check_roster("students", text, "a.csv")

    assert (said(report), report.records[0]["name"]) == (
        [(2, "姓名", "name-private-use", "warning")],
        f"王{character}明",
    )


def test_what_a_system_writes_in_every_cell_is_said_once():
    rows = [[f'="{cell}"' for cell in MARKS[1]] for _ in range(60)]
    rows = [[row[0], row[1][:-3] + f'{number + 20:02}"', *row[2:]] for number, row in enumerate(rows)]

    report = check_roster("學期成績", csv_bytes([MARKS[0], *rows]), "a.csv")

    assert (report.accepted, {issue.rule for issue in report.errors}) == (60, {"text-mark-removed"})
    assert len(report.errors) == len([cell for cell in MARKS[1] if cell]) + 1
    assert "60 列" in report.errors[0].text_zh


def test_the_mark_for_text_may_stand_around_headers_too():
    report = check_roster("students", csv_bytes([[f'="{cell}"' for cell in row] for row in GRID]), "a.csv")

    assert (report.accepted, {issue.rule for issue in report.errors}) == (2, {"text-mark-removed"})


def test_warnings_beyond_their_bound_refuse_nothing(monkeypatch):
    monkeypatch.setattr(findings, "MOST_REMARKS", 3)
    rows = [[*ROWS["students"][:2], f"113000{number}", "王□明", *ROWS["students"][4:]] for number in range(6)]

    report = check_roster(
        "staff", csv_bytes([["帳號", "姓名", "職務"], *([f"t{row[2]}", row[3], "導師"] for row in rows)]), "a"
    )

    assert (report.good, report.accepted, len(report.errors)) == (True, 6, 4)
    assert report.errors[-1].rule == "remarks-cut"


def test_a_finding_shows_control_characters_as_pictures():
    report = check_roster(
        "students", xlsx_bytes({"a": [GRID[0], [*GRID[1][:3], "王\x08明", *GRID[1][4:]]]}), "a"
    )

    assert [(issue.rule, issue.value) for issue in report.errors] == [("control-character", "王␈明")]
