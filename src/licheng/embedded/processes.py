"""Processes of ours: started with a log file each, stopped by their own id."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from licheng.embedded.sites import Site

STOP_SECONDS = 10
READY_SECONDS = 60


def outliving_nobody() -> list[str]:
    """What a command line begins with so that the program ends when its starter is killed; Linux only."""
    tool = shutil.which("setpriv")
    return [tool, "--pdeathsig", "TERM", "--"] if tool else []


class StartFailed(RuntimeError):
    """A process ended or did not answer in time; the message quotes its log."""


@dataclass
class Processes:
    """The running processes of an installation; a context manager that always stops them."""

    logs: Path
    running: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def run(self, site: Site, *arguments: str) -> str:
        """Run one management command to its end; its output.

        Raises StartFailed with what it said when it fails.
        """
        done = subprocess.run(
            site.command(*arguments),
            check=False,
            env=site.environment(with_owner=True),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise StartFailed(f"{site.name}: {' '.join(arguments)}\n{done.stdout}")
        return done.stdout

    def start(self, name: str, site: Site, command: list[str]) -> None:
        """Start a process that goes on."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, env=site.environment(), stdout=log, stderr=log)
        self.running.append((name, process))

    def wait_ready(self, site: Site) -> None:
        """Wait until a site answers.

        Raises StartFailed when one of our processes ended or the time is up.
        """
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            self.check()
            try:
                if httpx.get(f"{site.url}/healthz", timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise StartFailed(f"{site.name} does not answer at {site.url}\n{self._log_of(f'{site.name}-web')}")

    def check(self) -> None:
        """Raise StartFailed when one of our processes has ended by itself."""
        for name, process in self.running:
            if process.poll() is not None:
                raise StartFailed(f"{name} ended with {process.returncode}\n{self._log_of(name)}")

    def _log_of(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    def stop(self) -> None:
        """Ask every process to end, newest first; end those that do not."""
        for _name, process in reversed(self.running):
            process.terminate()
        for _name, process in reversed(self.running):
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()
