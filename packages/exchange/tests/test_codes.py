import csv
import string
from dataclasses import asdict, replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange import (
    CourseCode,
    InvalidCourseCode,
    SemesterCredit,
    code_table,
    compose_course_code,
    compose_credits,
    explain_course_code,
    find_code,
    next_subject_no,
    parse_course_code,
    parse_course_code_file,
    parse_credits,
    subject_table,
)
from licheng_exchange._codes import PARTS
from shared_data import shared_rows

REAL = "108070406V409290101030B"
TABLES = ("category", "attribute", "class_group", "course_type", "delivery", "department", "domain", "group")


def test_every_part_of_a_real_code():
    assert parse_course_code(REAL) == CourseCode(
        entry_year=108,
        school_code="070406",
        course_type="V",
        group="40",
        department="929",
        class_group="0",
        category="1",
        delivery="0",
        attribute="1",
        domain="03",
        subject="0B",
    )


def test_letters_in_school_department_and_open_tables_pass():
    code = parse_course_code("115351B09H11Y01Z9ZZZZZZ")

    assert (code.school_code, code.department, code.class_group, code.subject) == ("351B09", "Y01", "Z", "ZZ")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "course-code-length"),
        (REAL[:-1], "course-code-length"),
        (REAL + "0", "course-code-length"),
        (" " + REAL[1:], "course-code-character"),
        (REAL.lower(), "course-code-character"),
        ("1090603xxH11101A1010101", "course-code-character"),
        (REAL[:-1] + "Ｂ", "course-code-character"),
        (REAL[:-1] + "-", "course-code-character"),
        (REAL[:-1] + "\n", "course-code-character"),
        ("10A" + REAL[3:], "course-code-character"),
        (REAL[:9] + "9" + REAL[10:], "course-code-character"),
        (REAL[:10] + "AB" + REAL[12:], "course-code-character"),
        (REAL[:9] + "Q" + REAL[10:], "course-code-course-type"),
        (REAL[:16] + "Z" + REAL[17:], "course-code-category"),
        ("107" + REAL[3:], "course-code-entry-year"),
    ],
)
def test_refusals_name_their_rule(text, rule):
    with pytest.raises(InvalidCourseCode) as refusal:
        parse_course_code(text)

    assert refusal.value.rule == rule
    assert refusal.value.text_zh
    assert rule in str(refusal.value)


def test_every_shared_sample_parses_back_to_itself():
    wrong = []
    for row in shared_rows("course_code_samples.csv"):
        code = parse_course_code(row["course_code"])
        parts = {name: str(getattr(code, name)) for name in CourseCode.__dataclass_fields__}
        explained = {part.field: part.value for part in explain_course_code(code)}
        composed = {compose_course_code(asdict(code)), compose_course_code(explained), code.text}
        if composed != {row["course_code"]} or parts != {name: row[name] for name in parts}:
            wrong.append(row["course_code"])
    assert wrong == []


@pytest.mark.parametrize("name", ["category", "class_group", "course_type", "department", "group"])
def test_tables_hold_every_shared_row(name):
    wanted = {
        (row["code"].zfill(3 if name == "department" else 1), row["name"])
        for row in shared_rows(f"course_{name}.csv")
    }

    assert wanted <= {(row.code, row.name_zh) for row in code_table(name)}


def test_named_samples_are_explained_by_their_subject():
    fixed = {row["subject_name"] for row in shared_rows("course_code_samples.csv") if row["category"] == "1"}

    assert fixed - {""} <= {row.name_zh for row in subject_table()}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"subject": "0b"}, "course-code-character"),
        ({"department": "99"}, "course-code-character"),
        ({"category": "Z"}, "course-code-category"),
        ({"entry_year": 107}, "course-code-entry-year"),
        ({"entry_year": 1090}, "course-code-character"),
        ({"note": "1"}, "course-code-parts"),
    ],
)
def test_composing_refuses_what_is_no_code(changed, rule):
    with pytest.raises(InvalidCourseCode) as refusal:
        compose_course_code({**asdict(parse_course_code(REAL)), **changed})

    assert refusal.value.rule == rule


def test_composing_refuses_a_missing_part():
    parts = asdict(parse_course_code(REAL))
    del parts["domain"]

    with pytest.raises(InvalidCourseCode, match="domain"):
        compose_course_code(parts)


def test_own_subjects_are_numbered_from_11_past_the_fixed_ones():
    numbers = [next_subject_no([])]
    while len(numbers) < 40:
        numbers.append(next_subject_no(numbers))

    assert numbers[:3] == ["11", "17", "18"]
    assert numbers[8:12] == ["1F", "1G", "1H", "1L"]
    assert not set(numbers) & {row.code for row in subject_table()}


def test_no_number_is_left_when_all_are_taken():
    digits = string.digits + string.ascii_uppercase
    every = {one + other for one in digits for other in digits}

    assert next_subject_no(every - {"ZZ"}) == "ZZ"
    with pytest.raises(InvalidCourseCode) as refusal:
        next_subject_no(every)
    assert refusal.value.rule == "subject-number-full"


@pytest.mark.parametrize("text", ["222200", "2B0000", "RST000", "IAA009"])
def test_credits_compose_back_to_themselves(text):
    assert compose_credits(parse_credits(text)) == text


@pytest.mark.parametrize("wrong", [13, -1, SemesterCredit(10, paired=True), SemesterCredit(0, paired=True)])
def test_credits_that_no_character_stands_for_are_refused(wrong):
    with pytest.raises(InvalidCourseCode) as refusal:
        compose_credits([wrong, 0, 0, 0, 0, 0])

    assert refusal.value.rule == "credits-number"
    with pytest.raises(InvalidCourseCode):
        compose_credits([2])


