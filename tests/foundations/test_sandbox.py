"""The sandbox against what a parser that was taken over might try, and against its own accidents."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from licheng.foundations.files.sandbox import Limits, SandboxFailed, call, calling, protection
from tests.environment import ROOT

HERE = "tests.foundations.sandboxed"
USUAL = Limits()
# the second kind of calls of x86_64; the other machine has none
FOREIGN_CALLS = ["wrong_architecture", *(["x32_call"] if platform.machine() == "x86_64" else [])]
INHERITED = {"PATH", "PYTHONPATH", "LANG", "LC_CTYPE", "TMPDIR", "_RJEM_MALLOC_CONF"}
QUICK = Limits(wall_seconds=1, cpu_seconds=1)


def inside(function, reads=(), writes=None, limits=USUAL, **arguments):
    return call(f"{HERE}:{function}", arguments=arguments, reads=reads, writes=writes, limits=limits)


def reason_of(function, **options):
    with pytest.raises(SandboxFailed) as failure:
        inside(function, **options)
    return failure.value.reason


def zygote_pid():
    inside("echo")
    return calling._sandbox.zygote.process.pid


def test_an_answer_comes_back_as_it_was_given():
    words = {"名": ["歷程", 1, 1.5, None, True, {"深": []}]}

    assert inside("echo", **words) == words


def test_the_machine_is_said_to_protect():
    assert protection()["seccomp"] is True
    assert protection()["landlock"] >= 1


def test_only_what_was_given_can_be_read(tmp_path):
    given, keys = tmp_path / "given.pdf", tmp_path / "secrets"
    given.write_text("work")
    keys.mkdir()
    keys.joinpath("ledger.key").write_text("secret")

    assert inside("read", reads=[given], path=str(given)) == "work"
    assert reason_of("read", reads=[given], path=str(keys / "ledger.key")) == "crash"
    assert inside("attempt", reads=[given], what="list", path=str(tmp_path)) == "PermissionError"
    assert inside("read", reads=[keys], path=str(keys / "ledger.key")) == "secret"


def test_a_link_to_another_file_leads_nowhere(tmp_path):
    given = tmp_path / "folder"
    given.mkdir()
    tmp_path.joinpath("secret").write_text("secret")
    given.joinpath("link").symlink_to(tmp_path / "secret")

    assert reason_of("read", reads=[given], path=str(given / "link")) == "crash"


@pytest.mark.parametrize("what", ["rename", "unlink", "truncate", "chmod", "chown", "utime", "link"])
def test_a_file_that_may_be_read_cannot_be_changed(tmp_path, what):
    given, out = tmp_path / "given.pdf", tmp_path / "out"
    given.write_text("work")
    out.mkdir()

    assert inside("attempt", reads=[given], writes=out, what=what, path=str(given)) in (
        "PermissionError",
        "OSError",  # a link across folders: Landlock answers EXDEV
    )
    assert (given.read_text(), given.stat().st_mode & 0o777) == ("work", 0o644)


def test_writing_is_possible_in_the_given_folder_only(tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    assert inside("write_many", writes=out, folder=str(out), count=3) == str(out)
    assert sorted(path.name for path in out.rglob("*")) == ["1", "2", "deep", "renamed"]
    assert reason_of("write", writes=out, path=str(tmp_path / "x")) == "crash"
    assert reason_of("write", path=str(out / "x")) == "crash"
    assert not (tmp_path / "x").exists()


def test_a_file_grows_to_its_limit_and_no_further(tmp_path):
    small = Limits(written_bytes=500)

    assert reason_of("write_many", writes=tmp_path, limits=small, folder=str(tmp_path), count=1) == "crash"
    assert max(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 500


@pytest.mark.parametrize(
    "what",
    [
        "socket", "unix socket", "ptrace", "process_vm_readv", "io_uring", "kill", "kill group", "setsid", "environ",
        "limits", "prlimit", "memfd",
    ],
)  # fmt: skip
def test_network_and_other_processes_are_out_of_reach(what):
    pid = os.getpgrp() if what == "kill group" else os.getpid()

    assert inside("attempt", what=what, pid=pid) == "PermissionError"


@pytest.mark.parametrize(("what", "answer"), [("fork", "PermissionError"), ("program", "PermissionError")])
def test_other_programs_run_only_where_they_are_needed(what, answer):
    assert inside("attempt", limits=Limits(programs=False), what=what) == answer
    assert inside("attempt", limits=Limits(programs=True), what=what) == ""


def test_nothing_of_the_server_is_inherited(monkeypatch):
    monkeypatch.setenv("LICHENG_SECRET_KEY", "secret")
    calling._sandbox.close()

    assert set(inside("environment")) <= INHERITED
    assert inside("open_descriptors") == [0, 1, 2, 3]


@pytest.mark.parametrize("function", FOREIGN_CALLS)
def test_calls_of_another_architecture_end_the_process(function):
    assert reason_of(function) == "crash"


def test_a_memory_bomb_ends_alone():
    assert reason_of("fill_memory") == "memory"
    assert inside("echo", after="well") == {"after": "well"}


@pytest.mark.parametrize(("function", "arguments"), [("spin", {}), ("nap", {"seconds": 30})])
def test_what_takes_too_long_is_ended(function, arguments):
    started = time.monotonic()

    assert reason_of(function, limits=QUICK, **arguments) == "timeout"
    assert time.monotonic() - started < 4


def test_cpu_has_its_own_limit():
    assert reason_of("spin", limits=Limits(cpu_seconds=1, wall_seconds=20)) == "timeout"


@pytest.mark.parametrize("function", ["crash", "fail", "not_json", "too_much", "answer_without_end"])
def test_a_crash_is_an_answer(function):
    assert reason_of(function, limits=Limits(wall_seconds=3, cpu_seconds=3)) in ("crash", "timeout")
    assert inside("echo") == {}


def test_what_went_wrong_is_told_by_kind_and_place_without_what_was_read():
    with pytest.raises(
        SandboxFailed, match=r"^crash: ValueError\n(?s:.)*sandboxed.py\", line \d+, in fail"
    ) as it:
        inside("fail")

    assert "學習歷程" not in str(it.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nonsense", '{"value": 1}x', "[" * 100_000, '{"failed": "nonsense"}']
)
def test_an_answer_of_another_form_is_not_believed(text):
    assert reason_of("lie", text=text) == "crash"


def test_an_ended_process_gives_no_answer():
    assert reason_of("leave", code=0) == "crash"
    assert reason_of("leave", code=7) == "crash"


def test_what_it_started_ends_with_it(tmp_path):
    marker = tmp_path / "late"

    assert inside("leave_a_program", writes=tmp_path, marker=str(marker), seconds=0.5) == "answered"
    assert reason_of("hang_with_a_program", limits=QUICK, seconds=30) == "timeout"
    time.sleep(1)
    assert not marker.exists()
    assert children_of(zygote_pid()) == []


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_ffprobe_runs_inside(tmp_path):
    film = tmp_path / "a.mp3"
    made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=2", "-b:a", "64k", film]
    subprocess.run(made, check=True)

    assert float(inside("probe", reads=[film], path=str(film))) == pytest.approx(2, abs=0.1)


def test_twenty_at_once_each_get_their_own_answer():
    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(lambda number: inside("echo", number=number), range(60)))

    assert answers == [{"number": number} for number in range(60)]


def test_a_killed_zygote_is_started_again():
    first = zygote_pid()
    os.kill(first, signal.SIGKILL)

    assert inside("echo", after="well") == {"after": "well"}
    assert zygote_pid() != first


def test_a_zygote_killed_at_work_does_its_work_again():
    first = zygote_pid()
    killer = threading.Timer(0.5, os.kill, (first, signal.SIGKILL))
    killer.start()

    assert inside("nap", seconds=1.5) == 1.5
    killer.join()


def test_a_hung_zygote_is_replaced(monkeypatch):
    first = zygote_pid()
    monkeypatch.setattr(calling, "GRACE_SECONDS", 1)
    os.kill(first, signal.SIGSTOP)

    assert reason_of("echo", limits=QUICK) == "timeout"
    assert inside("echo", after="well") == {"after": "well"}


def test_a_forked_server_has_a_zygote_of_its_own():
    first = zygote_pid()
    pid = os.fork()
    if pid == 0:
        own = zygote_pid()
        calling._sandbox.close()
        os._exit(0 if own != first else 1)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert zygote_pid() == first


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_the_zygote_ends_with_the_server(how):
    script = (
        "import os, sys, threading\n"
        "from licheng.foundations.files.sandbox import call, calling\n"
        "call('os.path:basename', arguments={'p': 'x'})\n"
        "work = {'arguments': {'seconds': 30}}\n"
        f"threading.Thread(target=call, args=('{HERE}:nap',), kwargs=work, daemon=True).start()\n"
        "import time; time.sleep(0.5)\n"
        "print(calling._sandbox.zygote.process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), str(ROOT / "packages/exchange/src")])
    server = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
    )
    zygote = int(server.stdout.readline())
    family = [str(zygote), *children_of(zygote)]
    if how:
        server.send_signal(how)
    server.communicate(timeout=10)

    assert len(family) == 2
    assert wait_until(lambda: not any(alive(pid) for pid in family))


def alive(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition):
    for _attempt in range(50):
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_a_function_that_is_not_there_is_refused():
    assert reason_of("nothing") == "refused"
    with pytest.raises(SandboxFailed, match="nowhere"):
        call("nowhere.at.all:x", arguments={})


def test_arguments_that_do_not_fit_are_the_callers_mistake():
    with pytest.raises(ValueError, match="do not fit"):
        inside("echo", words="x" * 200_000)


def test_without_a_filter_nothing_is_opened(monkeypatch, tmp_path):
    """On a machine whose calls are unknown the child answers "refused" before it looks at anything."""
    script = (
        "import platform; platform.machine = lambda: 'riscv64'\n"
        "from licheng.foundations.files.sandbox import fence, zygote\n"
        "print(zygote._answer(print, {'writes': None, 'reads': [], 'arguments': {},"
        " 'limits': {'wall_seconds': 5}}))\n"
    )
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "packages/exchange/src")])
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )

    assert "refused" in ran.stdout
    assert "riscv64" in ran.stdout
