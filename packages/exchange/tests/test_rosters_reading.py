"""Files as schools have them: encodings, delimiters, titles, totals, workbooks, and what is no roster at all."""

import io
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from licheng_exchange import KINDS, RosterFileError, check_roster, read_table
from roster_files import HEADERS, ROWS, SECOND_STUDENT, csv_bytes, roster, xlsx_bytes
from shared_data import SHARED

GRID = [HEADERS["students"], ROWS["students"], SECOND_STUDENT]


def rules(report):
    return [issue.rule for issue in report.errors]


def rows_read(report):
    return [record["_row"] for record in report.records]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp950", "big5", "big5hkscs"],
)
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_line_ends_and_delimiters(encoding, newline, delimiter):
    report = check_roster(
        "students", csv_bytes(GRID, encoding=encoding, newline=newline, delimiter=delimiter), "a.csv"
    )

    assert (report.rows, report.accepted, report.errors) == (2, 2, ())
    assert rows_read(report) == [2, 3]


def test_big_endian_utf16_with_its_mark():
    report = check_roster("students", b"\xfe\xff" + csv_bytes(GRID, encoding="utf-16-be"), "a.csv")

    assert (report.accepted, report.errors) == (2, ())


@pytest.mark.parametrize("name", ["許功蓋", "游恒毅", "林碁銹", "育閱"])
def test_cp950_extensions_and_the_backslash_byte(name):
    report = check_roster("students", roster("students", {"姓名": name}).decode().encode("cp950"), "a.csv")

    assert (report.errors, report.records[0]["name"]) == ((), name)


def test_hkscs_characters_are_read_with_a_warning():
    report = check_roster(
        "students", roster("students", {"姓名": "王㐵明"}).decode().encode("big5hkscs"), "a.csv"
    )

    assert (rules(report), report.records[0]["name"]) == (["encoding-hkscs", "name-extension"], "王㐵明")


@pytest.mark.parametrize("pair", [b"\x88\x62", b"\x88\x64", b"\x88\xa3", b"\x88\xa5"])
def test_hkscs_codes_of_two_characters_are_read(pair):
    text = roster("students", {"姓名": "王囧明"}).decode().encode("cp950")
    report = check_roster("students", text.replace("囧".encode("cp950"), pair), "a.csv")

    assert (rules(report)[:1], report.records[0]["name"]) == (
        ["encoding-hkscs"],
        f"王{pair.decode('big5hkscs')}明",
    )


def test_simplified_encoding_is_read_with_a_warning():
    report = check_roster(
        "students", roster("students", {"姓名": "凃志明"}).decode().encode("gb18030"), "a.csv"
    )

    assert (report.accepted, report.records[0]["name"]) == (1, "凃志明")
    assert rules(report) == ["encoding-gb18030"]


def test_a_damaged_byte_rejects_only_its_row():
    data = csv_bytes(GRID, encoding="utf-8").replace("姚家榮".encode(), b"\xe5\xa7\x9a\xe5\xae\xff")

    report = check_roster("students", data, "a.csv")

    assert rules(report) == ["encoding-damaged", "name-damaged"]
    assert rows_read(report) == [3]


def test_a_row_of_separators_alone_is_blank():
    report = check_roster("students", roster("students") + b"\x1f,,,,,,,\r\n", "a.csv")

    assert (report.rows, rules(report)) == (1, ["control-character"])


def test_titles_totals_footers_blank_rows_and_repeated_headers_keep_source_rows():
    rows = [
        ["115學年度第1學期 學生資料名冊"], ["列印日期：115/09/01"], [""], HEADERS["students"], ROWS["students"], [""],
        ["", "　", ""], HEADERS["students"], SECOND_STUDENT, ["合　計", "", "", "2"], ["承辦人：", "", "主任："],
    ]  # fmt: skip

    report = check_roster("students", csv_bytes(rows), "a.csv")

    assert rows_read(report) == [5, 9]
    assert [(issue.row, issue.rule, issue.severity) for issue in report.errors] == [
        (row, "row-left-out", "warning") for row in (8, 10, 11)
    ]


def test_header_cells_may_have_spaces_width_stars_remarks_and_synonyms():
    header = [
        "＊身 分 證 字 號",
        "出生日期(民國)",
        " 學　號 ",
        "學生姓名",
        "性別",
        "年級",
        "班級名稱",
        "座號\u200b",
    ]

    report = check_roster("students", csv_bytes([header, ROWS["students"]]), "a.csv")

    assert (report.accepted, report.errors) == (1, ())


def test_columns_may_come_in_any_order_and_unknown_ones_are_named():
    rows = [[*reversed(row), note] for row, note in zip(GRID, ["備註", "a", "b"], strict=True)]

    report = check_roster("students", csv_bytes(rows), "a.csv")

    assert report.accepted == 2
    assert rules(report) == ["column-unknown"]


