"""The ministry's sheets: every rule by a row that breaks it, and what the cells say together."""

import datetime as dt
from decimal import Decimal

import pytest
from licheng_exchange import KINDS, RosterContext, check_roster
from roster_files import CODE, HEADERS, MARK_KINDS, ROWS, csv_bytes, roster

COURSES = {CODE: ("國語文", "222200")}


def found(report):
    return [(issue.row, issue.column, issue.rule, issue.severity) for issue in report.errors]


def test_a_row_of_marks_as_typed_values():
    report = check_roster(
        "學期成績", roster("學期成績", extra={"sch_year": "115", "semester": "1", "sch_nm": "某校"}), "a.csv"
    )

    assert report.errors == ()
    assert report.records == [
        {
            "_sheet": "",
            "_row": 2,
            "school_year": 115,
            "semester": 1,
            "national_id": "C100000003",
            "course_code": CODE,
            "course_name": "國語文",
            "grade": 1,
            "credits": Decimal("2.0"),
            "score": Decimal("85.50"),
            "passed": True,
            "exam_score": None,
            "exam_passed": None,
            "counting": 1,
            "remark": None,
        }
    ]


@pytest.mark.parametrize(
    ("kind", "column", "value", "rule"),
    [
        ("學期成績", "學期學業成績", "100.5", "score-range"),
        ("學期成績", "學期學業成績", "-2", "score-range"),
        ("學期成績", "學期學業成績", "缺考", "score-shape"),
        ("學期成績", "學期學業成績", "85.555", "score-decimals"),
        ("學期成績", "學期學業成績", "", "value-blank"),
        ("學期成績", "成績及格", "Y", "flag-value"),
        ("學期成績", "補考成績", "1e2", "score-shape"),
        ("學期成績", "修課學分", "-1", "credit-count"),
        ("學期成績", "修課學分", "1.25", "credit-count"),
        ("學期成績", "是否採計學分", "4", "counting-value"),
        ("學期成績", "開課年級", "4", "grade-range"),
        ("學期成績", "質性文字描述", "長" * 1001, "remark-too-long"),
        ("學期成績", "課程代碼", CODE[:16] + "80A" + CODE[19:], "course-without-marks"),
        ("學期成績", "課程代碼", CODE[:16] + "90C" + CODE[19:], "course-without-marks"),
        ("學期成績", "課程代碼", CODE[:3] + "000B00" + CODE[9:], "school-code-test"),
        ("補修", "補修方式", "專班", "make-up-manner"),
        ("補修", "應修課學期", "5", "semester-range"),
        ("補修", "應修課學年度", "2025", "school-year-range"),
        ("轉學轉科", "身分別", "4", "standing-value"),
        ("重修", "重修方式", "7", "retake-manner"),
        ("重讀", "重讀註記", "3", "repeat-mark"),
        ("進修部補考", "第二學期開設修課節數", "x", "credit-count"),
        ("students", "及格標準", "0", "pass-mark-range"),
        ("guardians", "電話", "請洽學校", "phone-shape"),
        ("guardians", "關係", "父" * 21, "text-too-long"),
        ("guardians", "家長姓名", "王?明", "name-damaged"),
        ("學生資料", "科班學程別代碼", "1", "code-shape"),
        ("學生資料", "群別代碼", "333", "code-shape"),
        ("學生資料", "部別代碼", "8", "division-value"),
        ("學生資料", "班別", "一般班", "class-type-shape"),
        ("學生資料", "年級", "7", "grade-range"),
        ("學生資料", "特殊身分別", "1;4;10;11", "special-status"),
        ("學生資料", "特殊身分別", "原住民", "special-status"),
        ("學生資料", "原住民身分別", "高山", "indigenous-status"),
        ("學生資料", "學籍異動日期", "150901", "date-ambiguous"),
        ("借讀", "申請結束日期", "1150831", "date-order"),
        ("借讀", "申請開始日期", "09/01/2026", "date-order"),
        ("借讀", "申請開始日期", "1150231", "date-invalid"),
        ("借讀", "借讀學校代碼", "070406", "borrowed-same-school"),
        ("借讀", "借讀學校代碼", "000001", "school-code-test"),
        ("校內幹部經歷", "結束日期", "1150831", "date-order"),
        ("校內幹部經歷", "幹部等級", "4", "cadre-level"),
        ("校內幹部經歷", "單位名稱", "一" * 21, "text-too-long"),
    ],
)  # fmt: skip
def test_a_broken_rule_rejects_the_row_and_is_named(kind, column, value, rule):
    changes, extra = ({column: value}, None) if column in HEADERS[kind] else ({}, {column: value})

    report = check_roster(kind, roster(kind, changes, extra=extra), "bad.csv")

    assert (2, column, rule, "error") in found(report)
    assert (report.rows, report.accepted, report.good) == (1, 0, False)
    assert all(issue.text_zh and issue.text_en for issue in report.errors)


