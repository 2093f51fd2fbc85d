"""The small program that is kept warm and forked once per call: `python -m …sandbox`, control on stdin.

It reads no stranger's byte itself: it imports parsers, forks, watches the clock and says how each child
ended. One message is one JSON object with two descriptors: where the child writes its answer, where this
program writes how the child ended. When the server ends, its end of the socket closes and all here ends.
"""

import contextlib
import dataclasses
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from licheng.foundations.files.sandbox import fence, landlock, seccomp
from licheng.foundations.files.sandbox.limits import Limits

MAX_MESSAGE_BYTES = 128 * 1024
PR_SET_CHILD_SUBREAPER = 36
ANSWER_AT = 3  # the only descriptor that a child keeps beside its empty stdin, stdout and stderr
MAX_DETAIL = 4000  # letters of a traceback


@dataclasses.dataclass(slots=True)
class Child:
    """A process at work: where to say how it ended, and when it must have."""

    pid: int
    watched_by: int
    ended_to: int
    ends_at: float
    overdue: bool = False


class Zygote:
    """Forks one child per message and reports its end."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Work until the server closes its end."""
        while True:
            for key, _events in self.selector.select(self._seconds_to_next_end()):
                if key.fileobj is not self.control:
                    self._ended(self.children[key.fd])
                elif not self._take_message():
                    self._end_all()
                    return
            self._end_overdue()

    def _seconds_to_next_end(self) -> float | None:
        ends = [child.ends_at for child in self.children.values() if not child.overdue]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _take_message(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self.control, MAX_MESSAGE_BYTES, 2)
        if not message:
            return False
        answer_to, ended_to = descriptors
        request = json.loads(message)
        try:
            function = function_at(request["function"])
        except Exception:  # noqa: BLE001 -- whatever keeps a module from loading is for the caller to read
            _say_end(ended_to, refused=traceback.format_exc())
            os.close(answer_to)
            return True
        pid = os.fork()
        if pid == 0:
            work(function, request, answer_to)
        os.close(answer_to)
        ends_at = time.monotonic() + request["limits"]["wall_seconds"]
        child = Child(pid, os.pidfd_open(pid), ended_to, ends_at)
        self.children[child.watched_by] = child
        self.selector.register(child.watched_by, selectors.EVENT_READ)
        return True

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for child in self.children.values():
            if not child.overdue and child.ends_at <= now:
                child.overdue = True
                _kill(child)

    def _ended(self, child: Child) -> None:
        _kill(child)  # what it started ends with it, before anybody looks at what was written
        _, status = os.waitpid(child.pid, 0)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitid(os.P_PGID, child.pid, os.WEXITED)
        self.selector.unregister(child.watched_by)
        os.close(child.watched_by)
        del self.children[child.watched_by]
        _say_end(child.ended_to, code=os.waitstatus_to_exitcode(status), overdue=child.overdue)

    def _end_all(self) -> None:
        for child in list(self.children.values()):
            self._ended(child)


def function_at(place: str) -> Any:
    """The function that "package.module:function" names; its module is loaded once, before any fork."""
    module, _, name = place.partition(":")
    loaded = module in sys.modules
    function = getattr(importlib.import_module(module), name)
    if not loaded:
        gc.collect()
        gc.freeze()  # what is loaded is never looked at by a child's collector, so its pages stay shared
    return function


def work(function: Any, request: dict[str, Any], answer_to: int) -> None:
    """Be the child: close everything, fence this process in, call the function, write its answer, end."""
    zygote = os.getppid()
    os.setsid()
    fence.end_with_parent()
    if os.getppid() != zygote:
        os._exit(1)
    os.dup2(answer_to, ANSWER_AT)
    os.closerange(ANSWER_AT + 1, 65536)
    with contextlib.suppress(OSError):
        _write(ANSWER_AT, json.dumps(_answer(function, request)).encode())
    os._exit(0)


def _answer(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    writes = Path(request["writes"]) if request["writes"] else None
    try:
        fence.enclose(
            Limits(**request["limits"]), reads=[Path(path) for path in request["reads"]], writes=writes
        )
    except (seccomp.NoSeccomp, landlock.LandlockFailed, OSError, ValueError) as failure:
        return {"failed": "refused", "detail": repr(failure)}
    try:
        value = function(**request["arguments"])
        json.dumps(value)
    except MemoryError:
        return {"failed": "memory", "detail": ""}
    except Exception as failure:  # noqa: BLE001 -- a parser may raise anything; the caller hears what
        return {"failed": "crash", "detail": _kind_and_place(failure)}
    return {"value": value}


def _kind_and_place(failure: Exception) -> str:
    """Which error it was and by which lines of code; its message may repeat what somebody's file holds."""
    places = "".join(traceback.format_tb(failure.__traceback__))
    return f"{type(failure).__name__}\n{places}"[-MAX_DETAIL:]


def _kill(child: Child) -> None:
    for end in (os.killpg, os.kill):  # the group may not exist yet, or the process not any more
        with contextlib.suppress(ProcessLookupError):
            end(child.pid, signal.SIGKILL)


def _say_end(descriptor: int, **said: object) -> None:
    with contextlib.suppress(OSError):  # the caller may have given up waiting
        _write(descriptor, json.dumps(said).encode())
    os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def main() -> None:
    """Serve the socket that stands as stdin; nothing that a child prints goes anywhere."""
    control = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    landlock.LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with contextlib.suppress(seccomp.NoSeccomp):  # every child then answers "refused", with the reason
        fence.prepare()
    Zygote(control).serve()