def test_missing_and_double_columns_refuse_the_file():
    missing = check_roster("students", csv_bytes([row[1:] for row in GRID]), "a.csv")
    double = check_roster("students", csv_bytes([[*row, row[3]] for row in GRID]), "a.csv")
    remarks = check_roster(
        "students",
        csv_bytes([[*row, *(("備註", "備註") if row is GRID[0] else "ab")] for row in GRID]),
        "a.csv",
    )

    assert (missing.accepted, missing.rows, rules(missing)) == (0, 2, ["column-missing"])
    assert (rules(double), double.accepted) == (["column-twice"], 0)
    assert (rules(remarks), remarks.accepted) == (["column-unknown"], 2)


def test_a_header_without_rows_is_refused():
    report = check_roster("staff", csv_bytes([HEADERS["staff"]]), "a.csv")

    assert rules(report) == ["rows-missing"]
    assert not report.good


def test_a_row_with_more_cells_than_the_header_is_refused():
    for name in ("O'Brien, José", '"quoted or", not'):
        data = roster("staff", {"姓名": name})

        assert "cells-too-many" in rules(check_roster("staff", data, "a.csv"))


def test_quoted_cells_may_hold_commas_and_lines_and_rows_are_counted_as_a_spreadsheet_does():
    text = '帳號,姓名,職務\r\nt1,"O\'Brien, José","任課教師,導師"\r\nt2,"王\n明",導師\r\nt3,"王""大""明",導師\r\n'

    report = check_roster("staff", text.encode(), "a.csv")

    assert [(record["_row"], record["name"]) for record in report.records] == [
        (2, "O'Brien, José"),
        (4, '王"大"明'),
    ]
    assert [(issue.row, issue.rule) for issue in report.errors] == [(3, "control-character")]


def test_an_open_quote_is_refused_with_its_line():
    report = check_roster("staff", '帳號,姓名,職務\nt1,"王,導師\nt2,陳,導師\n'.encode(), "a.csv")

    assert rules(report) == ["file-quotes"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "file-empty"),
        (b"\x80\xfe\x81\xff\x80" * 40, "file-encoding"),
        (b" \r\n\t", "file-empty"),
        (b"\xef\xbb\xbf", "file-empty"),
        (b"\x00" * 50, "file-empty"),
        ("姓名,學號\n王\x00明,1\n".encode(), "file-nul-bytes"),
        (b"%PDF-1.7\n", "file-binary"),
        (b"\x89PNG\r\n\x1a\n123", "file-binary"),
        (bytes(range(1, 32)) * 9, "file-binary"),
        (b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8" * 40, "file-nul-bytes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file-old-excel"),
        ("<html><table><tr><td>身分證號".encode(), "file-html"),
        ("\ufeff\r\n <!DOCTYPE html><table>".encode(), "file-html"),
        ("<table><tr><td>身分證號".encode("cp950"), "file-html"),
        ("今天天氣很好\n沒有名冊\n".encode(), "header-missing"),
        (b"PK\x03\x04 not a zip", "file-damaged"),
    ],
)
def test_what_is_no_roster_is_refused_with_one_clear_error(data, rule):
    report = check_roster("students", data, "a.xls")

    if rule != "file-nul-bytes":
        assert rules(report) == [rule]
    assert (report.rows, report.accepted, report.good, len(report.errors)) == (0, 0, False, 1)
    assert report.errors[0].row == 0


def test_html_says_save_as_xlsx():
    report = check_roster("students", b"<html><table>", "a.xls")

    assert "另存為 .xlsx" in report.errors[0].text_zh


def test_workbook_numbers_dates_and_leading_zeros():
    row = ["C100000003", 990603, 1130001, "姚家榮", "男", 1, "孝班", 1]

    report = check_roster("students", xlsx_bytes({"名冊": [HEADERS["students"], row]}), "a.xlsx")

    assert [(issue.sheet, issue.rule) for issue in report.errors] == [("名冊", "birth-date-zero")]
    assert (report.records[0]["student_no"], report.records[0]["seat_no"]) == ("1130001", 1)


def test_workbook_titles_hidden_rows_and_merged_cells():
    rows = [["115學年度"], HEADERS["classes"], ["115", "1", "孝班", ""], ["", "1", "忠班", ""]]

    report = check_roster(
        "classes", xlsx_bytes({"a": rows}, hidden_rows=[4], merged=[(2, 0, 3, 0)]), "a.xlsx"
    )

    assert [(record["_row"], record["class_name"]) for record in report.records] == [(3, "孝班"), (4, "忠班")]
    assert sorted(rules(report)) == ["cells-merged", "rows-hidden"]
    assert report.good


