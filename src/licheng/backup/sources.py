"""What is backed up: the sites of an installation, and where each keeps its files, log and keys."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from licheng.backup.cluster import Cluster
from licheng.backup.place import BackupFailed
from licheng.embedded.postgres import EmbeddedPostgres, PostgresFailed, programs

SITES = ("school", "archive", "courseplans")


def database_of(site: str) -> str:
    """What the embedded default calls the database of a site."""
    return f"licheng_{site}"


@dataclass(frozen=True, slots=True)
class SiteFolders:
    """One site: its database and its folders."""

    name: str
    database_url: str
    copies: tuple[Path, ...]
    ledger: Path
    keys: Path
    packages: Path

    @property
    def database_name(self) -> str:
        """What the site's database is called in its cluster."""
        return urlsplit(self.database_url).path.lstrip("/")

    @classmethod
    def under(cls, home: Path, name: str, database_url: str) -> "SiteFolders":
        """The folders of a site that keeps everything under its home."""
        copies = (home / "copy-a", home / "copy-b")
        return cls(name, database_url, copies, home / "ledger", home / "keys", home / "packages")


@dataclass(frozen=True, slots=True)
class Source:
    """A cluster and the sites whose databases are in it."""

    cluster: Cluster
    sites: tuple[SiteFolders, ...]


@contextmanager
def embedded_source(root: Path) -> Iterator[Source]:
    """The embedded default under `root`; its database is started meanwhile if nobody runs it.

    Raises BackupFailed when there is no installation.
    """
    postgres = EmbeddedPostgres(root / "postgres")
    sites = tuple(
        SiteFolders.under(root / name, name, postgres.url(database_of(name)))
        for name in SITES
        if (root / name).is_dir()
    )
    if not sites or not (postgres.data / "PG_VERSION").exists():
        raise BackupFailed(f"{root} 沒有安裝任何平臺。 Nothing is installed there.")
    was_running = postgres.is_running()
    try:
        postgres.start()
        yield Source(Cluster(postgres.url("postgres"), programs()), sites)
    except PostgresFailed as failure:
        raise BackupFailed(f"資料庫無法啟動：{failure}。 The database does not start.") from failure
    finally:
        if not was_running:
            postgres.stop()


def server_source(home: Path, tools: Path, environment: Mapping[str, str] = os.environ) -> Source:
    """One site of a server installation, as its own settings in the environment say.

    Raises BackupFailed when they do not name the site and its database.
    """
    name = _said(environment, "LICHENG_SITE")
    url = _said(environment, "LICHENG_OWNER_DATABASE_URL") or _said(environment, "DATABASE_URL")
    if name not in SITES or not url:
        raise BackupFailed(
            "請設定 LICHENG_SITE 與 LICHENG_OWNER_DATABASE_URL。"
            " Set LICHENG_SITE and LICHENG_OWNER_DATABASE_URL."
        )
    named = [word.strip() for word in _said(environment, "LICHENG_COPIES").split(",") if word.strip()]
    plain = SiteFolders.under(home, name, url)
    copies = tuple(Path(word) for word in named if word.startswith("/")) or plain.copies
    if named and not any(word.startswith("/") for word in named):
        raise BackupFailed("沒有任何一份副本在這台主機。 None of the copies is a folder of this host.")
    keys = Path(_said(environment, "LICHENG_KEYS") or plain.keys)
    return Source(Cluster(url, tools), (SiteFolders(name, url, copies, plain.ledger, keys, plain.packages),))


def _said(environment: Mapping[str, str], name: str) -> str:
    """The value of NAME, or of the file that NAME_FILE names, as the site itself reads it; else empty.

    Raises BackupFailed when that file cannot be read.
    """
    value, file = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if value or not file:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as failure:
        raise BackupFailed(f"{name}_FILE 讀不到：{failure}。 {name}_FILE cannot be read.") from failure