@pytest.mark.parametrize(
    ("kind", "column", "value", "rule", "read"),
    [
        ("學期成績", "學期學業成績", "79.60000000000001", "score-noise", ("score", Decimal("79.60"))),
        ("學期成績", "補考成績", "", "mark-blank", ("exam_score", None)),
        ("學期成績", "補考及格", "", "mark-blank", ("exam_passed", None)),
        ("學期成績", "學期學業成績", "８５", "width-normalised", ("score", Decimal("85.00"))),
        ("學期成績", "身分證號", '="C100000003"', "text-mark-removed", ("national_id", "C100000003")),
        ("轉學轉科", "身分別", "231", "standing-from-change", ("standing", "2")),
        ("學生資料", "科班學程別代碼", "99", "department-zero", ("department_code", "099")),
        ("借讀", "借讀學校代碼", "10301", "school-code-zero", ("host_school_code", "010301")),
        ("借讀", "申請開始日期", "46266", "date-serial", ("since", dt.date(2026, 9, 1))),
        ("guardians", "電話", "912345678", "phone-zero", ("phone", "0912345678")),
    ],
)
def test_repairs_are_said_and_the_row_stands(kind, column, value, rule, read):
    report = check_roster(kind, roster(kind, {column: value}), "repaired.csv")

    assert found(report) == [(2, column, rule, "repaired")]
    assert report.records[0][read[0]] == read[1]


@pytest.mark.parametrize(
    ("kind", "changes", "column", "rule"),
    [
        ("學期成績", {"學期學業成績": "59.99"}, "成績及格", "pass-flag"),
        ("學期成績", {"成績及格": "0"}, "成績及格", "pass-flag"),
        ("學期成績", {"學期學業成績": "0"}, "成績及格", "pass-flag"),
        ("學期成績", {"學期學業成績": "-1"}, "成績及格", "flag-without-mark"),
        ("學期成績", {"成績及格": "-1"}, "成績及格", "flag-missing"),
        ("學期成績", {"補考成績": "70", "補考及格": "1"}, "補考成績", "exam-after-pass"),
        ("進修部學期成績", {"學年學業成績": "50"}, "學年及格", "pass-flag"),
        ("進修部補考", {"第二次補考及格": "0"}, "第二次補考及格", "pass-flag"),
        ("學期成績", {"課程代碼": CODE[:16] + "90D" + CODE[19:]}, "是否採計學分", "counting-differs"),
        ("補修", {"應修課學年度": "116"}, "應修課學年度", "taken-later"),
        ("重修", {"原修課學年度": "115", "原修課學期": "2"}, "原修課學年度", "taken-later"),
        ("學生資料", {"原住民族別": "泰雅"}, "原住民族別", "indigenous-without-status"),
        ("學生資料", {"班別": "9"}, "實驗班名稱", "experiment-class"),
        ("學生資料", {"實驗班名稱": "實驗一"}, "實驗班名稱", "experiment-class"),
        ("學生資料", {"班別": "5"}, "班別", "class-type-unknown"),
        ("學生資料", {"年級": "4"}, "年級", "grade-longer"),
        ("學生資料", {"特殊身分別": "0;4"}, "特殊身分別", "special-status-zero"),
    ],
)
def test_doubts_are_warned_about_and_the_row_stands(kind, changes, column, rule):
    report = check_roster(
        kind, roster(kind, changes), "warned.csv", RosterContext(school_year=115, semester=1)
    )

    assert found(report) == [(2, column, rule, "warning")]
    assert report.accepted == 1


