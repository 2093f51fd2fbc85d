"""One PostgreSQL cluster as backups see it: bases, restore points, and the stream of its change log."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from licheng.backup.place import BackupFailed, file_hash
from licheng.embedded.processes import outliving_nobody

MANIFEST = "backup_manifest"
LOG = "pg_wal"
RECEIVED_SECONDS = 60  # own bound: how long a point waits for the change log to be received
SUMMARIES_SINCE = 17  # PostgreSQL 17 can copy changed blocks only
APPEND_ONLY = ("ledger_ledgerentry", "audit_auditentry")


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the database that can be restored by name: its place in the log and its time (UTC)."""

    name: str
    lsn: str
    time: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """How to reach a cluster, and the folder of the programs that fit its version."""

    url: str
    programs: Path

    @property
    def shown_url(self) -> str:
        """The address without its password: a command line is seen by everybody on the machine."""
        parts = urlsplit(self.url)
        if parts.password is None:
            return self.url
        return parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2]}").geturl()

    @property
    def environment(self) -> dict[str, str]:
        """What PostgreSQL's programs are run with; the password travels here."""
        password = urlsplit(self.url).password
        secret = {"PGPASSWORD": unquote(password)} if password else {}
        return {**os.environ, "LC_ALL": "C.UTF-8", **secret}

    def ask(self, question: str, values: Sequence[Any] = (), *, url: str = "") -> list[tuple[Any, ...]]:
        """The rows of one statement; none when it gives none back.

        Raises BackupFailed with PostgreSQL's own words.
        """
        try:
            with psycopg.connect(url or self.url, autocommit=True) as connection:
                found = connection.execute(sql.SQL(question), values or None)
                return found.fetchall() if found.description else []
        except psycopg.Error as failure:
            raise BackupFailed(f"資料庫沒有回答：{failure}。 The database did not answer.") from failure

    def system(self) -> str:
        """The cluster's identity, kept by every restored copy of it."""
        return str(self.ask("SELECT system_identifier FROM pg_control_system()")[0][0])

    def mark(self, name: str) -> Mark:
        """Name this moment in the change log, then commit: a time target needs one to stop at."""
        question = "SELECT clock_timestamp(), pg_create_restore_point(%s)::text"
        at, lsn = self.ask(question, [name])[0]
        self.ask("SELECT pg_current_xact_id()")
        return Mark(name, lsn, utc(at))

    def slot_state(self, slot: str) -> str:
        """What became of a replication slot: empty when there is none, `lost` when its log was removed."""
        rows = self.ask("SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", [slot])
        return str(rows[0][0]) if rows else ""

    def drop_slot(self, slot: str) -> None:
        """Give up a slot; the log it held back may go."""
        self.ask("SELECT pg_drop_replication_slot(%s)", [slot])

    def is_received(self, slot: str) -> bool:
        """Whether somebody receives the change log through this slot now."""
        return bool(self.ask("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND active", [slot]))

    def wait_received(self, slot: str, lsn: str) -> None:
        """Wait until the receiver has the log durably up to a place.

        Raises BackupFailed when it does not come that far in time.
        """
        question = (
            "SELECT r.flush_lsn >= %s::pg_lsn FROM pg_replication_slots s"
            " JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = %s"
        )
        until = time.monotonic() + RECEIVED_SECONDS
        while time.monotonic() < until:
            if self.ask(question, [lsn, slot]) == [(True,)]:
                return
            time.sleep(0.05)
        raise BackupFailed("變更紀錄沒有送達備份位置。 The change log does not reach the backup place.")

    def makes_summaries(self) -> bool:
        """Whether a base can be taken as the blocks changed since another one."""
        version, setting = self.ask(
            "SELECT current_setting('server_version_num'), current_setting('summarize_wal', true)"
        )[0]
        return int(version) // 10_000 >= SUMMARIES_SINCE and setting == "on"

    def run(self, program: str, *arguments: str, shown: bool = False) -> str:
        """Run one of PostgreSQL's programs; what it said.

        Raises BackupFailed with its own words.
        """
        shows = shown and sys.stderr.isatty()
        done = subprocess.run(
            [*outliving_nobody(), str(self.programs / program), *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=None if shows else subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
        if done.returncode != 0:
            said = done.stdout.strip() or f"ended with {done.returncode}"
            raise BackupFailed(f"{program} 失敗：{said}。 {program} failed.")
        return done.stdout

    def take_base(self, folder: Path, rests_on: Path | None) -> None:
        """Copy the cluster and the log it needs into `folder`; changed blocks only when it rests on another.

        Raises BackupFailed; nothing in the folder counts then.
        """
        how = ["-X", "stream", "-c", "fast", "--manifest-checksums=SHA256", "--no-password", "-P"]
        if rests_on is not None:
            how += ["--incremental", str(rests_on / MANIFEST)]
        self.run("pg_basebackup", "-d", self.shown_url, "-D", str(folder), *how, shown=True)

    def check_base(self, folder: Path) -> None:
        """Hash every file of a base again and read its log.

        Raises BackupFailed with the name of what differs.
        """
        self.run("pg_verifybackup", "--quiet", str(folder))

    def first_log_file(self, folder: Path) -> str:
        """The file of the change log at which recovery of a base begins."""
        label = (folder / "backup_label").read_text(encoding="utf-8")
        found = re.search(r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$", label, re.MULTILINE)
        if found is None:
            raise BackupFailed("backup_label 看不懂。 The base's label cannot be read.")
        return found[1]

    def rows_of(self, site_url: str) -> dict[str, int]:
        """How many rows the append-only tables of a site hold: none may be missing after a restore."""
        counts = {}
        for table in APPEND_ONLY:
            question = f'SELECT count(*) FROM "{table}"'  # noqa: S608 -- our own constant names
            counts[table] = int(self.ask(question, url=site_url)[0][0])
        return counts


def utc(moment: datetime) -> str:
    """A moment as it stands in documents: UTC, microseconds, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def closed_log_files(folder: Path, first: str, known: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every finished file of a received log from `first` on, with its hash; `known` ones are not read."""
    done = {(row["path"], row["size"]): row for row in known}
    rows = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        is_history = re.fullmatch(r"[0-9A-F]{8}\.history", path.name) is not None
        is_closed = re.fullmatch(r"[0-9A-F]{24}", path.name) is not None and path.name[8:] >= first[8:]
        if is_history or is_closed:
            size = path.stat().st_size
            row = done.get((path.name, size)) or {"path": path.name, "size": size, "sha256": file_hash(path)}
            rows.append(row)
    return rows
