"""Where each site of the embedded default lives: folder, database, port, environment of its processes."""

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from licheng.embedded.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[3]
DEFAULT_ROOT = REPOSITORY / "var" / "demo"
PREFERRED_PORTS = {"school": 8000, "archive": 8100, "courseplans": 8200}
PORT_TRIES = 50
_claims: dict[int, IO[bytes]] = {}  # ports of this process; the locks end with it


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its name, where it keeps things, and the address it answers at."""

    name: str
    home: Path
    port: int
    database_url: str
    archive_url: str
    courseplans_url: str = ""

    @property
    def url(self) -> str:
        """The address people open: a name, because browsers allow passkeys at names only."""
        return f"http://localhost:{self.port}"

    @property
    def files_url(self) -> str:
        """Where people's files come from: the same process under its number, which has no cookies."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        """The public name of its ledger; a deployment takes its own host name instead."""
        return f"{self.name}.licheng.example/ledger"

    @property
    def role(self) -> str:
        """The role its processes work as: not the owner of the tables, so that the fence holds it."""
        return f"licheng_{self.name}_app"

    @property
    def application_url(self) -> str:
        """The same database for that role."""
        return urlsplit(self.database_url)._replace(netloc=f"{self.role}@").geturl()

    def environment(self, *, with_owner: bool = False) -> dict[str, str]:
        """What every process of this site is started with; commands besides with the owner of the tables."""
        paths = [str(REPOSITORY / "src"), str(REPOSITORY / "packages" / "exchange" / "src")]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return (
            kept
            | {
                "PYTHONPATH": os.pathsep.join(paths),
                "PYTHONUNBUFFERED": "1",
                "DJANGO_SETTINGS_MODULE": "licheng.config.settings",
                "LICHENG_SITE": self.name,
                "LICHENG_HOME": str(self.home),
                "LICHENG_SECRET_KEY": self._secret_key(),
                "LICHENG_PUBLIC_URL": self.url,
                "LICHENG_FILES_URL": self.files_url,
                "LICHENG_ARCHIVE_URL": self.archive_url,
                "LICHENG_COURSEPLANS_URL": self.courseplans_url,
                "LICHENG_EMBEDDED": "1",
                "DATABASE_URL": self.application_url,
            }
            | ({"LICHENG_OWNER_DATABASE_URL": self.database_url} if with_owner else {})
        )

    def _secret_key(self) -> str:
        path = self.home / "keys" / "web.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
            path.chmod(0o600)
        return path.read_text(encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """A management command of this site."""
        return [sys.executable, str(REPOSITORY / "manage.py"), *arguments]

    def web_command(self) -> list[str]:
        """The web server of this site."""
        server = str(Path(sys.executable).parent / "granian")
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        return [
            server,
            *options,
            "--blocking-threads",
            "4",
            "--log-level",
            "warning",
            "licheng.config.wsgi:application",
        ]

    def worker_command(self) -> list[str]:
        """The background worker of this site, for all queues; a clock holds up one thread of two."""
        options = ["--interval", "0.2", "--lock-timeout", "120", "--concurrency", "2"]
        return self.command("ox_worker", *options)


def reserve_port(preferred: int) -> tuple[int, socket.socket]:
    """The preferred port, or the next one nobody has, and a socket that keeps it ours until it is closed.

    Two installations that start at the same time would otherwise find the same port free, and their web
    servers, which share ports between workers, would then answer for each other.
    """
    for port in range(preferred, preferred + PORT_TRIES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections do not hold a port
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        kept = socket.socket()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        kept.bind(("127.0.0.1", port))
        return port, kept
    raise OSError(f"no free port from {preferred} on")


@contextmanager
def planned(root: Path, postgres: EmbeddedPostgres) -> Iterator[dict[str, Site]]:
    """The sites of an installation under `root`; their ports stay reserved meanwhile."""
    reserved = {name: reserve_port(port) for name, port in PREFERRED_PORTS.items()}
    urls = {name: f"http://localhost:{port}" for name, (port, _kept) in reserved.items()}
    try:
        yield {
            name: Site(
                name,
                root / name,
                port,
                postgres.url(f"licheng_{name}"),
                archive_url=urls["archive"],
                courseplans_url=urls["courseplans"],
            )
            for name, (port, _kept) in reserved.items()
        }
    finally:
        for _port, kept in reserved.values():
            kept.close()
