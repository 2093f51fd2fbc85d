"""Every rule of every kind, by a row that breaks it."""

import datetime as dt

import pytest
from licheng_exchange import RosterContext, check_roster, guess_kind, read_table
from roster_files import HEADERS, ROWS, SECOND_STUDENT, roster

KNOWN = {"115070406V4092901010101": ("國語文", "222200")}


def found(report):
    return [(issue.row, issue.column, issue.rule, issue.severity) for issue in report.errors]


@pytest.mark.parametrize("kind", list(HEADERS))
def test_a_good_row_is_accepted_as_typed_values(kind):
    report = check_roster(kind, roster(kind), "good.csv")

    assert (report.rows, report.accepted, report.errors) == (1, 1, ())
    assert report.good
    assert guess_kind(read_table(roster(kind), "good.csv").columns) == kind


def test_records_hold_typed_values_and_their_row():
    report = check_roster("students", roster("students", extra={"學校代碼": "070406"}), "good.csv")

    assert report.records == [
        {
            "_sheet": "",
            "_row": 2,
            "national_id": "C100000003",
            "birth_date": dt.date(2010, 6, 3),
            "student_no": "1130001",
            "name": "姚家榮",
            "gender_code": "1",
            "grade": 1,
            "class_name": "孝班",
            "seat_no": 1,
            "school_code": "070406",
        }
    ]


def test_lists_are_split_and_kept_in_order():
    staff = check_roster("staff", roster("staff", {"職務": "導師;任課教師、導師"}), "staff.csv")
    enrolments = check_roster(
        "enrolments", roster("enrolments", {"任課教師帳號": "t002；t001"}), "enrolments.csv"
    )

    assert staff.records[0]["duties"] == ["導師", "任課教師"]
    assert enrolments.records[0]["teacher_accounts"] == ["t002", "t001"]


@pytest.mark.parametrize(
    ("kind", "column", "value", "rule"),
    [
        ("students", "身分證號", "C100000004", "national-id-checksum"),
        ("students", "身分證號", "C1000", "national-id-shape"),
        ("students", "身分證號", "c100000003", "national-id-shape"),
        ("students", "身分證號", "", "value-blank"),
        ("students", "出生日期", "0990231", "birth-date-invalid"),
        ("students", "出生日期", "31/01/2010", "birth-date-order"),
        ("students", "出生日期", "100131", "birth-date-ambiguous"),
        ("students", "出生日期", "0100131", "birth-date-implausible"),
        ("students", "學號", "113 0001", "student-no-shape"),
        ("students", "學號", "1.13E+06", "number-scientific"),
        ("students", "姓名", "　", "name-blank"),
        ("students", "姓名", "王?明", "name-damaged"),
        ("students", "姓名", "王〓明", "name-damaged"),
        ("students", "姓名", "王\ufffd明", "name-damaged"),
        ("students", "姓名", "王" * 101, "name-too-long"),
        ("students", "姓名", "王\x0b明", "control-character"),
        ("students", "姓名", "#REF!", "cell-error"),
        ("students", "性別", "不明", "gender-unknown"),
        ("students", "年級", "4", "grade-range"),
        ("students", "座號", "0", "seat-no-range"),
        ("students", "座號", "100", "seat-no-range"),
        ("students", "座號", "三", "seat-no-range"),
        ("students", "班級", "孝" * 21, "class-name-too-long"),
        ("staff", "帳號", "t 001", "account-shape"),
        ("staff", "職務", "校長", "duty-unknown"),
        ("staff", "職務", "、", "duty-unknown"),
        ("classes", "學年度", "2026", "school-year-range"),
        ("enrolments", "學期", "5", "semester-range"),
        ("enrolments", "學期", "9" * 5_000, "semester-range"),
        ("classes", "年級", "9" * 5_000, "grade-range"),
        ("enrolments", "課程代碼", "115070406V409290101010", "course-code-length"),
        ("enrolments", "課程代碼", "1.15E+22", "number-scientific"),
        ("enrolments", "課程代碼", "115000B00V4092901010101", "school-code-test"),
        ("enrolments", "科目名稱", "國" * 31, "course-name-too-long"),
        ("enrolments", "任課教師帳號", "t001、t 2", "account-shape"),
        ("course-codes", "授課學期學分", "22220J", "credits-character"),
        ("course-codes", "授課學期學分", "2222001", "credits-length"),
    ],
)
def test_a_broken_rule_rejects_the_row_and_is_named(kind, column, value, rule):
    report = check_roster(kind, roster(kind, {column: value}), "bad.csv")

    assert (2, column, rule, "error") in found(report)
    assert (report.rows, report.accepted, report.records, report.good) == (1, 0, [], False)
    assert all(issue.text_zh and issue.text_en for issue in report.errors)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("學校代碼", "0704O", "school-code-shape"),
        ("學校代碼", "000B00", "school-code-test"),
        ("學校代碼", "070407", "school-code-other"),
        ("電子郵件", "a@b", "email-shape"),
        ("群別代碼", "2", "code-shape"),
        ("科班學程別代碼", "30５x", "code-shape"),
    ],
)
def test_optional_columns_have_rules_too(column, value, rule):
    context = RosterContext(school_code="070406")

    report = check_roster("students", roster("students", extra={column: value}), "bad.csv", context)

    assert (2, column, rule, "error") in found(report)
    assert report.accepted == 0


