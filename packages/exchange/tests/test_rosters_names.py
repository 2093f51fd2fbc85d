import ast

import pytest
from licheng_exchange import check_roster, export_cell, same_name
from roster_files import HEADERS, ROWS
from shared_data import shared_rows

SEPARATORS = "\u2027\u00b7\u2022\uff0e\u30fb"


@pytest.mark.parametrize("one", SEPARATORS)
@pytest.mark.parametrize("other", SEPARATORS)
def test_five_separators_are_equal_when_matching(one, other):
    assert same_name(f"拉瓦{one}尤幹", f"拉瓦{other}尤幹")


def test_other_names_differ_and_spaces_count():
    assert not same_name("拉瓦·尤幹", "拉瓦 尤幹")
    assert not same_name("王小明", "王小民")
    assert same_name("Jose\u0301 \u200b", "José")


def quoted(name):
    cells = [*ROWS["students"][:3], '"' + name.replace('"', '""') + '"', *ROWS["students"][4:]]
    return (",".join(HEADERS["students"]) + "\r\n" + ",".join(cells) + "\r\n").encode()


def test_every_shared_name_reaches_its_verdict():
    wrong = []
    for row in shared_rows("names_edge_cases.csv"):
        escaped = row["escaped"].replace('"', '\\"')
        name = ast.literal_eval(f'"{escaped}"')
        report = check_roster("students", quoted(name), "a.csv")
        severities = {issue.severity for issue in report.errors}
        fits = {
            "accept": severities == set() and report.accepted == 1 and report.records[0]["name"] == name,
            "reject": report.accepted == 0,
            "reject or warn": bool(severities & {"error", "warning"}),
            "sanitise": severities == {"repaired"} and report.records[0]["name"] == "王小明",
            "sanitise/warn": severities == {"repaired"} and report.records[0]["name"] == "王小明",
            "decide": bool(severities),
            "decide (limit)": (report.accepted == 0) is (len(name) > 100),
        }.get(row["expected"], report.accepted == 0 or report.records[0]["name"] == name.strip())
        if not fits:
            wrong.append((name, row["expected"], report.errors))
    assert wrong == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " ="])
def test_formulas_are_neutralised_on_export(start):
    assert export_cell(start + "1+1") == "'" + start + "1+1"


@pytest.mark.parametrize("text", ["", "王小明", "a=b", "115", "'=1"])
def test_plain_text_is_exported_unchanged(text):
    assert export_cell(text) == text
