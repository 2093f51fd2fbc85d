import pytest
import time_machine

from licheng.foundations.errors import Invalid
from licheng.school.activities.categories import CATEGORIES, FieldKind
from licheng.school.activities.forms import form_for
from licheng.school.activities.models import Category
from licheng.school.activities.values import missing_of, read_value, shown_value, typed_value
from tests.school.activity_cases import COMPETITION, FLEXIBLE

TODAY = "2026-11-22T10:00:00+08:00"
ALL = {Category.COMPETITION: COMPETITION, Category.FLEXIBLE_LEARNING: FLEXIBLE}


def field(category, label):
    return next(each for each in CATEGORIES[category].fields if str(each.label) == label)


def competition(column):
    return field(Category.COMPETITION, column)


def flexible(column):
    return field(Category.FLEXIBLE_LEARNING, column)


@pytest.mark.parametrize(
    "typed",
    [
        "115/03/02",
        "115/3/2",
        "2026-03-02",
        "1150302",
        "20260302",
        "115.03.02",
        "民國115年3月2日",
        " 2026/3/2 ",
        "１１５／０３／０２",
    ],
)
@time_machine.travel(TODAY, tick=False)
def test_one_day_in_either_calendar_is_kept_as_seven_roc_digits(typed):
    assert read_value(competition("結果公布日期"), typed) == "1150302"


@pytest.mark.parametrize(
    "typed", ["115/02/30", "115/13/01", "昨天", "03/02", "1150230", "0", "115/03-", "99/01/02"]
)
@time_machine.travel(TODAY, tick=False)
def test_a_day_that_cannot_be_is_refused(typed):
    with pytest.raises(Invalid) as refused:
        read_value(competition("結果公布日期"), typed)

    assert refused.value.sentence.startswith("結果公布日期：")


@time_machine.travel(TODAY, tick=False)
def test_the_result_may_be_of_today_and_not_of_tomorrow():
    assert read_value(competition("結果公布日期"), "115/11/22") == "1151122"
    with pytest.raises(Invalid, match="不能晚於今天"):
        read_value(competition("結果公布日期"), "115/11/23")


@pytest.mark.parametrize(("column", "limit"), [("競賽名稱", 40), ("項目", 20), ("獎項", 20)])
def test_texts_are_counted_in_characters(column, limit):
    assert read_value(competition(column), "𠮷" * limit) == "𠮷" * limit
    with pytest.raises(Invalid, match="請刪去 1 字"):
        read_value(competition(column), "𠮷" * (limit + 1))


@pytest.mark.parametrize("code", ["0", "5", "校級", "３"])
def test_codes_are_those_of_the_table(code):
    assert read_value(competition("競賽等級代碼"), " 4 ") == "4"
    with pytest.raises(Invalid):
        read_value(competition("競賽等級代碼"), code)


@pytest.mark.parametrize(
    ("column", "typed", "kept"),
    [
        ("每週節數", "2", "2"),
        ("每週節數", "1.50", "1.5"),
        ("每週節數", "０.５", "0.5"),
        ("開設週數", "1", "1"),
        ("開設週數", "22.0", "22"),
        ("開設學年度", "115", "115"),
        ("開設學期", "2", "2"),
    ],
)
@time_machine.travel(TODAY, tick=False)
def test_numbers_are_kept_plainly(column, typed, kept):
    assert read_value(flexible(column), typed) == kept


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("每週節數", "0"),
        ("每週節數", "-1"),
        ("每週節數", "NaN"),
        ("每週節數", "Infinity"),
        ("每週節數", "兩節"),
        ("每週節數", "1e9"),
        ("每週節數", "1e9999999"),
        ("每週節數", "1e-9999999"),
        ("每週節數", "1.23456"),
        ("開設週數", "0.5"),
        ("開設週數", "22.5"),
        ("開設學期", "0"),
        ("開設學期", "1.5"),
        ("開設學年度", "116"),
        ("開設學年度", "107"),
    ],
)
@time_machine.travel(TODAY, tick=False)
def test_numbers_out_of_range_are_refused(column, typed):
    with pytest.raises(Invalid):
        read_value(flexible(column), typed)


@pytest.mark.parametrize("category", list(CATEGORIES))
@time_machine.travel(TODAY, tick=False)
def test_reading_what_is_kept_changes_nothing(category):
    for each in CATEGORIES[category].fields:
        kept = ALL[category][each.key]
        assert read_value(each, kept) == kept
        assert read_value(each, typed_value(each, kept)) == kept
        assert read_value(each, "") == ""


def test_control_characters_are_refused():
    with pytest.raises(Invalid):
        read_value(competition("競賽名稱"), "科展\x00")


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_everything_missing_is_named(category):
    about = CATEGORIES[category]

    assert missing_of(about, ALL[category], has_evidence=True) == ()
    assert missing_of(about, ALL[category], has_evidence=False) == ("證明（文件、影音或連結其中一項）",)
    assert missing_of(about, {}, has_evidence=True) == tuple(str(each.label) for each in about.fields)


def test_codes_and_dates_are_shown_in_words():
    assert shown_value(competition("競賽等級代碼"), "3") == "全國"
    assert shown_value(competition("結果公布日期"), "1150302") == "民國115年3月2日（一）"
    assert shown_value(competition("獎項"), "") == "—"


def test_what_no_official_document_confirms_is_marked():
    provisional = {
        str(each.label) for about in CATEGORIES.values() for each in about.fields if each.provisional
    }

    assert provisional == {"團體參與代碼", "內容(開設名稱)", "開設單位", "每週節數", "開設週數"}


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_every_code_field_has_a_table_and_every_record_a_name(category):
    about = CATEGORIES[category]

    assert all(bool(each.choices) == (each.kind is FieldKind.CODE) for each in about.fields)
    assert about.title_key in {each.key for each in about.fields}


@pytest.mark.parametrize("category", list(CATEGORIES))
@time_machine.travel(TODAY, tick=False)
def test_the_form_reads_what_the_operation_reads(category):
    form = form_for(category, ALL[category] | {"note": "心得", "link": "https://example.org/v"}, {})

    assert form.is_valid(), form.errors
    assert form.written() == ALL[category]


def test_a_half_written_draft_is_no_error_but_marked():
    form = form_for("competition", {"name": "科展"}, {})

    assert form.is_valid()
    assert form.fields["award"].required
    assert not form.fields["note"].required


def test_the_form_collects_every_wrong_field():
    form = form_for(
        "competition",
        {"level": "9", "announced_on": "x", "note": "字" * 101, "link": "javascript:1"},
        {},
    )

    assert set(form.errors) == {"level", "announced_on", "note", "link"}
