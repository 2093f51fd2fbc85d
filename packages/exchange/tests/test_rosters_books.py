"""Workbooks with several sheets, a cover, formulas, hidden and merged parts, and text in every encoding."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from licheng_exchange import RosterContext, check_book, check_roster, kind_of
from roster_files import HEADERS, ROWS, SECOND_STUDENT, csv_bytes, grid, roster, xlsx_bytes

STUDENTS = [HEADERS["students"], ROWS["students"], SECOND_STUDENT]
COVER = [["學校代碼", "學年度", "學期"], ["070406", "115", "1"]]


def rules(report):
    return [(issue.sheet, issue.rule, issue.severity) for issue in report.errors]


def test_every_sheet_of_a_book_is_checked_as_its_own_roster():
    sheets = {
        "封面": COVER,
        "學期成績": grid("學期成績"),
        "補修成績": grid("補修", {"補修成績": "101"}),
        "學期成績(進)": grid("進修部學期成績"),
        "學期成績二": grid("學期成績", {"身分證號": "W200000012"}),
        "說明": [["請先閱讀"], ["本檔不可更改"]],
        "舊": grid("重修"),
    }

    book = check_book(xlsx_bytes(sheets, hidden_sheets=["舊"]), "成績名冊.xlsx")

    assert [(report.sheet, report.kind, report.rows, report.accepted) for report in book.reports] == [
        ("學期成績", "學期成績", 2, 2),
        ("補修成績", "補修", 1, 0),
        ("學期成績(進)", "進修部學期成績", 1, 1),
    ]
    assert rules(book) == [("舊", "sheet-hidden", "warning"), ("補修成績", "score-range", "error")]
    assert (book.rows, book.accepted, book.good) == (4, 3, False)
    assert book.as_json()["sheets"][1] == {"sheet": "補修成績", "kind": "補修", "rows": 1, "accepted": 0}


def test_one_kind_is_picked_out_of_a_book_and_the_others_are_named():
    data = xlsx_bytes({"學期成績": grid("學期成績"), "補修成績": grid("補修"), "重讀": grid("重讀")})

    report = check_roster("補修成績", data, "a.xlsx")

    assert (report.kind, report.sheet, report.accepted) == ("補修", "補修成績", 1)
    assert rules(report) == [("學期成績", "sheet-other", "warning"), ("重讀", "sheet-other", "warning")]


def test_rows_of_several_sheets_are_known_by_their_sheet():
    data = xlsx_bytes({"孝班": STUDENTS[:2], "忠班": [STUDENTS[0], SECOND_STUDENT], "補": STUDENTS[:2]})

    report = check_roster("students", data, "每班一張.xlsx")

    assert [(one["_sheet"], one["_row"]) for one in report.records] == [("孝班", 2), ("忠班", 2)]
    assert {(issue.sheet, issue.text_zh, issue.text_en) for issue in report.errors} == {
        (
            "補",
            "第 2 列與工作表「孝班」第 2 列重複，請只留一列。",
            "Row 2 repeats row 2 of sheet '孝班'; keep one of them.",
        )
    }


def test_a_book_of_text_is_one_roster_and_nonsense_is_refused():
    assert [report.kind for report in check_book(roster("補修"), "a.csv").reports] == ["補修"]
    for data, rule in (
        (b"", "file-empty"),
        (b"a,b\n1,2\n", "header-missing"),
        (b"PK\x03\x04", "file-damaged"),
    ):
        book = check_book(data, "a")
        assert ([issue.rule for issue in book.errors], book.good, book.rows) == ([rule], False, 0)
    assert check_book(xlsx_bytes({"封面": COVER}), "a.xlsx").errors[0].rule == "header-missing"


@pytest.mark.parametrize(
    "cover",
    [
        COVER,
        [["學校名稱", "某校"], ["學校代碼", "070406"], ["學年度", "115"], ["學期", "1"]],
        [["成績名冊"], ["學校代碼", "學校名稱", "學年度", "學期"], [70406, "某校", 115, 1]],
    ],
)
def test_the_cover_sheet_tells_year_and_semester_and_must_agree(cover):
    data = xlsx_bytes({"封面": cover, "補修": grid("補修", {"應修課學年度": "115", "應修課學期": "2"})})

    told = check_roster("補修", data, "a.xlsx")
    fits = check_roster("補修", data, "a.xlsx", RosterContext("070406", school_year=115, semester=1))
    differs = check_roster("補修", data, "a.xlsx", RosterContext("010301", school_year=114, semester=2))

    assert rules(told) == [("補修", "taken-later", "warning")] == rules(fits)
    assert [issue.column for issue in differs.errors if issue.rule == "cover-differs"] == [
        "學校代碼",
        "學年度",
        "學期",
    ]
    assert differs.accepted == 0


def test_a_title_of_another_year_is_warned_about():
    data = csv_bytes([["114學年度第2學期名冊"], HEADERS["classes"], ROWS["classes"]])

    report = check_roster("classes", data, "a.csv", RosterContext(school_year=115))

    assert [(issue.rule, issue.severity) for issue in report.errors] == [("title-other-year", "warning")]


def test_hidden_columns_and_formulas_are_said():
    rows = [list(row) for row in STUDENTS]
    rows[1][6] = '="孝"&"班"'

    report = check_roster("students", xlsx_bytes({"a": rows}, hidden_columns=["B:C"]), "a.xlsx")

    assert {issue.rule for issue in report.errors} >= {"columns-hidden", "cells-formula"}
    assert "B、C" in next(issue.text_zh for issue in report.errors if issue.rule == "columns-hidden")
    assert "1 個儲存格" in next(issue.text_zh for issue in report.errors if issue.rule == "cells-formula")


def large_sheet(count):
    return [HEADERS["classes"], *(["115", "1", f"{number}班", "t1"] for number in range(count))]


def test_a_large_sheet_is_searched_and_says_the_same_as_a_small_one():
    count = 6_000
    data = xlsx_bytes({"a": large_sheet(count)}, hidden_rows=[5, 4_999], hidden_columns=["D:D"])

    report = check_roster("classes", data, "a.xlsx")

    assert (report.rows, report.accepted) == (count, count)
    assert [(issue.rule, issue.row) for issue in report.errors] == [("columns-hidden", 1), ("rows-hidden", 5)]


def test_text_marks_that_protect_zeros_are_taken_off():
    text = csv_bytes(STUDENTS).decode().replace("0990603", '="0990603"').replace("1140002", "'01140002")

    report = check_roster("students", text.encode(), "a.csv")

    assert [issue.rule for issue in report.errors] == ["text-mark-removed", "text-mark-removed"]
    assert [record["student_no"] for record in report.records] == ["1130001", "01140002"]


NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6)
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp950", "big5hkscs", "gb18030",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None, max_examples=12)
@given(names=st.lists(NAMES, min_size=2, max_size=2), delimiter=st.sampled_from(",;\t|"))
def test_names_come_through_every_encoding_that_can_write_them(encoding, names, delimiter):
    writable = ["".join(filter(lambda c: can_write(c, encoding), name)) or "王明" for name in names]
    rows = [HEADERS["students"], ROWS["students"], SECOND_STUDENT]
    rows = [rows[0], *([*row[:3], name, *row[4:]] for row, name in zip(rows[1:], writable, strict=True))]

    report = check_roster("students", csv_bytes(rows, encoding=encoding, delimiter=delimiter), "a.csv")

    assert [record["name"] for record in report.records] == writable
    assert {issue.severity for issue in report.errors} <= {"warning"}


def can_write(character, encoding):
    try:
        return character.encode(encoding).decode(encoding) == character
    except UnicodeEncodeError:
        return False


@settings(deadline=None, max_examples=12)
@given(names=st.lists(NAMES, min_size=2, max_size=2))
def test_a_book_and_a_text_say_the_same(names):
    rows = [STUDENTS[0], *([*row[:3], name, *row[4:]] for row, name in zip(STUDENTS[1:], names, strict=True))]

    book = check_roster("students", xlsx_bytes({"a": rows}), "a.xlsx")
    text = check_roster("students", csv_bytes(rows), "a.csv")

    assert book.frame.drop("_sheet").equals(text.frame.drop("_sheet"))
    assert len(book.records) == 2


def test_an_unknown_name_of_a_kind_is_no_kind():
    with pytest.raises(KeyError):
        kind_of("多元表現", ["學號"])
    with pytest.raises(KeyError):
        check_roster("多元表現", b"", "a")
