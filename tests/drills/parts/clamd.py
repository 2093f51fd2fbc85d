"""A real clamd with a signature of its own, started and ended by the drill: no signatures are downloaded."""

import os
import signal

from tests.drills.parts.ground import stop, wait_for
from tests.drills.parts.uploads import with_words

# The agreed test pattern of the anti-malware trade, turned round so that nothing finds it in this file.
PATTERN = b"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X"[::-1]


def infected_picture(random):
    """A PNG that carries the pattern in a text chunk: it opens like any other."""
    return with_words(random, b"Comment\0" + PATTERN)


class Clamd:
    """The daemon and its socket; it can be killed, stopped and let go on."""

    def __init__(self, ground):
        self.ground, self.folder = ground, ground.folder / "clamd"
        self.folder.mkdir()
        (self.folder / "drill.ndb").write_text(f"Drill.Pattern:0:*:{PATTERN.hex()}\n")
        self.socket = self.folder / "socket"
        settings = {
            "Foreground": "yes",
            "DatabaseDirectory": self.folder,
            "LocalSocket": self.socket,
            "TemporaryDirectory": self.folder,
            "StreamMaxLength": "64M",
            "ConcurrentDatabaseReload": "no",
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        (self.folder / "clamd.conf").write_text(lines)
        self.process = None

    @property
    def address(self):
        """For LICHENG_SCANNER."""
        return f"unix:{self.socket}"

    def start(self):
        """Start it and wait until it listens."""
        self.socket.unlink(missing_ok=True)
        self.process = self.ground.start(["clamd", f"--config-file={self.folder / 'clamd.conf'}"], "clamd")
        wait_for(self.socket.exists, "clamd listens", 60)

    def kill(self):
        """kill -9."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def pause(self):
        """It goes on holding its socket and says nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        """It answers again."""
        os.kill(self.process.pid, signal.SIGCONT)

    def end(self):
        """Stop it the polite way."""
        stop(self.process)
