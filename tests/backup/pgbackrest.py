"""pgBackRest drilled on a server's own PostgreSQL: rows, full backup, more rows, harm, back to the second before.

`drill(folder)` runs it with the settings of deploy/pgbackrest; as root the cluster belongs to `postgres`.
"""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "pgbackrest"
BEFORE, BETWEEN = 20_000, 5_000
STANZA = "licheng"


@dataclass
class Server:
    """A cluster of Debian's PostgreSQL in a scratch folder, archived by pgBackRest."""

    folder: Path

    @property
    def data(self):
        return self.folder / "data"

    @property
    def bin(self):
        return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))

    def run(self, *command):
        done = subprocess.run(
            [str(word) for word in command],
            check=False,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user="postgres" if os.geteuid() == 0 else None,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stdout}")
        return done.stdout.strip()

    def pgbackrest(self, *arguments):
        return self.run(
            "pgbackrest", f"--config={self.folder}/pgbackrest.conf", f"--stanza={STANZA}", *arguments
        )

    def sql(self, text):
        return self.run("psql", "-h", self.folder, "-U", "postgres", "-tAXc", text, "postgres")

    def configure(self):
        """The settings of deploy/, with folders of this drill."""
        settings = configparser.ConfigParser()
        settings.read(DEPLOY / "pgbackrest.conf", encoding="utf-8")
        own = {"repo1-path": "repo", "log-path": "log", "lock-path": "lock", "spool-path": "spool"}
        for name, place in own.items():
            (self.folder / place).mkdir()
            settings["global"][name] = str(self.folder / place)
        settings["global"]["repo1-cipher-pass"] = "for-this-drill-only"
        settings[STANZA]["pg1-path"] = str(self.data)
        settings[STANZA]["pg1-socket-path"] = str(self.folder)
        with (self.folder / "pgbackrest.conf").open("w", encoding="utf-8") as file:
            settings.write(file)
        for path in (self.folder, *self.folder.iterdir()):
            shutil.chown(path, "postgres") if os.geteuid() == 0 else None

    def make(self):
        self.configure()
        self.run(self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--data-checksums")
        lines = (DEPLOY / "postgresql.conf").read_text(encoding="utf-8")
        config = f"--config={self.folder}/pgbackrest.conf"
        lines = lines.replace("pgbackrest --stanza", f"pgbackrest {config} --stanza")
        lines += f"\nlisten_addresses = ''\nunix_socket_directories = '{self.folder}'\n"
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(lines)

    def start(self):
        self.run(self.bin / "pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "server.log")

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self.run(self.bin / "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)

    def add_rows(self, count):
        self.sql(
            f"INSERT INTO acknowledged (said) SELECT md5(random()::text) FROM generate_series(1, {count})"  # noqa: S608 -- our own numbers
        )

    def rows(self):
        """How many rows there are, and one digest over all of them in order."""
        count, digest = self.sql(
            "SELECT count(*), md5(coalesce(string_agg(id || said, ',' ORDER BY id), '')) FROM acknowledged"
        ).split("|")
        return int(count), digest

    def restore(self, *target):
        """Bring the cluster back to a target; the seconds until it answers as a server of its own."""
        self.stop()
        began = time.monotonic()
        self.pgbackrest("restore", "--target-action=promote", *target)
        self.start()
        while self.sql("SELECT pg_is_in_recovery()") == "t":
            time.sleep(0.1)
        return round(time.monotonic() - began, 1)


def drill(folder):
    """Run the drill in an empty folder; what was there, what came back, and what the control lost."""
    server = Server(folder)
    server.make()
    try:
        server.start()
        server.sql("CREATE TABLE acknowledged (id bigserial PRIMARY KEY, said text)")
        server.add_rows(BEFORE)
        server.pgbackrest("stanza-create")
        server.pgbackrest("check")
        server.pgbackrest("backup", "--type=full")
        label = re.search(r"\d{8}-\d{6}F", server.pgbackrest("info")).group()
        server.add_rows(BETWEEN)
        there, moment = server.rows(), server.sql("SELECT clock_timestamp()")
        time.sleep(0.2)
        server.sql("DELETE FROM acknowledged")
        harmed = server.rows()
        server.sql("SELECT pg_switch_wal()")
        seconds = server.restore("--type=time", f"--target={moment}")
        back = server.rows()
        server.restore("--type=immediate", f"--set={label}")
        control = server.rows()
    finally:
        server.stop()
    return {
        "there": there[0],
        "harmed": harmed[0],
        "back": back[0],
        "is_equal": back == there,
        "base_alone": control[0],
        "seconds": seconds,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="licheng-pgbackrest-") as scratch:
        Path(scratch).chmod(0o755)
        sys.stdout.write(json.dumps(drill(Path(scratch))) + "\n")
