"""Rosters made for tests, as CSV bytes and as workbooks."""

import io

import xlsxwriter

CODE = "115070406V4092901010101"
MARK_START = ["C100000003", CODE, "國語文", "1"]
HEADERS = {
    "students": ["身分證號", "出生日期", "學號", "姓名", "性別", "年級", "班級", "座號"],
    "staff": ["帳號", "姓名", "職務"],
    "classes": ["學年度", "年級", "班級", "導師帳號"],
    "enrolments": ["學年度", "學期", "課程代碼", "科目名稱", "開課班級", "學號", "任課教師帳號"],
    "course-codes": ["課程代碼", "科目名稱", "授課學期學分"],
    "guardians": ["學號", "家長姓名", "關係", "電子郵件", "電話"],
    "學生資料": [
        "身分證號", "性別代碼", "出生日期", "群別代碼", "科班學程別代碼", "部別代碼", "班別", "年級", "班級名稱", "座號",
        "特殊身分別", "原住民族別", "原住民身分別", "族語認證報考方言", "報考年度", "族語認證有效日期", "實驗班名稱", "入學方式",
        "學籍狀態", "學籍異動日期",
    ],
    "借讀": ["身分證號", "所屬學校代碼", "借讀學校代碼", "群別", "借讀科班學程別", "借讀代碼", "申請開始日期", "申請結束日期"],
    "校內幹部經歷": ["身分證號", "單位名稱", "開始日期", "結束日期", "擔任職務", "幹部等級"],
    "學期成績": [
        "身分證號", "課程代碼", "科目名稱", "開課年級", "修課學分", "學期學業成績", "成績及格", "補考成績", "補考及格",
        "是否採計學分", "質性文字描述",
    ],
    "補修": [
        "身分證號", "課程代碼", "科目名稱", "開課年級", "應修課學年度", "應修課學期", "修課學分", "補修成績", "補修及格",
        "補考成績", "補考及格", "補修方式", "是否採計學分", "質性文字描述",
    ],
    "轉學轉科": [
        "身分證號", "課程代碼", "科目名稱", "對應年級", "對應學年度", "對應學期", "修課學分", "身分別", "抵免後成績", "成績及格",
        "是否採計學分", "質性文字描述",
    ],
    "重修": [
        "身分證號", "原修課課程代碼", "科目名稱", "開課年級", "原修課學年度", "原修課學期", "修課學分", "重修方式", "重修成績",
        "重修及格", "質性文字描述",
    ],
    "重讀": [
        "身分證號", "課程代碼", "科目名稱", "開課年級", "修課學分", "重讀成績", "成績及格", "補考成績", "補考及格", "重讀註記",
        "是否採計學分", "質性文字描述",
    ],
    "進修部學期成績": [
        "身分證號", "課程代碼", "科目名稱", "開課年級", "修課節數", "學期學業成績", "成績及格", "學年學業成績", "學年及格",
        "是否採計學時", "質性文字描述",
    ],
    "進修部補考": [
        "身分證號", "課程代碼", "科目名稱", "開課年級", "第一學期開設修課節數", "第二學期開設修課節數", "第一次補考成績",
        "第一次補考及格", "第二次補考成績", "第二次補考及格",
    ],
    "進修部轉學轉科": [
        "身分證號", "課程代碼", "科目名稱", "對應年級", "對應學年度", "對應學期", "修課節數", "身分別", "抵免後成績", "成績及格",
        "是否採計學時", "質性文字描述",
    ],
}  # fmt: skip
ROWS = {
    "students": ["C100000003", "0990603", "1130001", "姚家榮", "男", "1", "孝班", "01"],
    "staff": ["t001", "陳怡君", "任課教師、導師"],
    "classes": ["115", "1", "孝班", "t001"],
    "enrolments": ["115", "1", CODE, "國語文", "孝班", "1130001", "t001"],
    "course-codes": [CODE, "國語文", "222200"],
    "guardians": ["1130001", "姚大明", "父", "a@example.org", "0912345678"],
    "學生資料": [
        "C100000003", "1", "0990603", "23", "305", "1", "1", "1", "孝班", "01", "0", "", "", "", "", "", "",
        "直升", "1", "",
    ],
    "借讀": ["C100000003", "070406", "010301", "23", "305", "1", "1150901", "1160120"],
    "校內幹部經歷": ["C100000003", "一年孝班", "1150901", "1160120", "班長", "2"],
    "學期成績": [*MARK_START, "2", "85.5", "1", "-1", "-1", "1", ""],
    "補修": [*MARK_START, "114", "2", "2", "60", "1", "-1", "-1", "3", "1", ""],
    "轉學轉科": [*MARK_START, "114", "2", "2", "1", "70", "1", "1", ""],
    "重修": [*MARK_START, "114", "2", "2", "1", "65", "1", ""],
    "重讀": [*MARK_START, "2", "70", "1", "-1", "-1", "2", "1", ""],
    "進修部學期成績": [*MARK_START, "2", "70", "1", "72.5", "1", "1", ""],
    "進修部補考": [*MARK_START, "2", "2", "55", "0", "61", "1"],
    "進修部轉學轉科": [*MARK_START, "114", "2", "2", "3", "70", "1", "1", ""],
}  # fmt: skip
SECOND_STUDENT = ["W200000012", "0970613", "1140002", "龔麗娟", "女", "2", "忠班", "02"]
MARK_KINDS = [kind for kind in ROWS if ROWS[kind][: len(MARK_START)] == MARK_START]


def csv_bytes(rows, *, encoding="utf-8", newline="\r\n", delimiter=","):
    return newline.join(delimiter.join(row) for row in rows).encode(encoding)


def grid(kind, changes=None, *, extra=None, rows=None):
    """One kind's header and rows, with cells of the first row changed and optional columns added."""
    header = [*HEADERS[kind], *(extra or {})]
    first = [*ROWS[kind], *(extra or {}).values()]
    for column, value in (changes or {}).items():
        first[header.index(column)] = value
    return [header, first, *(rows or [])]


def roster(kind, changes=None, *, extra=None, rows=None):
    """The same as CSV."""
    return csv_bytes(grid(kind, changes, extra=extra, rows=rows))


def xlsx_bytes(sheets, *, hidden_rows=(), hidden_columns=(), merged=(), hidden_sheets=(), values=None):
    """Sheets as {name: rows}; numbers stay numbers, a text that starts with "=" a formula, its result in `values`."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(number, column, value, None, (values or {}).get(value, 0))
                    elif isinstance(value, str):
                        sheet.write_string(number, column, value)
                    else:
                        sheet.write(number, column, value)
            for number in hidden_rows:
                sheet.set_row(number - 1, None, None, {"hidden": True})
            for columns in hidden_columns:
                sheet.set_column(columns, None, None, {"hidden": True})
            for area in merged:
                top, left = area[0], area[1]
                sheet.merge_range(*area, rows[top][left])
            if name in hidden_sheets:
                sheet.hide()
    return buffer.getvalue()
