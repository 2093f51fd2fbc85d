"""Rosters made for tests, as CSV bytes and as workbooks."""

import io

import xlsxwriter

HEADERS = {
    "students": ["身分證號", "出生日期", "學號", "姓名", "性別", "年級", "班級", "座號"],
    "staff": ["帳號", "姓名", "職務"],
    "classes": ["學年度", "年級", "班級", "導師帳號"],
    "enrolments": ["學年度", "學期", "課程代碼", "科目名稱", "開課班級", "學號", "任課教師帳號"],
    "course-codes": ["課程代碼", "科目名稱", "授課學期學分"],
}
ROWS = {
    "students": ["C100000003", "0990603", "1130001", "姚家榮", "男", "1", "孝班", "01"],
    "staff": ["t001", "陳怡君", "任課教師、導師"],
    "classes": ["115", "1", "孝班", "t001"],
    "enrolments": ["115", "1", "115070406V4092901010101", "國語文", "孝班", "1130001", "t001"],
    "course-codes": ["115070406V4092901010101", "國語文", "222200"],
}
SECOND_STUDENT = ["W200000012", "0970613", "1140002", "龔麗娟", "女", "2", "忠班", "02"]


def csv_bytes(rows, *, encoding="utf-8", newline="\r\n", delimiter=","):
    return newline.join(delimiter.join(row) for row in rows).encode(encoding)


def roster(kind, changes=None, *, extra=None, rows=None):
    """One kind's header and rows, with cells of the first row changed and optional columns added."""
    header = [*HEADERS[kind], *(extra or {})]
    first = [*ROWS[kind], *(extra or {}).values()]
    for column, value in (changes or {}).items():
        first[header.index(column)] = value
    return csv_bytes([header, first, *(rows or [])])


def xlsx_bytes(sheets, *, hidden_rows=(), merged=(), hidden_sheets=()):
    """Sheets as {name: rows}; numbers stay numbers."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    write = sheet.write_string if isinstance(value, str) else sheet.write
                    write(number, column, value)
            for number in hidden_rows:
                sheet.set_row(number - 1, None, None, {"hidden": True})
            for area in merged:
                top, left = area[0], area[1]
                sheet.merge_range(*area, rows[top][left])
            if name in hidden_sheets:
                sheet.hide()
    return buffer.getvalue()
