"""Checks of a plan's courses: what is an error, what is only worth a look, and the totals."""

from dataclasses import replace

import pytest
from licheng_exchange import CodeLine, check_course, check_plan, credit_rules, plan_totals
from shared_data import shared_rows

V = "115190410V233050"
CHINESE = CodeLine(V + "1010101", "國語文", "333322")
OWN = CodeLine(V + "2030090", "專題寫作", "002200")


def rules(findings, severity=None):
    return [one.rule for one in findings if severity in {None, one.severity} and one.field != "total"]


def test_a_good_course_says_nothing():
    assert check_course(CHINESE, 115, "V") == []
    assert check_course(OWN, 115) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (replace(CHINESE, code=CHINESE.code[:-1]), ["course-code-length"]),
        (replace(CHINESE, code="114" + CHINESE.code[3:]), ["plan-entry-year"]),
        (replace(CHINESE, code=CHINESE.code.replace("V23305", "H11101")), ["plan-course-type"]),
        (replace(CHINESE, name=""), ["name-blank"]),
        (replace(OWN, name="專" * 31), ["name-length"]),
        (replace(CHINESE, credits="33332"), ["credits-length"]),
        (replace(CHINESE, credits="33332Z"), ["credits-character"]),
        (CodeLine("", "", ""), ["course-code-length", "name-blank", "credits-length"]),
    ],
)
def test_what_the_file_could_not_carry_is_an_error(line, expected):
    assert rules(check_course(line, 115, "V"), "error") == expected


@pytest.mark.parametrize(
    ("line", "rule", "field"),
    [
        (replace(OWN, credits="000000"), "credits-none", "credits"),
        (replace(OWN, code=V + "203D090"), "plan-value-unknown", "domain"),
        (CodeLine("115190410V413050" + "2030090", "專題寫作", "200000"), "plan-value-elsewhere", "group"),
        (replace(CHINESE, name="國文"), "national-subject-name", "subject"),
        (replace(CHINESE, code=V + "1010102"), "national-subject-name", "subject"),
        (replace(CHINESE, code=V + "1010177"), "national-subject-number", "subject"),
        (CodeLine(V + "2010013", "電腦概論", "200000"), "own-subject-fixed", "subject"),
        (CodeLine(V + "2020005", "生物技術", "200000"), "own-subject-number", "subject"),
    ],
)
def test_what_rests_on_unconfirmed_tables_is_a_warning(line, rule, field):
    findings = check_course(line, 115, "V")

    assert (rule, "warning", field) in [(one.rule, one.severity, one.field) for one in findings]
    assert rules(findings, "error") == []


def test_a_number_is_fixed_for_one_attribute_alone():
    assert check_course(CodeLine(V + "2020013", "電腦硬體", "200000"), 115, "V") == []


def test_a_schools_own_class_group_is_not_unknown():
    assert check_course(CodeLine("115190410H11101A1010101", "國語文", "444440"), 115, "H") == []


def test_a_plan_names_codes_twice_schools_mixed_and_subjects_under_two_numbers():
    other = replace(OWN, code=OWN.code.replace("190410", "070406"))
    again = replace(OWN, code=V + "2030091")

    findings = check_plan([OWN, OWN, other, again], 115, "V")

    assert rules(findings) == ["course-code-duplicate", "plan-school", "subject-name-twice"]
    assert [one.code for one in findings if one.rule == "subject-name-twice"] == [again.code]


def test_real_plans_give_no_finding_of_a_course():
    rows = [row for row in shared_rows("course_code_samples.csv") if row["school_code"] == "070406"]
    lines = [CodeLine(row["course_code"], row["subject_name"], row["credits_6sem"]) for row in rows]

    assert rules(check_plan(lines, 108, "V")) == []


def test_totals_count_paired_courses_once_and_weeks_as_written():
    lines = [
        CodeLine(V + "1010101", "國語文", "333322"),
        CodeLine(V + "1030022", "行銷實務", "2B0000"),
        CodeLine(V + "5010091", "多元選修", "00RA00"),
        CodeLine(V + "8D00001", "團體活動時間", "333333"),
        CodeLine(V + "9D00001", "彈性學習時間", "001122"),
        CodeLine(V + "9DD0092", "充實課程", "001122"),
    ]

    (total,) = plan_totals(lines)

    assert total.curriculum == V
    assert total.weeks == (8, 6, 7, 7, 7, 7)
    wanted = {
        "offered": 28,
        "national": 18,
        "practical": 2,
        "diverse": 10,
        "group_activity": 18,
        "flexible": 6,
    }
    assert {name: total.measures[name] for name in wanted} == wanted


def test_a_course_of_paired_semesters_alone_counts_once():
    (total,) = plan_totals([CodeLine(V + "1030022", "行銷實務", "BB0000")])

    assert total.measures["offered"] == 2


def test_totals_out_of_bounds_are_provisional_warnings_with_the_bounds():
    findings = [one for one in check_plan([CHINESE], 115, "V") if one.field == "total"]

    said = {one.rule: one for one in findings}
    assert said["credits-national"].text_zh == "部定必修學分應為 111-136，目前是 16。"
    assert said["credits-vocational"].text_en.endswith("should be at least 80; now 0.")
    assert "national-domain-01" not in said
    assert "national-domain-02" in said
    assert {(one.severity, one.provisional, one.code) for one in findings} == {("warning", True, V)}


def test_the_common_year_of_a_comprehensive_school_counts_in_its_programmes():
    common = CodeLine("115064308M11196" + "0" + "1010101", "國語文", "330000")
    programmes = [
        CodeLine("115064308M11197" + "0" + "1010101", "國語文", "004444"),
        CodeLine("115064308M26F13" + "0" + "1010101", "國語文", "002222"),
    ]

    totals = {one.curriculum[10:15]: one.measures["national"] for one in plan_totals([common, *programmes])}

    assert totals == {"11197": 22, "26F13": 14}
    later = [replace(programmes[0], code="116" + programmes[0].code[3:])]
    assert [one.measures["national"] for one in plan_totals([common, *later])] == [16, 6]
    assert [one.curriculum[12:15] for one in plan_totals([common])] == ["196"]


@pytest.mark.parametrize(
    ("periods", "is_kept"), [("222221", False), ("222222", True), ("333333", True), ("333334", False)]
)
def test_bounds_belong_to_what_is_allowed(periods, is_kept):
    findings = check_plan([CodeLine(V + "8D00001", "團體活動時間", periods)], 115, "V")

    assert ("periods-group-activity" not in {one.rule for one in findings}) == is_kept


def test_every_total_that_is_not_from_the_guidelines_is_marked():
    assert {rule.provisional for rule in credit_rules()} == {True}
    assert all(rule.least is not None or rule.most is not None for rule in credit_rules())
    assert all(rule.measure in plan_totals([CHINESE])[0].measures for rule in credit_rules())


def test_nothing_and_a_whole_school_are_checked_too():
    many = [
        CodeLine(f"{V}203{domain}{a}{b}", f"自訂{domain}{a}{b}", "100000")
        for domain in ("00", "C1")
        for a in "JKLMN"
        for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ]

    assert check_plan([], 115, "V") == []
    assert rules(check_plan(many, 115, "V")) == []
