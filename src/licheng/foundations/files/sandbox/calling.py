import atexit
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import licheng
from licheng.foundations.files.sandbox import landlock, seccomp
from licheng.foundations.files.sandbox.limits import JSON, Limits, SandboxFailed
from licheng.foundations.files.sandbox.zygote import MAX_MESSAGE_BYTES

MAX_ANSWER_BYTES = 8 * 2**20
MAX_END_BYTES = 64 * 1024
GRACE_SECONDS = 10  # after the wall limit the zygote itself is taken for hung
AT_ONCE = 8  # calls of one process; more wait, since each may use its whole memory limit
PIECE_BYTES = 64 * 1024


class _ZygoteGone(Exception):
    """The zygote ended before it said how the call did."""


class _Zygote:
    """One running zygote and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-P", "-m", "licheng.foundations.files.sandbox"]
        with theirs:
            self.process = subprocess.Popen(
                words,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                start_new_session=True,  # Ctrl-C in the server's terminal is not for it
            )
        ours.settimeout(GRACE_SECONDS)  # a hung zygote takes no messages: it is then replaced
        self.control = ours

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End it and everything that it started."""
        self.control.close()
        self.process.kill()
        self.process.wait()

    def disown(self) -> None:
        """In a forked server process: the parent's zygote is not this process's to use or to wait for."""
        self.control.close()
        self.process.returncode = 0


class _Sandbox:
    """The zygote of this process, started at the first call and again whenever it is gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.zygote: _Zygote | None = None

    def running(self) -> _Zygote:
        with self.lock:
            if self.zygote is None or not self.zygote.is_alive():
                self.close()
                self.zygote = _Zygote()
            return self.zygote

    def close(self) -> None:
        if self.zygote is not None:
            self.zygote.close()
            self.zygote = None

    def end(self, zygote: _Zygote) -> None:
        with self.lock:
            if self.zygote is zygote:
                self.close()


_sandbox = _Sandbox()


def _after_fork() -> None:
    global _sandbox  # noqa: PLW0603 -- locks and sockets of the parent are worth nothing in a forked process
    if _sandbox.zygote is not None:
        _sandbox.zygote.disown()
    _sandbox = _Sandbox()


def _at_exit() -> None:
    _sandbox.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)


def call(
    function: str,
    *,
    arguments: dict[str, JSON],
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
) -> JSON:
    """Call "package.module:function" with these keyword arguments in a process of its own; give its answer.

    The function sees the paths of `reads` (files or folders), may write below `writes` (its working and
    temporary folder), has no network, and may run twice when the zygote was killed under it. Its module must
    not import Django.
    Raises SandboxFailed: "timeout", "memory", "crash" (also when the function raised) or "refused" (no such
    function, or this kernel cannot fence it in).
    """
    message = json.dumps(
        {
            "function": function,
            "arguments": arguments,
            "reads": [str(path.resolve()) for path in reads],
            "writes": str(writes.resolve()) if writes else None,
            "limits": dataclasses.asdict(limits),
        }
    ).encode()
    if len(message) > MAX_MESSAGE_BYTES:
        raise ValueError(f"arguments of {len(message)} bytes do not fit into one message")
    with _sandbox.places:
        for _attempt in range(2):
            zygote = _sandbox.running()
            try:
                return _asked(zygote, message, limits.wall_seconds + GRACE_SECONDS)
            except (_ZygoteGone, OSError):
                _sandbox.end(zygote)
            except SandboxFailed as failure:
                if failure.reason == "timeout":
                    _end_if_hung(zygote, failure)
                raise
    raise SandboxFailed("crash", "the zygote was killed twice")


def protection() -> dict[str, JSON]:
    """What the kernel offers for the fence: whether calls are filtered, and which Landlock (0: none)."""
    return {"seccomp": seccomp.is_supported(), "landlock": landlock.abi()}


def _environment() -> dict[str, str]:
    """Where programs and code stand, and nothing that is secret."""
    places = [str(Path(licheng.__file__).parent.parent), *(place for place in sys.path if place)]
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)),
        "LANG": "C.UTF-8",
        # What polars gives back counts no more: its allocator would keep the addresses, which are limited.
        "_RJEM_MALLOC_CONF": "retain:false",
    }


def _end_if_hung(zygote: _Zygote, failure: SandboxFailed) -> None:
    if failure.detail == HUNG:
        zygote.process.send_signal(signal.SIGKILL)
        _sandbox.end(zygote)


HUNG = "the zygote did not answer"


def _asked(zygote: _Zygote, message: bytes, seconds: float) -> JSON:
    answer_from, answer_to = os.pipe()
    ended_from, ended_to = os.pipe()
    try:
        try:
            socket.send_fds(zygote.control, [message], [answer_to, ended_to])
        finally:
            os.close(answer_to)
            os.close(ended_to)
        answer, ended = _read_both(answer_from, ended_from, time.monotonic() + seconds)
    finally:
        os.close(answer_from)
        os.close(ended_from)
    return _judged(answer, ended)


def _read_both(answer_from: int, ended_from: int, until: float) -> tuple[bytes, bytes]:
    """Both pipes to their ends, whatever fills first; more than the bounds is read and dropped."""
    bounds = {answer_from: MAX_ANSWER_BYTES, ended_from: MAX_END_BYTES}
    read = {answer_from: b"", ended_from: b""}
    poll = select.poll()
    for descriptor in bounds:
        poll.register(descriptor, select.POLLIN)
    waiting = set(bounds)
    while waiting:
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        if not ready:
            raise SandboxFailed("timeout", HUNG)
        for descriptor, _event in ready:
            piece = os.read(descriptor, PIECE_BYTES)
            if not piece:
                poll.unregister(descriptor)
                waiting.discard(descriptor)
            elif len(read[descriptor]) <= bounds[descriptor]:
                read[descriptor] += piece
    return read[answer_from], read[ended_from]


def _judged(answer: bytes, ended: bytes) -> JSON:
    """What the child said, if it ended as a child that was not taken over would have."""
    if not ended:
        raise _ZygoteGone
    how = json.loads(ended)
    if "refused" in how:
        raise SandboxFailed("refused", how["refused"])
    if how["overdue"] or -how["code"] in (signal.SIGXCPU, signal.SIGALRM):
        raise SandboxFailed("timeout")
    if -how["code"] == signal.SIGKILL:  # by the kernel, when memory ran out
        raise SandboxFailed("memory")
    said = _parsed(answer) if how["code"] == 0 and len(answer) <= MAX_ANSWER_BYTES else None
    if said is None:
        raise SandboxFailed("crash", f"ended with {how['code']} after {len(answer)} bytes")
    if "value" in said:
        value: JSON = said["value"]
        return value
    reason = said.get("failed")
    raise SandboxFailed(reason if reason in ("memory", "refused") else "crash", str(said.get("detail", "")))


def _parsed(answer: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
