"""The commands `code`, `id` and `roster check`, as a person or a script calls them."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from licheng_exchange._cli import main
from roster_files import HEADERS, ROWS, csv_bytes, roster, xlsx_bytes

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "rosters"
SOURCE = Path(__file__).resolve().parents[1] / "src"
CODE = "108070406V409290101030B"


@pytest.fixture
def call(capsys):
    def run(*words):
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    "words", [("--json", "id", "A123456789"), ("id", "--json", "A123456789"), ("id", "A123456789", "--json")]
)
def test_json_may_stand_anywhere(call, words):
    status, out, err = call(*words)

    assert (status, json.loads(out), err) == (0, {"valid": True, "kind": "national_id"}, "")


def test_a_wrong_id_says_why(call):
    assert call("id", "A123456788")[:2] == (1, "不正確：檢查碼不符，請核對是否打錯字。\n")
    assert call("id", "A123456788", "--lang", "en")[1].startswith("Invalid: The check digit")
    status, out, _ = call("id", "AD12345678", "--json")
    assert (status, json.loads(out)["valid"], json.loads(out)["kind"]) == (1, False, "ui_old")


def test_a_valid_id_names_its_kind(call):
    assert call("id", "A800000014") == (0, "正確：新式統一證號\n", "")


def test_code_prints_every_part(call):
    status, out, err = call("code", CODE)

    assert (status, len(out.splitlines()), err) == (0, 11, "")
    assert "技術型高中" in out


def test_code_as_json(call):
    good_status, good, _ = call("code", CODE, "--json")
    bad_status, bad, _ = call("code", CODE.lower(), "--json")

    assert (good_status, json.loads(good)["valid"], len(json.loads(good)["parts"])) == (0, True, 11)
    assert (bad_status, json.loads(bad)["rule"]) == (1, "course-code-character")


@pytest.mark.parametrize(
    ("name", "status"), [("students_good.csv", 0), ("students_bad.csv", 1), ("course_codes_good.txt", 0)]
)
def test_roster_check_guesses_the_kind_and_prints_the_published_json(call, name, status):
    expected = json.loads((GOLDEN / name).with_suffix(".json").read_text(encoding="utf-8"))

    found, out, err = call("roster", "check", GOLDEN / name, "--json")

    assert (found, json.loads(out), err) == (status, expected, "")


@pytest.mark.parametrize("kind", list(HEADERS))
def test_every_kind_is_guessed_from_its_header(call, tmp_path, kind):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(xlsx_bytes({"a": [HEADERS[kind], ROWS[kind]]}))

    status, out, _ = call("roster", "check", path, "--json")

    assert (status, json.loads(out)) == (0, {"kind": kind, "rows": 1, "accepted": 1, "errors": []})


def test_repairs_and_warnings_do_not_fail(call, tmp_path):
    path = tmp_path / "students.csv"
    path.write_bytes(roster("students", {"出生日期": "990603", "姓名": "王□明"}))

    status, out, _ = call("roster", "check", path, "--json")

    assert (status, [error["severity"] for error in json.loads(out)["errors"]]) == (
        0,
        ["repaired", "warning"],
    )


def test_lines_are_chinese_and_english_follows_when_asked(call):
    status, chinese, _ = call("roster", "check", GOLDEN / "students_bad.csv")
    _, both, _ = call("roster", "check", GOLDEN / "students_bad.csv", "--lang", "en")

    assert status == 1
    assert chinese.splitlines()[0].startswith("錯誤 第 3 列「身分證號」（C10000****） [national-id-checksum]")
    assert "The ID number is wrong" not in chinese
    assert "The ID number is wrong" in both.splitlines()[0]
    assert len(both.splitlines()) == len(chinese.splitlines())


def test_school_year_and_semester_are_compared(call, tmp_path):
    path = tmp_path / "enrolments.csv"
    path.write_bytes(roster("enrolments"))

    fits = call("roster", "check", path, "--school", "070406", "--year", 115, "--semester", 1)
    differs = call("roster", "check", path, "--school", "010301", "--year", 114, "--semester", 2, "--json")

    assert fits[0] == 0
    assert {error["rule"] for error in json.loads(differs[1])["errors"]} == {
        "course-code-school",
        "school-year-other",
        "semester-other",
    }


def test_an_unreadable_roster_is_bad_not_unusable(call, tmp_path):
    path = tmp_path / "roster.xls"
    path.write_bytes(b"<html><table>")

    status, out, _ = call("roster", "check", path, "--json")

    assert (status, [error["rule"] for error in json.loads(out)["errors"]]) == (1, ["file-html"])


def test_standard_input_is_a_dash(call, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(roster("staff"))))

    assert call("roster", "check", "-")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nothing",),
        ("roster",),
        ("roster", "check"),
        ("roster", "check", "missing.csv"),
        ("roster", "check", "."),
        ("roster", "check", "a\0b"),
        ("roster", "check", GOLDEN / "students_good.csv", "--kind", "pupils"),
        ("roster", "check", GOLDEN / "students_good.csv", "--year", "next"),
        ("roster", "check", GOLDEN / "students_good.csv", "--year", "2026"),
        ("roster", "check", GOLDEN / "students_good.csv", "--semester", "5"),
        ("roster", "check", GOLDEN / "students_good.csv", "--school", "70406"),
        ("code",),
        ("id",),
        ("package", "check", "missing.zip"),
        ("receipt", "verify", "missing"),
    ],
)
def test_unusable_calls_exit_2_and_say_why(call, words):
    status, out, err = call(*words)
    json_status, json_out, json_err = call(*words, "--json")

    assert (status, out, json_status, json_err) == (2, "", 2, "")
    assert err.strip()
    assert json.loads(json_out)["error"]


def test_a_file_that_cannot_be_opened_is_told_in_both_languages(call, tmp_path):
    missing = call("roster", "check", "missing.csv")
    folder = call("roster", "check", tmp_path, "--lang", "en")

    assert missing == (2, "", "無法讀取檔案 missing.csv：沒有這個檔案。\n")
    assert folder == (2, "", f"Cannot read {tmp_path}: Is a directory.\n")


def test_help_is_no_failure(call):
    status, out, _ = call("--help")

    assert status == 0
    for command in ("code", "id", "roster", "package", "receipt"):
        assert command in out


def test_the_command_speaks_utf8_whatever_the_locale(tmp_path):
    path = tmp_path / "students.csv"
    path.write_bytes(csv_bytes([HEADERS["students"], ROWS["students"]]))
    script = "import sys; from licheng_exchange._cli import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", script, "roster", "check", str(path)],
        env={"PYTHONPATH": str(SOURCE), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == "students：1 列，接受 1 列，0 則訊息。\n"


def test_the_library_needs_no_web_framework():
    script = "import sys, licheng_exchange; sys.exit(any(name.split('.')[0] in {'django', 'licheng'} for name in sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(SOURCE)}, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
