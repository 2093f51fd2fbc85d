"""Nothing of a drill outlives it: processes of its session, clusters, mounts and loop devices under its folder."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 10


def clear(folder, session):
    """End and take away everything under a folder; what could not be taken away, in words."""
    folder = folder.resolve()
    _end(lambda: _of_session(session) if session is not None else [])
    _end(lambda: _clusters(folder))
    for mount in sorted(_mounts(folder), key=len, reverse=True):
        if subprocess.run(["umount", mount], check=False, capture_output=True).returncode:
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
    for device in _devices(folder):
        subprocess.run(["losetup", "-d", device], check=False, capture_output=True)
    left = [f"still mounted: {mount}" for mount in _mounts(folder)]
    return left + [f"still attached: {device}" for device in _settled(lambda: _devices(folder))]


def _end(find):
    """Kill the processes that `find` names until there are none."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (pids := find()) and time.monotonic() < until:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _settled(find):
    """What `find` still names after a moment: a loop device goes when its last user has."""
    until = time.monotonic() + PATIENCE_SECONDS
    while find() and time.monotonic() < until:
        time.sleep(0.1)
    return find()


def _of_session(session):
    """Processes of the session that a drill was started in; zombies do not count."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _parent, _group, sid = stat.read_text().rpartition(")")[2].split()[:4]
            if int(sid) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found


def _clusters(folder):
    """PostgreSQL servers whose data lies under the folder: pg_ctl gives each a session of its own."""
    found = []
    for file in folder.rglob("postmaster.pid"):
        with suppress(FileNotFoundError, IndexError, ValueError, OSError):
            pid = int(file.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if os.fsencode(file.parent) in command:
                found.append(pid)
    return found


def _mounts(folder):
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    places = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    return [place for place in places if Path(place).is_relative_to(folder)]


def _devices(folder):
    asked = subprocess.run(
        ["losetup", "--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE"],
        check=False,
        capture_output=True,
        text=True,
    )
    pairs = [row.split(maxsplit=1) for row in asked.stdout.splitlines()]
    return [pair[0] for pair in pairs if len(pair) > 1 and Path(pair[1]).is_relative_to(folder)]
