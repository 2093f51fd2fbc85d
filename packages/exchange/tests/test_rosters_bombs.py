"""Small files that would unfold to much: refused before they do."""

import io
import zipfile

import pytest
from licheng_exchange import RosterFileError, check_roster, read_table
from licheng_exchange._rosters import findings
from roster_files import HEADERS, ROWS, csv_bytes, xlsx_bytes

SHEET, BOOK, STRINGS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"
START = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
LONG = 100_000


def workbook(**changed):
    """A good workbook of students with these members instead of its own."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_bytes({"a": [HEADERS["students"], ROWS["students"]]}))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in good.namelist():
            change = changed.get(name.rpartition("/")[2].removesuffix(".xml"))
            content = good.read(name)
            made.writestr(name, change(content.decode()) if change else content)
    return out.getvalue()


def rule_of(data):
    with pytest.raises(RosterFileError) as refusal:
        read_table(data, "a.xlsx", "students")
    return refusal.value.rule


def strings(text):
    """The shared strings with one more, long one; its number is the last."""
    return text.replace("</sst>", f"<si><t>{'x' * LONG}</t></si></sst>")


def rows_naming(string, count, quote='"'):
    """A sheet whose rows from the third on name this shared string."""

    def change(text):
        rows = "".join(
            f'<row r="{row}"><c r="A{row}" t={quote}s{quote}><v>{string}</v></c></row>'
            for row in range(3, count + 3)
        )
        return text.replace("</sheetData>", f"{rows}</sheetData>")

    return change


def last_string():
    with zipfile.ZipFile(io.BytesIO(workbook())) as good:
        return good.read(STRINGS).count(b"<si>")


@pytest.mark.parametrize("count", [3_000, 20_000])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_long_string_in_many_cells_is_refused(count, quote):
    data = workbook(sharedStrings=strings, sheet1=rows_naming(last_string(), count, quote))

    assert len(data) < 300_000
    assert rule_of(data) == "file-too-large"


def test_a_long_string_in_one_cell_of_many_is_read():
    data = workbook(sharedStrings=strings, sheet1=rows_naming(last_string() - 1, 20_000))

    assert read_table(data, "a.xlsx", "students").cells.height > 19_000


def test_one_sheet_under_many_names_counts_as_often():
    def far(text):
        return text.replace("</sheetData>", '<row r="1000000"><c r="A1000000"><v>1</v></c></row></sheetData>')

    def many(text):
        start, end = text.index("<sheet "), text.index("</sheets>")
        one = text[start:end]
        return text[:end] + "".join(one.replace('name="a"', f'name="b{n}"') for n in range(30)) + text[end:]

    assert rule_of(workbook(workbook=many, sheet1=far)) == "file-too-large"


def test_merged_areas_over_each_other_are_refused():
    def merged(text):
        cells = '<row r="100000"><c r="H100000"><v>1</v></c></row></sheetData>'
        areas = "".join('<mergeCell ref="A1:H100000"/>' for _ in range(50))
        text = text.replace("</sheetData>", cells)
        return text.replace("</sheetData>", f'</sheetData><mergeCells count="50">{areas}</mergeCells>')

    assert rule_of(workbook(sheet1=merged)) == "file-too-large"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("學號,姓名" + "," * 10_000 + "x\n" + "a\n" * 10_000, "file-too-large"),
        ('學號,"姓名"' + "," * 10_000 + "x\n" + "a\n" * 10_000, "file-too-large"),
        ("學號,姓名\n" + "\n" * 2**20, "file-too-large"),
        ("學號,姓名," + "x," * 20_000 + "x\na\n", "file-too-large"),
        ("學號,姓名," + ",".join(f"x{n}" for n in range(2_000)) + "\na\n", "columns-too-many"),
        ("115064308M1119701010101,甲,333322\n" + "\n" * (2**20 + 1), "file-too-large"),
    ],
)
def test_text_that_unfolds_to_too_many_cells_is_refused(data, rule):
    assert rule_of(data.encode()) == rule


def test_findings_beyond_the_bound_refuse_the_file_without_being_listed(monkeypatch):
    monkeypatch.setattr(findings, "MOST_ISSUES", 3)
    wrong = ["A100000000", *ROWS["students"][1:]]

    report = check_roster(
        "students", csv_bytes([HEADERS["students"], *[wrong] * 9, ROWS["students"]]), "a.csv"
    )

    assert (len(report.errors), report.good, report.accepted) == (4, False, 0)
    assert [issue.rule for issue in report.errors].count("issues-cut") == 1