@pytest.mark.parametrize(
    ("kind", "column", "value", "rule", "read"),
    [
        ("students", "出生日期", "990603", "birth-date-zero", ("birth_date", dt.date(2010, 6, 3))),
        ("students", "出生日期", "40332", "birth-date-serial", ("birth_date", dt.date(2010, 6, 3))),
        ("students", "學號", "1130001.0", "number-decimal", ("student_no", "1130001")),
        ("students", "學號", "１１３０００１", "width-normalised", ("student_no", "1130001")),
        ("students", "年級", "1.0", "number-decimal", ("grade", 1)),
        ("students", "座號", "1.00", "number-decimal", ("seat_no", 1)),
        ("students", "出生日期", "0990603.0", "number-decimal", ("birth_date", dt.date(2010, 6, 3))),
        ("students", "性別", "'男", "text-mark-removed", ("gender_code", "1")),
        ("學期成績", "補考成績", "'-1", "text-mark-removed", ("exam_score", None)),
        ("學期成績", "補考成績", "\u22121", "width-normalised", ("exam_score", None)),
        ("學生資料", "學籍狀態", "１", "width-normalised", ("enrol_status", "1")),
        ("enrolments", "科目名稱", "'=1", "text-mark-removed", ("course_name", "=1")),
        ("students", "姓名", "王\u200b小明", "invisible-character", ("name", "王小明")),
        ("students", "姓名", "王小明_x000D_", "invisible-character", ("name", "王小明")),
        ("students", "姓名", "王小明*", "name-star", ("name", "王小明")),
        ("course-codes", "授課學期學分", "3300", "credits-zero", ("credits", "003300")),
    ],
)
def test_repairs_are_said_and_the_row_stands(kind, column, value, rule, read):
    report = check_roster(kind, roster(kind, {column: value}), "repaired.csv")

    assert found(report) == [(2, column, rule, "repaired")]
    assert report.records[0][read[0]] == read[1]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("王□明", "name-placeholder"),
        ("王\U000f0123明", "name-private-use"),
        ("=1+1", "formula-text"),
        ("＠SUM", "formula-text"),
    ],
)
def test_doubtful_names_are_kept_with_a_warning(value, rule):
    report = check_roster("students", roster("students", {"姓名": value}), "warned.csv")

    assert found(report) == [(2, "姓名", rule, "warning")]
    assert report.records[0]["name"] == value


def test_a_lost_zero_of_the_school_code_is_put_back_only_for_the_expected_school():
    data = roster("students", extra={"學校代碼": "70406"})

    own = check_roster("students", data, "a.csv", RosterContext(school_code="070406"))
    other = check_roster("students", data, "a.csv", RosterContext(known_schools={"010301"}))

    assert found(own) == [(2, "學校代碼", "school-code-zero", "repaired")]
    assert own.records[0]["school_code"] == "070406"
    assert found(other) == [(2, "學校代碼", "school-code-unknown", "error")]


