"""ODS: what a sheet of an office says is what the same sheet as CSV says; what repeats is bounded before it is written out."""

import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from licheng_exchange import check_roster, read_workbook
from roster_files import HEADERS, ROWS, SECOND_STUDENT, csv_bytes

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)
HIDDEN = (
    '<office:automatic-styles><style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)
STUDENTS = [HEADERS["students"], ROWS["students"], SECOND_STUDENT]


def cell(value, more=""):
    if value == "":
        return f"<table:table-cell {more}/>"
    if isinstance(value, float):
        return f'<table:table-cell office:value-type="float" office:value="{value}" {more}><text:p>x</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string" {more}><text:p>{escape(value)}</text:p></table:table-cell>'


def row(values, more=""):
    return f"<table:table-row {more}>{''.join(map(cell, values))}</table:table-row>"


def table(rows, name="工作表1", more="", columns=""):
    inside = columns + "".join(one if isinstance(one, str) else row(one) for one in rows)
    return f'<table:table table:name="{name}" {more}>{inside}</table:table>'


def ods(*tables, before="", head='<?xml version="1.0" encoding="UTF-8"?>'):
    content = (
        f"{head}<office:document-content {SPACES}>{before}<office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = zipfile.ZipInfo("mimetype")
        archive.writestr(kind, "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return data.getvalue()


def checked(data, kind="students"):
    return check_roster(kind, data, "a.ods")


def told(report):
    return [(issue.row, issue.column, issue.rule) for issue in report.errors]


def test_a_sheet_says_what_the_same_rows_say_as_csv():
    blank = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'

    report = checked(ods(table([*STUDENTS, blank])))

    text = check_roster("students", csv_bytes(STUDENTS), "a.csv")
    assert report.errors == ()
    assert report.frame.drop("_sheet").equals(text.frame.drop("_sheet"))
    assert report.sheet == "工作表1"


@pytest.mark.parametrize(
    ("born", "read"),
    [
        (
            '<table:table-cell office:value-type="date" office:date-value="2010-06-03"><text:p>99/6/3</text:p></table:table-cell>',
            [],
        ),
        (cell(990603.0), [(2, "出生日期", "birth-date-zero")]),
        (cell("990603"), [(2, "出生日期", "birth-date-zero")]),
    ],
    ids=["date", "number", "text"],
)
def test_days_and_numbers_are_read_as_in_any_workbook(born, read):
    first, _born, *others = ROWS["students"]
    line = f"<table:table-row>{cell(first)}{born}{''.join(map(cell, others))}</table:table-row>"

    report = checked(ods(table([STUDENTS[0], line])))

    assert told(report) == read
    assert report.records[0]["birth_date"].isoformat() == "2010-06-03"


def test_what_is_hidden_merged_or_computed_is_said():
    first, second = ROWS["students"], SECOND_STUDENT
    spanned = 'table:number-columns-spanned="1" table:number-rows-spanned="2"'
    upper = "".join(map(cell, first[:6])) + cell("忠班", spanned) + cell(first[7])
    lower = (
        "".join(map(cell, second[:6])) + "<table:covered-table-cell/>" + cell(8.0, 'table:formula="of:=A1"')
    )
    rows = [
        STUDENTS[0],
        f"<table:table-row>{upper}</table:table-row>",
        f'<table:table-row-group><table:table-row table:visibility="filter">{lower}</table:table-row></table:table-row-group>',
    ]
    columns = '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'

    report = checked(
        ods(
            table(rows, columns=columns),
            table(STUDENTS, "舊", 'table:style-name="ta2"'),
            before=HIDDEN,
        )
    )

    assert {issue.rule for issue in report.errors} == {
        "rows-hidden", "columns-hidden", "cells-formula", "cells-merged", "sheet-hidden",
    }  # fmt: skip
    assert [(one["class_name"], one["seat_no"]) for one in report.records] == [("忠班", 1), ("忠班", 8)]
    assert "（B、C）" in next(issue.text_zh for issue in report.errors if issue.rule == "columns-hidden")


def test_words_of_a_cell_are_its_own_paragraphs():
    words = (
        "<table:table-cell><office:annotation><text:p>註解</text:p></office:annotation>"
        '<text:p>姚<text:span>家</text:span><text:s text:c="2"/>榮</text:p><text:p>二</text:p></table:table-cell>'
    )

    (sheet,) = read_workbook(ods(table([f"<table:table-row>{words}</table:table-row>"])))

    assert sheet.rows == [["姚家  榮\n二"]]


def test_what_repeats_is_written_out_and_blanks_before_it_too():
    line = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"/>'
        + cell("甲", 'table:number-columns-repeated="3"')
        + "</table:table-row>"
    )

    (sheet,) = read_workbook(ods(table(['<table:table-row table:number-rows-repeated="2"/>', line])))

    assert sheet.rows == [[""] * 5] * 2 + [["", "", "甲", "甲", "甲"]] * 2


def repeated(rows, columns, text="甲"):
    one = cell(text, f'table:number-columns-repeated="{columns}"')
    return table([f'<table:table-row table:number-rows-repeated="{rows}">{one}</table:table-row>'])


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (ods(repeated(1_000_000, 16_384)), "file-too-large"),
        (ods(repeated(1, 9_999_999)), "file-too-large"),
        (ods(*[repeated(100, 60_000)] * 3), "file-too-large"),
        (ods(repeated(9_000, 1, "長" * 40_000)), "file-too-large"),
        (ods(table(STUDENTS), head='<!DOCTYPE x [<!ENTITY a "b">]>'), "file-xml-entity"),
        (ods(table(["<table:table-row>"])), "file-damaged"),
        (ods(f"{'<text:span>' * 30_000}{'</text:span>' * 30_000}"), "header-missing"),
        (ods(table([f"<table:table-row><table:table-cell><text:p>{'<text:span>' * 30_000}x{'</text:span>' * 30_000}</text:p></table:table-cell></table:table-row>"])), "file-damaged"),
        (ods(table([["沒有", "欄位"]])), "header-missing"),
        (ods(), "header-missing"),
        (ods(table(STUDENTS))[:400], "file-damaged"),
    ],
    ids=["rows", "columns", "sheets", "text", "entity", "xml", "deep", "deep words", "other", "empty", "cut"],
)  # fmt: skip
def test_what_unfolds_to_too_much_or_is_no_sheet_is_refused(data, rule):
    report = checked(data)

    assert (report.rows, [issue.rule for issue in report.errors]) == (0, [rule])
