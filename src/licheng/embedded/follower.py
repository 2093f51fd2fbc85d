"""The backup beside a running installation: a process of its own; its troubles never stop the sites."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from licheng.embedded.processes import outliving_nobody
from licheng.embedded.sites import REPOSITORY

EVERY_SECONDS = (
    5  # own bound: what a lost machine may cost of log and files; the database is received at once
)
AGAIN_SECONDS = 60  # own bound: how soon a backup that ended is tried again
STOP_SECONDS = 60


@dataclass
class Follower:
    """Keeps every moment of the installation under `root` in `place`; does nothing without a place."""

    root: Path
    place: Path | None
    _process: subprocess.Popen[bytes] | None = None
    _ended_at: float = field(default=0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """Let it write its last point, while the database still runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        """Begin, once every site's database is there; nothing without a place."""
        if self.place is None:
            return
        paths = [str(REPOSITORY / "src"), str(REPOSITORY / "packages" / "exchange" / "src")]
        command = [sys.executable, "-m", "licheng.cli", "backup", "--follow", str(EVERY_SECONDS)]
        command += ["--to", str(self.place), "--root", str(self.root)]
        logs = self.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / "backup.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*outliving_nobody(), *command],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the sites; the backup ends after them
            )

    def check(self) -> None:
        """Say that the backup has ended, and start it again after a while."""
        if self._process is None or self._process.poll() is None:
            return
        now = time.monotonic()
        if not self._ended_at:
            self._ended_at = now
            print(
                f"! 備份停了，見 logs/backup.log。 The backup to {self.place} has stopped.", file=sys.stderr
            )
        elif now - self._ended_at > AGAIN_SECONDS:
            self._ended_at = 0.0
            self.start()
