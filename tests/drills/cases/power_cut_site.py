"""The power of a whole site goes during uploads: database, copies and log come back with every acknowledged upload.

Row F6 for PostgreSQL, the copies and the log together, through the real `receive_file`; the guard, whose witness stands
elsewhere, opens afterwards without help. Control: PostgreSQL with fsync off.
"""

import json
import os
import shutil
import subprocess
import sys

from licheng.embedded.postgres import EmbeddedPostgres, PostgresFailed
from tests.drills.found import DrillFailed, Found, must
from tests.drills.parts.cutting import client_words, cut_while_writing
from tests.drills.parts.site import manage, migrated, settings_of

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4", "losetup")


def run(ground):
    """Cut a site on one volume, then the same with fsync off in its database."""
    right = _cut(ground, "safe", is_safe=True)
    control = _cut(ground, "unsafe", is_safe=False)
    return Found(
        acked=sum(right.acked),
        lost=sum(right.lost),
        unknown=right.unknown,
        control_lost=sum(control.lost),
        control="PostgreSQL with fsync=off",
        figures=right.figures("right") | control.figures("fsync_off"),
    )


def _cut(ground, name, *, is_safe):
    volume = ground.volume(name, size="900M")
    cluster = EmbeddedPostgres(volume.mount / "pg")
    cluster.start()
    if not is_safe:
        cluster.stop()
        with (cluster.data / "postgresql.conf").open("a") as configuration:
            configuration.write("fsync = off\nfull_page_writes = off\n")
        cluster.start()
    address = migrated(cluster, "drill")
    os.environ.update(_environment(ground, name, volume, address))
    must(manage("guard")[0] == 0, "a new site does not open")
    subprocess.run(["sync", "-f", str(volume.mount)], check=True)  # it was opened long ago
    words = client_words("site", "right", volume.mount, ground.seed)

    def look(cut, told):
        try:
            return _after(ground, name, cut, told)
        except (PostgresFailed, DrillFailed):
            if is_safe:
                raise
            return len(told), 0

    try:
        cuts = {"running": 3, "quiet": 2} if is_safe else {"running": 1, "quiet": 1}
        return cut_while_writing(ground, volume, words, look, **cuts)
    finally:
        cluster.stop()


def _environment(ground, name, volume, address):
    """A site whose everything lies on the volume but its keys and the witness of its volumes."""
    beside = ground.folder / f"beside-{name}"
    return settings_of(
        volume.mount / "home",
        address,
        LICHENG_KEYS=beside / "keys",
        LICHENG_WITNESS=beside / "witness",
        PYTHONUNBUFFERED=1,
    )


def _witness_of_cut(ground, name):
    """The witness as it stands, in a folder of its own: the site that is cut again goes on with the other."""
    copied = ground.folder / "witness-of-cut"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(ground.folder / f"beside-{name}" / "witness", copied)
    return str(copied)


def _after(ground, name, cut, told):
    """Start the database as after a reboot and ask the site for everything; (lost, unknown)."""
    cluster = EmbeddedPostgres(cut.mount / "pg")
    for lock in (cluster.data / "postmaster.pid", cluster.socket_folder / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)  # the process they name died with the power
    acks, result = ground.folder / "told", ground.folder / "verdict.json"
    acks.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")
    try:
        cluster.start()
        command = [sys.executable, "-m", "tests.drills.parts.checking", str(acks), str(result)]
        environment = {**os.environ, **_environment(ground, name, cut, cluster.url("drill"))}
        environment["LICHENG_WITNESS"] = _witness_of_cut(ground, name)
        must(
            manage("guard", environment=environment)[0] == 0, "the guard does not open after a mere power cut"
        )
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise DrillFailed(f"the site does not open after the cut: {done.stderr[-500:]}")
        row = json.loads(result.read_text(encoding="utf-8"))
        return row["lost"], row["rows"] - len(told)
    finally:
        try:
            cluster.stop()
        except PostgresFailed:
            if name == "safe":
                raise