def test_tables_are_versioned_by_entry_year():
    assert code_table("attribute", entry_year=108) == code_table("attribute")
    assert code_table("attribute", entry_year=107) == ()
    row = replace(code_table("attribute")[6], until_year=110)
    assert [row.holds(year) for year in (107, 108, 110, 111)] == [False, True, True, False]


def test_the_attribute_that_two_sources_call_differently_says_so():
    row = find_code("attribute", "6", course_type="V", entry_year=109)

    assert (row.provisional, "加深加廣選修" in row.note_zh) == (True, True)
    parts = explain_course_code(parse_course_code("108070406V4092907060090"))
    assert {part.field: part.note_en for part in parts}["attribute"]


@given(st.text(alphabet=string.digits + string.ascii_uppercase, min_size=23, max_size=23))
def test_whatever_parses_prints_itself_again(text):
    try:
        printed = parse_course_code(text).text
    except InvalidCourseCode:
        printed = text

    assert printed == text


def test_explanation_covers_all_23_characters_with_labels():
    parts = explain_course_code(parse_course_code(REAL))

    assert "".join(part.value for part in parts) == REAL
    assert [part.position for part in parts][:3] == ["1-3", "4-9", "10"]
    assert {part.name_zh: part.label_zh for part in parts}["領域名稱"] == "社會"
    assert parts[2].label_zh == "技術型高中"


def test_group_names_depend_on_the_course_type():
    labels = {
        kind: explain_course_code(replace(parse_course_code(REAL), course_type=kind, group="11"))[3].label_zh
        for kind in ("H", "M")
    }

    assert labels == {"H": "學術群", "M": "學術學程"}


def test_unknown_values_of_open_tables_are_explained_as_unknown():
    parts = explain_course_code(parse_course_code("115070406V99ZZZQ1XYZZ7Z"))

    unknown = {part.name_zh: part.label_zh for part in parts if part.provisional}
    assert unknown["科別代碼"] == "代碼表未收錄"
    assert unknown["班群"] == "學校自訂班群"


@pytest.mark.parametrize(
    ("tail", "label"),
    [
        ("1030099", "部定科目"),  # national whatever its number
        ("2030099", "學校自訂科目"),
        ("3010008", "部定科目"),
        ("1010101", "國語文"),
        ("9D00001", "彈性學習時間"),
    ],
)
def test_a_subject_number_says_whose_it_is(tail, label):
    assert explain_course_code(parse_course_code(REAL[:16] + tail))[-1].label_zh == label


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_well_formed(name):
    rows = code_table(name)
    text = files("licheng_exchange._tables").joinpath(f"{name}.csv").read_text(encoding="utf-8")

    assert {row["provisional"] for row in csv.DictReader(text.splitlines())} <= {"yes", "no"}
    assert all(row.code and row.name_zh and row.from_year >= 108 for row in rows)
    assert len({(row.code, row.applies_to) for row in rows}) == len(rows)


def test_credits_read_plain_paired_and_large():
    assert parse_credits("0B9IRT") == (
        SemesterCredit(0, paired=False),
        SemesterCredit(2, paired=True),
        SemesterCredit(9, paired=False),
        SemesterCredit(9, paired=True),
        SemesterCredit(10, paired=False),
        SemesterCredit(12, paired=False),
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("22222", "credits-length"),
        ("2222222", "credits-length"),
        ("22222J", "credits-character"),
        ("２22222", "credits-character"),
    ],
)
def test_credits_refuse_other_lengths_and_letters(text, rule):
    with pytest.raises(InvalidCourseCode) as refusal:
        parse_credits(text)

    assert refusal.value.rule == rule


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
@pytest.mark.parametrize(
    "line",
    [
        f"{REAL}, 公民與社會, 110000",
        f"{REAL},公民與社會,110000",
        f"{REAL}\t公民與社會\t110000",
        f"{REAL}公民與社會{' ' * 25}110000",
        f"{REAL}公民與社會{' ' * 20}110000",
    ],
)
def test_code_file_reads_both_layouts_in_all_encodings(line, encoding):
    rows, issues = parse_course_code_file((line + "\r\n").encode(encoding))

    assert issues == []
    assert [(row.row, row.code.text, row.name, row.credits) for row in rows] == [
        (1, REAL, "公民與社會", "110000")
    ]


def test_code_file_keeps_good_lines_beside_bad_ones():
    lines = [f"{REAL}, 公民與社會, 110000", "", f"{REAL[:-1]}C, 美術, 11000Z", f"{REAL[:-1]}D, , 110000"]

    rows, issues = parse_course_code_file("\n".join(lines).encode())

    assert [row.row for row in rows] == [1]
    assert [(issue.row, issue.column, issue.rule) for issue in issues] == [
        (3, "授課學期學分", "credits-character"),
        (4, "科目名稱", "value-blank"),
    ]


@given(st.binary(max_size=400))
def test_code_file_never_raises(data):
    rows, issues = parse_course_code_file(data)

    assert rows or issues


def test_the_parts_stand_where_the_shared_structure_says():
    told = [
        (int(row["pos_from"]) - 1, int(row["pos_to"]), row["field_en"])
        for row in shared_rows("course_code_structure.csv")
    ]

    assert told in ([], [(part.start, part.end, part.field) for part in PARTS])