def test_all_sheets_of_the_roster_are_read_and_others_are_named():
    sheets = {
        "封面": [["學校代碼", "070406"]],
        "一年級": [HEADERS["students"], ROWS["students"]],
        "二年級": [["標題"], HEADERS["students"], SECOND_STUDENT],
        "舊資料": [HEADERS["students"], ROWS["students"]],
    }

    report = check_roster("students", xlsx_bytes(sheets, hidden_sheets=["舊資料"]), "a.xlsx")

    assert rows_read(report) == [2, 3]
    assert [(issue.sheet, issue.rule) for issue in report.errors] == [("舊資料", "sheet-hidden")]


def packed(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def workbook_with(change):
    members = {}
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes({"a": GRID}))) as archive:
        for name in archive.namelist():
            members[name] = archive.read(name)
    change(members)
    return packed(members)


SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda m: m.update({SHEET: m[SHEET].replace(b"<?xml", ENTITY + b"<?xml", 1)}), "file-xml-entity"),
        (lambda m: m.update({SHEET: ENTITY + b"<worksheet>&e;</worksheet>"}), "file-xml-entity"),
        (
            lambda m: m.update({"xl/sharedStrings.xml": "<!DOCTYPE x><sst/>".encode("utf-16")}),
            "file-xml-entity",
        ),
        (lambda m: m.update({SHEET: b"<worksheet><sheetData>"}), "file-damaged"),
        (lambda m: m.pop("xl/workbook.xml"), "file-not-xlsx"),
        (lambda m: m.update({"xl/media/zeros.bin": bytes(60 * 2**20)}), "file-too-large"),
        (lambda m: m.update({f"xl/x{n}.bin": b"" for n in range(2100)}), "file-too-large"),
        (lambda m: m.update({SHEET: m[SHEET].replace(b'r="H3"', b'r="XFD1048576"')}), "file-too-large"),
    ],
)
def test_hostile_workbooks_are_refused_before_they_are_opened(change, rule):
    report = check_roster("students", workbook_with(change), "a.xlsx")

    assert rules(report) == [rule]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_truncated_workbook_is_refused(share):
    data = xlsx_bytes({"a": GRID})

    assert rules(check_roster("students", data[: int(len(data) * share)], "a.xlsx")) == ["file-damaged"]


def test_every_shared_roster_reaches_its_verdict():
    reached = {}
    for name in ("files/text", "files/xlsx/libreoffice", "hostile/csv", "hostile/xlsx"):
        for path in sorted((SHARED / name).glob("*")):
            try:
                reached[path.name] = read_table(path.read_bytes(), path.name).cells.height
            except RosterFileError as refusal:
                reached[path.name] = refusal.rule

    if SHARED.exists():
        assert reached == {
            "big5_backslash_trap.csv": 2,
            "roster_big5.csv": 57,
            "roster_cp950_eten.csv": 27,
            "roster_date_styles.csv": 15,
            "roster_lost_leading_zero.csv": 8,
            "roster_title_rows.csv": 5,
            "roster_utf16le_bom.csv": 57,
            "roster_utf8_bom.csv": 57,
            "roster.xlsx": 57,
            "formula_injection.csv": 4,
            "header_fullwidth_spaces.csv": 1,
            "hidden_rows_cols.xlsx": 1,
            "html_table_renamed.xls": "file-html",
            "xxe_http.xlsx": "file-xml-entity",
        }


def test_shared_workbooks_that_are_no_rosters_fail_politely():
    found = {
        path.name: rules(check_roster("students", path.read_bytes(), path.name))
        for path in (SHARED / "files" / "xlsx" / "calamine").glob("*.xlsx")
    }

    assert set(map(tuple, found.values())) <= {("header-missing",)}


def test_formula_text_is_kept_as_it_is():
    text = "=cmd|' /C calc'!A0"
    table = read_table(csv_bytes([["姓名", "備註"], [text, "＝1+1"]]), "a.csv")

    assert table.rows == [{"_sheet": "", "_row": 2, "姓名": text, "備註": "＝1+1", "_extra": ""}]


@pytest.mark.parametrize("kind", list(KINDS))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.binary(max_size=600))
def test_arbitrary_bytes_never_raise(kind, data):
    report = check_roster(kind, data, "any")

    assert report.accepted <= report.rows
    assert report.accepted or report.errors


@settings(deadline=None)
@given(
    cells=st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=9), max_size=6),
    kind=st.sampled_from(list(KINDS)),
)
def test_arbitrary_cells_under_a_real_header_never_raise(cells, kind):
    report = check_roster(
        kind, csv_bytes([HEADERS[kind], *cells]).decode().encode("utf-8", "replace"), "any.csv"
    )

    assert report.accepted <= report.rows


@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_in_a_workbook_never_raises(place, value):
    data = bytearray(xlsx_bytes({"a": GRID}))
    data[place % len(data)] = value

    report = check_roster("students", bytes(data), "a.xlsx")

    assert report.rows or not report.good


def test_one_endless_cell_does_not_hold_the_reader_up():
    begun = time.perf_counter()

    report = check_roster("students", b"[" * 400_000, "a.csv")

    assert rules(report) == ["header-missing"]
    assert time.perf_counter() - begun < 5
