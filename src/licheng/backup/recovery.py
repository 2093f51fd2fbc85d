"""Bringing the cluster back: base into place, log beside it, replay to the target."""

import os
import shutil
import time
from pathlib import Path

from licheng.backup.cluster import Cluster, utc
from licheng.backup.place import BackupFailed
from licheng.backup.plans import Plan, log_files
from licheng.backup.sources import database_of
from licheng.embedded.postgres import EmbeddedPostgres, PostgresFailed, programs

RECOVERY = """
# Written by a restore and removed again when it is done.
restore_command = 'cp ../wal/%f %p'
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
"""
AUTO_CONF = "postgresql.auto.conf"
# As in every cluster of the embedded default: only a socket lets people in, and it stands in its folder.
ACCESS = "local all all trust\nlocal replication all trust\n"


def recover(plan: Plan, postgres: EmbeddedPostgres) -> str:
    """Put the database of a plan into an empty folder and replay it; the time of its last change (UTC).

    The server runs afterwards. Raises BackupFailed when the target is not reached.
    """
    postgres.root.mkdir(parents=True, exist_ok=True)
    folders = plan.base_folders()
    if len(folders) == 1:
        shutil.copytree(folders[0], postgres.data)
    else:
        Cluster("", programs()).run("pg_combinebackup", *map(str, folders), "-o", str(postgres.data))
    log = postgres.root / "wal"
    log.mkdir()
    for path in log_files(plan) if plan.needs_log else ():
        _copy_log_file(path, log)
    (postgres.data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
    (postgres.data / "postgresql.conf").touch()  # Debian keeps a server's settings elsewhere
    settings = postgres.data / AUTO_CONF
    before = settings.read_bytes()
    settings.chmod(0o600)
    settings.write_bytes(before + f"{RECOVERY}{plan.target}\n".encode())
    (postgres.data / "recovery.signal").touch()
    (postgres.root / "log").touch()
    postgres.take_over()
    try:
        postgres.start()
        reached = _wait_promoted(postgres)
        postgres.stop()
        settings.write_bytes(before)
        shutil.rmtree(log)
        postgres.start()
    except PostgresFailed as failure:
        raise _explained(postgres) from failure
    _rename_databases(plan, Cluster(postgres.url("postgres"), programs()))
    return reached


def _copy_log_file(path: Path, to: Path) -> None:
    """Copy one received file under its final name; the unfinished one may have been finished meanwhile."""
    name = path.name.removesuffix(".partial")
    try:
        shutil.copyfile(path, to / name)
    except FileNotFoundError:
        shutil.copyfile(path.with_name(name), to / name)


def _rename_databases(plan: Plan, cluster: Cluster) -> None:
    """Call each site's database what the embedded default calls it."""
    for name, site in plan.sites.items():
        if site["database"] != database_of(name) and name in plan.base["sites"]:
            rename = 'ALTER DATABASE "{}" RENAME TO "{}"'.format(site["database"], database_of(name))
            cluster.ask(rename)


def _wait_promoted(postgres: EmbeddedPostgres) -> str:
    """Wait until the target is reached; the time of the last change that was replayed."""
    cluster = Cluster(postgres.url("postgres"), programs())
    question = "SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()"
    while True:
        if not postgres.is_running():
            raise _explained(postgres)
        try:
            in_recovery, last = cluster.ask(question)[0]
        except BackupFailed:  # not yet open for questions, or gone: the next look says which
            in_recovery, last = True, None
        if not in_recovery:
            return utc(last) if last else ""
        time.sleep(0.1)


def _explained(postgres: EmbeddedPostgres) -> BackupFailed:
    """Why the server gave up, in its own words."""
    log = postgres.root / "log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    said = os.linesep.join(fatal[-3:]) or "no reason given"
    return BackupFailed(f"資料庫無法還原到這一刻：{said}。 The database cannot be brought to this moment.")