def test_flags_are_held_against_the_students_own_pass_mark():
    data = roster("學期成績", {"學期學業成績": "45"})

    lower = check_roster("學期成績", data, "a.csv", RosterContext(pass_marks={"C100000003": 40}))
    usual = check_roster("學期成績", data, "a.csv", RosterContext(pass_marks={"W200000012": 40}))

    assert (lower.errors, [issue.rule for issue in usual.errors]) == ((), ["pass-flag"])
    assert "45、" in usual.errors[0].text_zh
    assert "60" in usual.errors[0].text_zh


@pytest.mark.parametrize(
    ("kind", "changes", "context", "expected"),
    [
        ("學期成績", {}, {"course_codes": COURSES, "semester": 1}, []),
        ("學期成績", {"修課學分": "3"}, {"course_codes": COURSES}, []),
        ("學期成績", {"修課學分": "3"}, {"course_codes": COURSES, "semester": 1}, [("修課學分", "credits-differ", "error")]),
        ("學期成績", {"開課年級": "3"}, {"course_codes": COURSES, "semester": 1}, [("修課學分", "credits-differ", "error")]),
        ("學期成績", {}, {"course_codes": COURSES, "semester": 3}, []),
        ("學期成績", {}, {"course_codes": {CODE: ("國語文", "B00000")}, "semester": 1}, []),
        ("補修", {}, {"course_codes": {CODE: ("國語文", "020000")}}, []),
        ("重修", {}, {"course_codes": {CODE: ("國語文", "200000")}}, [("修課學分", "credits-differ", "error")]),
        ("進修部學期成績", {"修課節數": "4"}, {"course_codes": COURSES, "semester": 1}, [("修課節數", "credits-differ", "warning")]),
        ("進修部補考", {"第二學期開設修課節數": "3"}, {"course_codes": COURSES}, [("第二學期開設修課節數", "credits-differ", "warning")]),
        ("學期成績", {}, {"course_codes": {}}, [("課程代碼", "course-unknown", "error")]),
        ("學期成績", {"科目名稱": "國文"}, {"course_codes": COURSES}, [("科目名稱", "course-name-differs", "warning")]),
        ("學期成績", {}, {"school_code": "010301"}, [("課程代碼", "course-code-school", "error")]),
        ("轉學轉科", {}, {"school_code": "010301", "course_codes": {}}, []),
        ("進修部學期成績", {}, {"school_code": "010301"}, [("課程代碼", "course-code-school", "warning")]),
        ("進修部學期成績", {}, {"school_code": "010301", "evening_school_code": "070406"}, []),
        ("進修部學期成績", {}, {"school_code": "010301", "evening_school_code": "070407"}, [("課程代碼", "course-code-school", "error")]),
        ("學期成績", {}, {"id_numbers": {"W200000012"}}, [("身分證號", "student-unknown", "error")]),
        ("學期成績", {}, {"id_numbers": {"C100000003"}}, []),
        ("guardians", {}, {"student_nos": {"1"}}, [("學號", "student-unknown", "error")]),
        ("學生資料", {}, {"class_names": {(2, "孝班")}}, [("班級名稱", "class-unknown", "error")]),
        ("借讀", {}, {"school_code": "553611"}, [("借讀學校代碼", "borrowed-other-schools", "warning")]),
        ("借讀", {}, {"known_schools": {"070406"}}, [("借讀學校代碼", "school-code-unknown", "error")]),
    ],
)  # fmt: skip
def test_what_the_caller_knows_is_compared(kind, changes, context, expected):
    report = check_roster(kind, roster(kind, changes), "a.csv", RosterContext(**context))

    assert [(issue.column, issue.rule, issue.severity) for issue in report.errors] == expected


