"""A real clamd of the tests' own, with signatures written here: none can be fetched, and none need be."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from licheng.foundations.files.scanning import EICAR

OWN_PATTERN = b"licheng-planted-malware-7d1f"  # what a database that knows more than EICAR would find
START_SECONDS = 20

CLAMD = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin") or "clamd"  # not on everybody's path


class Clamd:
    """One clamd on a unix socket; `start` and `stop` may be called again and again."""

    def __init__(self, folder: Path, *, stream_bytes: str = "25M") -> None:
        self.folder, self.socket = folder, folder / "clamd.sock"
        self.process: subprocess.Popen[bytes] | None = None
        signatures = folder / "database"
        signatures.mkdir(parents=True)
        self.signatures = signatures / "own.ndb"
        self.know(EICAR=EICAR)
        (folder / "clamd.conf").write_text(
            f"LocalSocket {self.socket}\nDatabaseDirectory {signatures}\nForeground yes\n"
            f"StreamMaxLength {stream_bytes}\nLogFile {folder / 'clamd.log'}\nConcurrentDatabaseReload no\n"
        )

    def know(self, **patterns: bytes) -> None:
        """Write the database: one signature for each pattern, anywhere in any file."""
        lines = [f"{name}:0:*:{pattern.hex()}" for name, pattern in patterns.items()]
        self.signatures.write_text("\n".join(lines) + "\n")

    @property
    def address(self) -> str:
        """As LICHENG_SCANNER names it."""
        return f"unix:{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = subprocess.Popen(
            [CLAMD, "--config-file", self.folder / "clamd.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while self.ask(b"zPING\0") != b"PONG\0":
            assert time.monotonic() < until, (self.folder / "clamd.log").read_text()
            time.sleep(0.1)

    def ask(self, command: bytes) -> bytes:
        """The answer to a command; empty while nobody listens."""
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.socket))
                line.sendall(command)
                return line.recv(100)
            except OSError:
                return b""

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)
