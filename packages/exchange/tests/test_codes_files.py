"""The code file and the correction file in every layout, read back by what a school's system reads them with."""

import codecs
import csv
import io
import json
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange import (
    LAYOUTS,
    CodeLine,
    CorrectionLine,
    InvalidCourseCode,
    corrections_between,
    export_cell,
    parse_course_code_file,
    write_code_file,
    write_correction_file,
)

CHINESE = CodeLine("115070406V4092901010101", "國語文", "444422")
PAIRED = CodeLine("115070406V4092901010902", "全民國防教育", "1A0000")
LARGE = CodeLine("115070406V4092902030090", "校外實習（甲、乙）", "00RST0")
COURSES = [CHINESE, PAIRED, LARGE]


def test_the_text_file_has_a_line_a_course_of_23_30_and_6():
    text = write_code_file(COURSES, "txt").decode()

    assert text == (
        "115070406V4092901010101,國語文,444422\r\n"
        "115070406V4092901010902,全民國防教育,1A0000\r\n"
        "115070406V4092902030090,校外實習（甲、乙）,00RST0\r\n"
    )


def test_the_fixed_file_has_59_characters_a_line():
    lines = write_code_file(COURSES, "fixed").decode().removesuffix("\r\n").split("\r\n")

    assert {len(line) for line in lines} == {59}
    assert [CodeLine(one[:23], one[23:53].rstrip(), one[53:]) for one in lines] == COURSES


def test_json_says_credits_in_numbers_too():
    body = json.loads(write_code_file([PAIRED], "json"))

    assert (body["format"], body["version"]) == ("course-codes", 1)
    assert body["courses"][0]["semesters"][:3] == [
        {"credits": 1, "paired": False},
        {"credits": 1, "paired": True},
        {"credits": 0, "paired": False},
    ]


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one != "json"])
def test_what_is_written_reads_back(layout):
    data = write_code_file(COURSES, layout)

    rows, issues = parse_course_code_file(data)

    assert issues == []
    assert [CodeLine(row.code.text, row.name, row.credits) for row in rows] == COURSES
    assert data == write_code_file(COURSES, layout)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Z"]), max_size=30))
def test_whatever_name_is_written_reads_back(name):
    line = CodeLine(CHINESE.code, name, "R00000")
    if not name or set(name) & set(',"'):
        with pytest.raises(InvalidCourseCode):
            write_code_file([line], "txt")
        return

    text = write_code_file([line], "txt").decode()
    fields = next(
        csv.reader(io.StringIO(write_code_file([line], "csv").decode("utf-8-sig").splitlines()[-1]))
    )

    assert text == f"{line.code},{name},R00000\r\n"
    assert fields == [line.code, export_cell(name), "R00000"]


def test_a_name_cannot_act_as_a_formula_in_a_spreadsheet():
    line = CodeLine(CHINESE.code, "=HYPERLINK(1)", "200000")

    assert "'=HYPERLINK(1)" in write_code_file([line], "csv").decode()
    (row,), _issues = parse_course_code_file(write_code_file([line], "xlsx"))
    assert row.name == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (CodeLine("115070406V409290101010", "國語文", "444422"), "course-code-length"),
        (CodeLine(CHINESE.code, "", "444422"), "name-blank"),
        (CodeLine(CHINESE.code, "文" * 31, "444422"), "name-length"),
        (CodeLine(CHINESE.code, "國語,文", "444422"), "name-character"),
        (CodeLine(CHINESE.code, "國語\n文", "444422"), "name-character"),
        (CodeLine(CHINESE.code, "國語文", "44442"), "credits-length"),
    ],
)
def test_a_course_that_the_file_could_not_carry_is_refused(line, rule):
    for layout in LAYOUTS:
        with pytest.raises(InvalidCourseCode) as refusal:
            write_code_file([CHINESE, line], layout)
        assert refusal.value.rule == rule


def test_spreadsheets_know_the_csv_and_the_workbook_has_no_day():
    sheet = zipfile.ZipFile(io.BytesIO(write_code_file(COURSES, "xlsx")))

    assert write_code_file(COURSES, "csv").startswith(codecs.BOM_UTF8 + "課程代碼,".encode())
    assert b"2019-08-01T00:00:00Z" in sheet.read("docProps/core.xml")


def test_no_courses_make_an_empty_file_and_a_strange_layout_none():
    assert write_code_file([], "txt") == b""
    assert parse_course_code_file(write_code_file([], "xlsx"))[0] == []
    with pytest.raises(InvalidCourseCode, match="layout-unknown"):
        write_code_file([], "pdf")
    with pytest.raises(InvalidCourseCode, match="layout-unknown"):
        write_correction_file([], "fixed")


def test_the_correction_file_has_five_fields_for_changed_new_and_gone():
    before = [CHINESE, PAIRED, LARGE]
    moved = CodeLine("115070406V4092901010916", "全民國防教育", "110000")
    new = CodeLine("115070406V4092902030091", "烘焙實作", "003300")

    changes = corrections_between(before, [CHINESE, moved, new], [(PAIRED.code, moved.code)])

    assert changes == [
        CorrectionLine(moved.code, moved.name, moved.credits, PAIRED.code, PAIRED.name),
        CorrectionLine(new.code, new.name, new.credits, "", ""),
        CorrectionLine("", "", "", LARGE.code, LARGE.name),
    ]
    assert write_correction_file(changes).decode() == (
        f"{moved.code},全民國防教育,110000,{PAIRED.code},全民國防教育\r\n"
        f"{new.code},烘焙實作,003300,,\r\n"
        f",,,{LARGE.code},校外實習（甲、乙）\r\n"
    )


def test_a_course_that_kept_its_code_but_not_its_name_is_a_correction():
    renamed = CodeLine(CHINESE.code, "國文", "444422")

    assert corrections_between([CHINESE], [renamed]) == [
        CorrectionLine(CHINESE.code, "國文", "444422", CHINESE.code, "國語文")
    ]
    assert corrections_between(COURSES, COURSES, [("x", CHINESE.code), (CHINESE.code, "y")]) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (CorrectionLine("", "", "", "", ""), "correction-empty"),
        (CorrectionLine(CHINESE.code, "國語文", "444422", "x", ""), "course-code-length"),
        (CorrectionLine("", "", "", CHINESE.code, "國,語"), "name-character"),
    ],
)
def test_corrections_that_say_nothing_or_break_the_line_are_refused(line, rule):
    with pytest.raises(InvalidCourseCode) as refusal:
        write_correction_file([line])

    assert refusal.value.rule == rule


def test_the_correction_file_in_its_other_layouts():
    change = CorrectionLine(CHINESE.code, "國文", "444422", CHINESE.code, "國語文")

    body = json.loads(write_correction_file([change], "json"))
    text = write_correction_file([change], "csv").decode("utf-8-sig")

    assert body["format"] == "course-code-corrections"
    assert re.match(r"新課程代碼,新科目名稱,授課學期學分,原課程代碼,原科目名稱\r\n", text)
    assert body["courses"][0]["old_name"] == "國語文"
    assert write_correction_file([change], "xlsx")[:2] == b"PK"
