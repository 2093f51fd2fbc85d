"""Keeping every moment: the change log is received at once, log and files follow every few seconds."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from licheng.backup.cluster import Cluster
from licheng.backup.folders import Taking
from licheng.backup.place import BackupFailed, Body, Place
from licheng.backup.points import has_log_of, write_point
from licheng.backup.sources import Source
from licheng.backup.whole import make_backup, new_id, slot_of
from licheng.embedded.processes import outliving_nobody

START_SECONDS = 30
STOP_SECONDS = 10


def follow(source: Source, place: Place, *, every_seconds: float, stopping: threading.Event) -> None:
    """Receive the log and write a point every few seconds until `stopping` is set; then one last point.

    Raises BackupFailed when the place or the database can no longer be reached.
    """
    place.prepare()
    cluster, slot = source.cluster, slot_of(place)
    system = cluster.system()
    log = _log_without_gap(cluster, place, system, slot)
    with receiving(cluster, place, log, slot) as receiver:
        base = newest_base(place, system)
        if base is None or not has_log_of(place, log, base):
            base = make_backup(source, place, keys=None, shown=True)
        taking = Taking(place)
        is_last = False
        while not is_last:
            is_last = stopping.wait(every_seconds)
            if receiver.poll() is not None:
                raise BackupFailed(f"變更紀錄的接收停了：{_log_of(place)} The log is no longer received.")
            base = newest_base(place, system) or base
            try:
                write_point(source, taking, base, slot=slot, name=f"licheng-{new_id()}")
            except OSError as failure:
                raise BackupFailed(f"備份位置寫不進去：{failure}。 The place cannot be written.") from failure


def newest_base(place: Place, system: str) -> Body | None:
    """The newest whole backup of a cluster."""
    return next(reversed(place.backups(system)), None)


def _log_without_gap(cluster: Cluster, place: Place, system: str, slot: str) -> str:
    """The log to go on with, or the name of a new one: without its slot nothing held the next change back."""
    state, current = cluster.slot_state(slot), place.current_log(system)
    if state == "lost":
        cluster.drop_slot(slot)
    return current if current and state not in {"", "lost"} else f"{system}-{new_id()}"


@contextmanager
def receiving(cluster: Cluster, place: Place, log_name: str, slot: str) -> Iterator[subprocess.Popen[bytes]]:
    """Receive the change log through the slot of a place, flushed to disk as it comes.

    Raises BackupFailed when it does not begin.
    """
    folder = place.log_folder(log_name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not cluster.slot_state(slot):
        cluster.run(
            "pg_receivewal", "-d", cluster.shown_url, "--slot", slot, "--create-slot", "--if-not-exists"
        )
    command = [
        str(cluster.programs / "pg_receivewal"),
        "-d",
        cluster.shown_url,
        "-D",
        str(folder),
        "--no-password",
    ]
    command += ["--slot", slot, "--synchronous", "--status-interval", "1"]
    with (place.root / "receiver.log").open("wb") as log:
        process = subprocess.Popen(
            [*outliving_nobody(), *command], env=cluster.environment, stdout=log, stderr=log
        )
    try:
        _wait_begun(cluster, slot, process, place)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_begun(cluster: Cluster, slot: str, process: subprocess.Popen[bytes], place: Place) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if cluster.is_received(slot):
            return
        time.sleep(0.1)
    raise BackupFailed(f"變更紀錄無法接收：{_log_of(place)} The change log is not received.")


def _log_of(place: Place) -> str:
    said = (place.root / "receiver.log").read_text(encoding="utf-8", errors="replace")[-2000:].strip()
    print(said, file=sys.stderr, flush=True)
    return said.rpartition("\n")[2]