@pytest.mark.parametrize(
    ("context", "column", "rule", "severity"),
    [
        (RosterContext(school_year=114), "學年度", "school-year-other", "error"),
        (RosterContext(semester=2), "學期", "semester-other", "error"),
        (RosterContext(school_code="010301"), "課程代碼", "course-code-school", "error"),
        (RosterContext(course_codes={}), "課程代碼", "course-unknown", "error"),
        (RosterContext(student_nos={"1"}), "學號", "student-unknown", "error"),
        (RosterContext(staff_accounts={"t999"}), "任課教師帳號", "staff-unknown", "error"),
        (
            RosterContext(course_codes={ROWS["enrolments"][2]: ("國文", "222200")}),
            "科目名稱",
            "course-name-differs",
            "warning",
        ),
        (
            RosterContext(course_codes={ROWS["enrolments"][2]: ("國語文", "022200")}),
            "課程代碼",
            "course-no-credit",
            "warning",
        ),
    ],
)
def test_what_the_caller_knows_is_compared(context, column, rule, severity):
    report = check_roster("enrolments", roster("enrolments"), "enrolments.csv", context)

    assert found(report) == [(2, column, rule, severity)]
    assert report.accepted == (0 if severity == "error" else 1)


def test_a_fitting_context_says_nothing():
    context = RosterContext(
        school_code="070406",
        known_schools={"070406"},
        school_year=115,
        semester=1,
        course_codes=KNOWN,
        student_nos={"1130001"},
        staff_accounts={"t001"},
    )

    report = check_roster("enrolments", roster("enrolments", extra={"學校代碼": "070406"}), "e.csv", context)

    assert report.errors == ()


def test_a_row_of_another_school_than_its_course_is_refused():
    report = check_roster("enrolments", roster("enrolments", extra={"學校代碼": "010301"}), "e.csv")

    assert found(report) == [(2, "課程代碼", "course-code-school", "error")]


def test_classes_and_homeroom_teachers_are_looked_up():
    students = check_roster("students", roster("students"), "s.csv", RosterContext(class_names={(2, "孝班")}))
    classes = check_roster("classes", roster("classes"), "c.csv", RosterContext(staff_accounts=set()))
    nobody = check_roster(
        "classes", roster("classes", {"導師帳號": ""}), "c.csv", RosterContext(staff_accounts=set())
    )

    assert found(students) == [(2, "班級", "class-unknown", "error")]
    assert found(classes) == [(2, "導師帳號", "staff-unknown", "error")]
    assert (nobody.errors, nobody.records[0]["homeroom_account"]) == ((), None)


@pytest.mark.parametrize(
    ("kind", "row", "column", "rule"),
    [
        ("students", [SECOND_STUDENT[0], *ROWS["students"][1:]], "學號", "student-no-duplicate"),
        ("students", [ROWS["students"][0], *SECOND_STUDENT[1:]], "身分證號", "national-id-duplicate"),
        ("staff", ROWS["staff"], "帳號", "account-duplicate"),
        ("classes", ROWS["classes"], "班級", "class-duplicate"),
        ("enrolments", ROWS["enrolments"], "學號", "enrolment-duplicate"),
        ("course-codes", ROWS["course-codes"], "課程代碼", "course-code-duplicate"),
    ],
)
def test_a_repeated_row_is_refused_naming_both(kind, row, column, rule):
    report = check_roster(kind, roster(kind, rows=[row]), "twice.csv")

    assert found(report) == [(3, column, rule, "error")]
    assert "第 3 列與第 2 列" in report.errors[0].text_zh
    assert report.accepted == 1


def test_no_finding_carries_a_whole_identity_number():
    rows = [
        ROWS["students"],
        ["A123456788", *SECOND_STUDENT[1:]],
        ["W200000012", "0970613", "A1234567890 ", *SECOND_STUDENT[3:]],
    ]
    data = roster("students", {"班級": "A123456789" * 3, "學號": "A 123456789"}, rows=rows)

    text = str(check_roster("students", data, "ids.csv").as_json())

    assert "****" in text
    for number in ("C100000003", "A123456788", "W200000012", "A123456789"):
        assert number not in text


@pytest.mark.parametrize("number", ["Ａ１２３４５６７８９", "Ａ123456789", "a１２3456789"])
def test_no_finding_carries_one_in_full_width_letters_either(number):
    data = roster("students", {"學號": number}, rows=[ROWS["students"], SECOND_STUDENT])

    report = check_roster("students", data, "ids.csv")

    assert ("學號", f"{number[:6]}****") in {(issue.column, issue.value) for issue in report.errors}
    assert number not in str(report.as_json())
