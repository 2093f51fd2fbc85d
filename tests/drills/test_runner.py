"""The runner itself, in seconds: what counts as a pass, what as a failure, and that nothing outlives a drill."""

import json
import time
from pathlib import Path

import pytest

from tests.drills import runner
from tests.drills.found import DrillFailed, Found, must
from tests.drills.one import missing
from tests.drills.parts.clearing import clear

GOOD = {"acked": 3, "lost": 0, "control_lost": 1, "control": "the wrong way"}
CASE = '''"""A drill of the test."""
{needs}
from tests.drills.found import Found


def run(ground):
    {body}
'''


@pytest.fixture
def drill(tmp_path, monkeypatch):
    """Run a drill with this body in a process of its own; its row."""

    def run(body, *, needs="", limit_seconds=60):
        package = tmp_path / "planted"
        package.mkdir()
        (package / "case.py").write_text(CASE.format(body=body, needs=needs))
        environment = runner.environment()
        environment["PYTHONPATH"] += f":{package}"
        monkeypatch.setattr(runner, "environment", lambda: environment)
        return runner.run_drill("case", tmp_path / "ground", 7, limit_seconds)

    return run


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"lost": 2}, ["2 of 3 acknowledged were lost"]),
        ({"control_lost": 0}, ["the control did not fail: the wrong way"]),
        ({"acked": 0}, ["nothing was acknowledged, so nothing was tried"]),
    ],
)
def test_a_drill_passes_only_without_loss_and_with_a_control_that_failed(change, said):
    assert Found(**(GOOD | change)).complaints() == said


def test_must_refuses_what_does_not_hold():
    must(held=True, says="fine")
    with pytest.raises(DrillFailed, match="gone"):
        must(held=False, says="gone")


def test_a_good_drill_in_a_process_of_its_own(drill):
    row = drill(f"return Found(**{GOOD!r}, figures={{'seed': ground.seed}})")

    assert (row["problems"], row["acked"], row["figures"]) == ([], 3, {"seed": 7})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise AssertionError('planted')", "AssertionError: planted"),
        ("import os; os._exit(0)", "it ended without a verdict"),
        ("import os; os.kill(os.getpid(), 9)", "it ended without a verdict"),
    ],
)
def test_a_drill_without_a_verdict_has_failed(drill, body, said):
    (problem,) = drill(body)["problems"]

    assert problem.startswith(said)


def test_a_drill_that_cannot_run_here_has_failed_with_the_reason(drill):
    row = drill("return None", needs='NEEDS = ("no-such-program",)')

    assert row["problems"] == ["cannot run here without no-such-program"]


def test_a_drill_that_asks_for_root_says_so(monkeypatch):
    monkeypatch.setattr("tests.drills.one.os.geteuid", lambda: 1000)

    class Module:
        AS_ROOT = True

    assert missing(Module) == ["root"]


def is_alive(pid):
    """Whether the process runs; one that is dead and waits to be buried does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_drill_that_hangs_is_ended_and_its_processes_with_it(drill, tmp_path):
    began = time.monotonic()
    mark = tmp_path / "pid"
    body = f"import subprocess, time; p = subprocess.Popen(['sleep', '99']); open({str(mark)!r}, 'w').write(str(p.pid)); time.sleep(99)"

    (problem,) = drill(body, limit_seconds=4)["problems"]

    assert problem.startswith("it did not end within 4 s")
    assert time.monotonic() - began < 60
    assert not is_alive(mark.read_text())


def test_the_summary_counts_and_its_last_words_do_too(tmp_path):
    rows = {"good": {"problems": []}, "bad": {"problems": ["lost"]}}

    counted = runner.write_summary(rows, 7, runner.datetime.now(runner.UTC), tmp_path / "s" / "summary.json")

    summary = json.loads((tmp_path / "s" / "summary.json").read_text())
    assert counted == (summary["passed"], summary["failed"]) == (1, 1)


def test_ctrl_c_fails_what_did_not_run(tmp_path, monkeypatch):
    def stopped(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_drill", stopped)

    rows = runner.run_all(["syscalls", "scanner"], 7, tmp_path, lambda _line: None)

    assert [row["problems"] for row in rows.values()] == [["stopped by Ctrl-C"], ["stopped by Ctrl-C"]]


def test_every_drill_has_a_purpose_and_every_case_is_run():
    files = {path.stem for path in runner.CASES.glob("*.py")} - {"__init__"}

    assert set(runner.DRILLS) == files
    assert [name for name in runner.DRILLS if not runner.purpose(name).endswith(".")] == []


def test_clearing_an_empty_folder_leaves_nothing_to_say(tmp_path):
    assert clear(tmp_path, session=None) == []
