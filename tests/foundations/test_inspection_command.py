"""`licheng inspect` as people and programs use it: from any folder, with nothing set."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.foundations.hostile_files import PLACE, pdf, picture

LICHENG = Path(sys.executable).parent / "licheng"


@pytest.fixture
def files(tmp_path):
    sent = {"good.pdf": pdf(), "place.jpg": PLACE, "wrong.pdf": picture(), "作品 一.pdf": pdf()}
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def ran(files, *words):
    answer = subprocess.run(
        [LICHENG, "inspect", *words],
        cwd=files,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return answer.returncode, answer.stdout, answer.stderr


def test_the_answer_is_one_json_object(files):
    code, out, _ = ran(files, "place.jpg", "--json", "--kind", "document")

    said = json.loads(out)
    assert code == 0
    assert list(said) == ["verdict", "type", "reasons", "facts"]
    assert (said["verdict"], said["type"]) == ("sanitise", "image/jpeg")
    assert [set(reason) for reason in said["reasons"]] == [{"code", "text_zh", "text_en"}]
    assert said["facts"]["pixels"] == 64 * 48


@pytest.mark.parametrize(
    ("words", "code", "verdict"),
    [
        (["good.pdf"], 0, "accept"),
        (["作品 一.pdf"], 0, "accept"),
        (["wrong.pdf"], 1, "reject"),
        (["wrong.pdf", "--name", "photo.JPG"], 0, "accept"),
        (["good.pdf", "--kind", "media"], 1, "reject"),
        (["good.pdf", "--kind", "roster"], 1, "reject"),
    ],
)
def test_the_exit_code_says_whether_it_may_come_in(files, words, code, verdict):
    answered, out, _ = ran(files, *words, "--json")

    assert (answered, json.loads(out)["verdict"]) == (code, verdict)


def test_several_files_give_a_line_each(files):
    code, out, _ = ran(files, "good.pdf", "wrong.pdf", "place.jpg", "--json")

    assert code == 1
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["accept", "reject", "sanitise"]


@pytest.mark.parametrize("words", [["nothing.pdf"], ["."], [], ["good.pdf", "--kind", "homework"]])
def test_what_cannot_be_read_is_said(files, words):
    code, out, err = ran(files, *words, "--json")

    assert (code, out) == (2, "")
    assert err


def test_people_read_chinese_first(files):
    _, out, _ = ran(files, "wrong.pdf")

    lines = out.splitlines()
    assert lines[0] == "wrong.pdf：不能收下（reject）"
    assert lines[1].startswith("  內容是JPEG 圖片")
    assert lines[2].startswith("  The content is a JPEG picture")
