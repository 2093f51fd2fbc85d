"""The published examples: what a vendor compares her own checker with."""

import json
import re
from pathlib import Path

import pytest
from licheng_exchange import KINDS, check_roster

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "rosters"
KIND_OF = {
    "borrowed": "借讀",
    "cadres": "校內幹部經歷",
    "classes": "classes",
    "course_codes": "course-codes",
    "enrolments": "enrolments",
    "evening_exams": "進修部補考",
    "evening_marks": "進修部學期成績",
    "evening_transfers": "進修部轉學轉科",
    "guardians": "guardians",
    "make_up_marks": "補修",
    "repeat_marks": "重讀",
    "retake_marks": "重修",
    "semester_marks": "學期成績",
    "staff": "staff",
    "student_terms": "學生資料",
    "students": "students",
    "transfer_marks": "轉學轉科",
}
EXAMPLES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".json")


def test_every_kind_has_a_bad_example_and_a_good_one():
    assert {name.rpartition("_")[0] for name in EXAMPLES if "_bad." in name} == set(KIND_OF)
    assert {name.rpartition("_")[0] for name in EXAMPLES if "_good." in name} == set(KIND_OF)
    assert set(KIND_OF.values()) == set(KINDS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_give_their_published_report(name):
    path = GOLDEN / name

    report = check_roster(KIND_OF[name.rpartition("_")[0]], path.read_bytes(), name)

    assert report.as_json() == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert report.good is ("good" in name)


def test_every_rule_of_the_source_is_triggered_by_a_test():
    source = Path(check_roster.__code__.co_filename).parent
    named = re.compile(
        r'(?:refused|repaired|Problem|Note|about_file|_sheet_note|RosterFileError)\(\s*(?:\w+,\s*)?"([a-z0-9-]+)"'
    )
    rules = {rule for path in source.glob("*.py") for rule in named.findall(path.read_text(encoding="utf-8"))}
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    assert len(rules) > 40
    assert sorted(rule for rule in rules if f'"{rule}"' not in tests) == []


def test_the_readme_tells_every_column_of_every_kind():
    readme = (GOLDEN.parents[1] / "README.md").read_text(encoding="utf-8")
    rows = {
        kind: re.findall(r"^\| (\S+) \| .* \| `(\w+)` \|", section, re.MULTILINE)
        for kind, section in re.findall(
            r"^### `(\S+)` .*?$(.*?)(?=^### |\Z)", readme, re.MULTILINE | re.DOTALL
        )
    }

    assert rows == {
        kind.name: [(column.header, column.field) for column in kind.columns] for kind in KINDS.values()
    }
