"""A process of one site that does single deeds when asked, each in a child that can be killed at any line.

`python -m tests.drills.parts.hands` in a site's environment; a JSON line in, a JSON line out. `kill_at` n sends
SIGKILL before the n-th line of this project's own code; without it the answer says how many lines there were.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import django

OWN = ("/src/licheng/", "/licheng_exchange/", "/tests/drills/parts/deeds.py")
TOOL = sys.monitoring.DEBUGGER_ID


def watch_lines(kill_at):
    """Count the lines of this project from now on, and die before the one that is asked for."""
    counted = [0]

    def on_line(code, _line):
        if not any(part in code.co_filename for part in OWN):
            return sys.monitoring.DISABLE
        counted[0] += 1
        if counted[0] == kill_at:
            os.kill(os.getpid(), 9)
        return None

    sys.monitoring.use_tool_id(TOOL, "drill")
    sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, on_line)
    sys.monitoring.set_events(TOOL, sys.monitoring.events.LINE)
    return counted


def in_child(asked):
    """Do one deed in a forked child: {"result", "lines"}, {"refused"} or {"killed"}."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        answer, status = {}, 1
        try:
            deed = getattr(importlib.import_module("tests.drills.parts.deeds"), asked["deed"])
            counted = watch_lines(asked["kill_at"]) if asked.get("lines", True) else [0]
            answer = {"result": deed(**asked.get("given", {}))}
            if asked.get("lines", True):
                sys.monitoring.set_events(TOOL, 0)
            answer["lines"] = counted[0]
            status = 0
        except Exception as refusal:  # noqa: BLE001 -- the drill decides what a refusal means
            answer = {"refused": type(refusal).__name__, "says": str(refusal)[:400]}
        finally:
            os.write(into, json.dumps(answer, default=str).encode())
            os._exit(status)
    os.close(into)
    with os.fdopen(out) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"killed": asked["kill_at"]}


def main():
    """Answer until the drill closes the line."""
    django.setup()
    importlib.import_module("tests.drills.parts.deeds")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(in_child(json.loads(line))) + "\n")
        sys.stdout.flush()


class Hands:
    """The drill's end of the line."""

    def __init__(self, ground, site):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.parts.hands"],
            env={**site.environment(), "PYTHONPATH": os.environ["PYTHONPATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(ground.folder / f"hands-{site.name}.log").open("ab"),
            text=True,
            cwd=Path(__file__).resolve().parents[3],
        )
        ground.callback(self._end)

    def _end(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def ask(self, deed, *, kill_at=0, lines=True, **given):
        """Have a deed done; the answer as it came."""
        asked = {"deed": deed, "given": given, "kill_at": kill_at, "lines": lines}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def result(self, deed, **given):
        """The same for deeds that must succeed."""
        answer = self.ask(deed, lines=False, **given)
        if "result" not in answer:
            raise AssertionError(f"{deed}: {answer}")
        return answer["result"]


if __name__ == "__main__":
    main()
