"""Fail one system call of a piece of work, whichever is asked for, and see what it acknowledged."""

import os
import re
import subprocess
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.drills.found import DrillFailed

FAULTS = ("signal=SIGKILL", "error=EIO", "error=ENOSPC")
WATCHED = "%file,%desc"
NOT_STORAGE = {"mmap", "poll", "ppoll", "epoll_wait", "fcntl", "ioctl", "dup", "dup2", "pipe2", "select"}
CALL = re.compile(r"^(?:\[pid\s+\d+\] )?(\w+)\(", re.MULTILINE)
REFUSED = 3


def _forked(work, gate, acks):
    """The child: waits until it is watched, works, acknowledges through a pipe of its parent."""
    os.read(gate, 1)
    code = 1
    try:
        work(lambda text: os.write(acks, f"{text}\n".encode()))
        code = 0
    except OSError:
        code = REFUSED
    finally:
        os._exit(code)


def watched(work, *options):
    """Run `work(ack)` in a child under strace; what it acknowledged, and what strace saw.

    The child is forked from here, so nothing of Python's own start is counted or harmed.
    """
    gate_out, gate_in = os.pipe()
    acks_out, acks_in = os.pipe()
    child = os.fork()
    if child == 0:
        _forked(work, gate_out, acks_in)
    os.close(gate_out)
    os.close(acks_in)
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        tracer = subprocess.Popen(
            ["strace", "-p", str(child), "-o", str(trace), *options], stderr=subprocess.PIPE, text=True
        )
        if "attached" not in (said := tracer.stderr.readline()):
            os.kill(child, 9)
            os.waitpid(child, 0)
            raise DrillFailed(f"strace could not watch: {said.strip()}")
        os.write(gate_in, b"x")
        os.close(gate_in)
        with os.fdopen(acks_out) as answers:
            acked = answers.read().split()
        os.waitpid(child, 0)
        tracer.wait(10)
        tracer.stderr.close()
        return acked, trace.read_text() if trace.exists() else ""


def calls_of(work):
    """How often a piece of work makes each system call that touches files."""
    _acked, trace = watched(work, "-e", f"trace={WATCHED}")
    return Counter(name for name in CALL.findall(trace) if name not in NOT_STORAGE)


def each_fault(calls):
    """Every single fault: (call, number, fault)."""
    for name, count in sorted(calls.items()):
        for number in range(1, count + 1):
            for fault in FAULTS:
                yield name, number, fault


def harmed(work, name, number, fault):
    """Run the work with its n-th call of a name failing once; what it acknowledged all the same."""
    acked, _trace = watched(work, "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}")
    return acked


def temporary_files(folder):
    """Leftovers of writers that did not finish."""
    with suppress(FileNotFoundError):
        return list(folder.rglob(".tmp-*"))
    return []
