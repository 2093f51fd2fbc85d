"""The published examples: what a vendor compares her own checker with."""

import json
import re
from pathlib import Path

import pytest
from licheng_exchange import KINDS, check_roster

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "rosters"
KIND_OF = {
    "classes_good.csv": "classes",
    "course_codes_good.txt": "course-codes",
    "enrolments_bad.csv": "enrolments",
    "staff_good.csv": "staff",
    "students_bad.csv": "students",
    "students_good.csv": "students",
}


def test_every_example_has_a_kind():
    assert sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".json") == sorted(KIND_OF)


@pytest.mark.parametrize("name", sorted(KIND_OF))
def test_examples_give_their_published_report(name):
    path = GOLDEN / name

    report = check_roster(KIND_OF[name], path.read_bytes(), name)

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