def test_the_evening_divisions_own_school_code_is_told_apart():
    data = roster("進修部補考", extra={"sch_cd": "070406"})

    doubted = check_roster("進修部補考", data, "a.csv", RosterContext(school_code="010301"))
    known = RosterContext(school_code="010301", evening_school_code="070406")

    assert {issue.rule for issue in doubted.errors} == {"course-code-school", "school-code-evening"}
    assert doubted.accepted == 1
    assert check_roster("進修部補考", data, "a.csv", known).errors == ()


@pytest.mark.parametrize("kind", MARK_KINDS)
def test_a_mark_stands_once(kind):
    report = check_roster(kind, roster(kind, rows=[ROWS[kind]]), "twice.csv")

    column = "原修課課程代碼" if kind == "重修" else "課程代碼"
    assert found(report) == [(3, column, "mark-duplicate", "error")]
    assert report.accepted == 1


@pytest.mark.parametrize(
    ("kind", "column", "rule"),
    [
        ("guardians", "家長姓名", "guardian-duplicate"),
        ("學生資料", "身分證號", "national-id-duplicate"),
        ("借讀", "申請開始日期", "row-duplicate"),
        ("校內幹部經歷", "擔任職務", "row-duplicate"),
    ],
)
def test_other_rows_stand_once(kind, column, rule):
    report = check_roster(kind, roster(kind, rows=[ROWS[kind]]), "twice.csv")

    assert found(report) == [(3, column, rule, "error")]


def test_the_same_course_in_two_semesters_is_no_repetition():
    rows = [[*ROWS["學期成績"], "115", "2"]]

    report = check_roster(
        "學期成績", roster("學期成績", extra={"學年度": "115", "學期": "1"}, rows=rows), "a.csv"
    )

    assert (report.accepted, report.errors) == (2, ())


def test_two_parents_of_one_child_are_no_repetition():
    report = check_roster(
        "guardians", roster("guardians", rows=[["1130001", "林美玉", "母", "", ""]]), "a.csv"
    )

    assert (report.accepted, report.errors) == (2, ())
    assert (report.records[1]["email"], report.records[1]["phone"]) == (None, None)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("學期成績", "學期成績"), ("學期成績", "進修部學期成績"), ("學期成績名冊", "進修部學期成績"),
        ("轉學轉科", "轉學轉科"), ("轉學轉科成績", "進修部轉學轉科"), ("補考", "進修部補考"), ("補修成績", "補修"),
        ("重修名冊", "重修"), ("重讀成績", "重讀"), ("學生資料名冊", "學生資料"), ("學生借讀資料", "借讀"),
        ("校內幹部經歷名冊", "校內幹部經歷"),
    ],
)  # fmt: skip
def test_a_name_of_both_divisions_means_the_one_with_these_columns(asked, kind):
    report = check_roster(asked, roster(kind), "a.csv")

    assert (report.kind, report.accepted, report.errors) == (kind, 1, ())


def test_no_two_kinds_are_alike_and_their_names_are_their_own():
    fields = [
        tuple(column.headers[0] for column in kind.columns if column.required) for kind in KINDS.values()
    ]
    aliases = {alias for kind in KINDS.values() for alias in kind.aliases}

    assert len(set(fields)) == len(KINDS)
    assert aliases & KINDS.keys() == {"學期成績", "轉學轉科"}


def test_remarks_may_have_lines_and_other_cells_not():
    header, first = HEADERS["學期成績"], [*ROWS["學期成績"][:-1], '"進步\r\n很多"']

    report = check_roster("學期成績", csv_bytes([header, first]), "a.csv")

    assert (report.errors, report.records[0]["remark"]) == ((), "進步\n很多")


def test_co_teachers_are_optional_and_known():
    data = roster("enrolments", extra={"協同教師帳號": "t002、t003"})

    report = check_roster("enrolments", data, "a.csv")
    unknown = check_roster("enrolments", data, "a.csv", RosterContext(staff_accounts={"t001", "t002"}))

    assert report.records[0]["co_teacher_accounts"] == ["t002", "t003"]
    assert found(unknown) == [(2, "協同教師帳號", "staff-unknown", "error")]


def test_a_pass_mark_is_a_whole_number():
    report = check_roster("students", roster("students", extra={"及格標準": "40"}), "a.csv")

    assert (report.errors, report.records[0]["pass_mark"]) == ((), 40)
