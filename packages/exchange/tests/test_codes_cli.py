"""`licheng-exchange code`: explain, list, check-plan."""

import json

import pytest
from licheng_exchange import CodeLine, write_code_file
from licheng_exchange._cli import main

CODE = "108070406V4092907060090"


@pytest.fixture
def call(capsys):
    def run(*words):
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_explain_is_said_in_both_languages_with_what_is_in_doubt(call):
    status, zh, _ = call("code", "explain", CODE)
    _, en, _ = call("code", CODE, "--lang", "en")

    assert (status, len(zh.splitlines()), len(en.splitlines())) == (0, 11, 11)
    assert "特殊需求領域（暫定）（規格 1090111" in zh
    assert "Group: 服務群 (provisional)" in en


def test_list_names_tables_and_their_rows_by_year(call):
    _, names, _ = call("code", "list")
    _, rows, _ = call("code", "list", "course_type", "--json")
    _, none, _ = call("code", "list", "subject", "--entry-year", "107", "--json")

    assert {"department", "subject"} <= set(names.split())
    assert [row["code"] for row in json.loads(rows)["rows"]] == ["H", "V", "M", "S", "C", "E", "F"]
    assert json.loads(none)["rows"] == []
    assert call("code", "list", "nothing")[0] == 2
    assert call("code", "one", "two", "three")[0] == 2


def test_check_plan_reads_a_code_file(call, tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes(write_code_file([CodeLine(CODE, "特殊需求課程", "111111")], "txt"))
    bad.write_text(f"{CODE},特殊需求課程,11111Z\n", encoding="utf-8")

    assert call("code", "check-plan", good)[0] == 0
    status, out, _ = call("code", "check-plan", good, "--entry-year", "115", "--json")
    assert (status, [one["rule"] for one in json.loads(out)["findings"]]) == (1, ["plan-entry-year"])
    status, out, _ = call("code", "check-plan", bad, "--lang", "en")
    assert (status, "credits-character" in out, out.startswith("0 courses, 1 errors")) == (1, True, True)
    assert call("code", "check-plan", tmp_path / "none.txt")[0] == 2
    assert (call("code", "check-plan")[0], call("code", "explain")[0]) == (2, 2)


def test_a_repaired_line_of_a_plan_is_no_error(call, tmp_path):
    path = tmp_path / "repaired.txt"
    path.write_text(f"{CODE},特殊需求課程,1111\n", encoding="utf-8")

    status, out, _ = call("code", "check-plan", path)

    assert (status, out.splitlines()[0], "credits-zero" in out) == (0, "1 個科目，錯誤 0，提醒 1。", True)
