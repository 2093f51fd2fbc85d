"""`licheng restore`: everything checked, then written into an empty folder, then agreed with each other."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from licheng.backup.cluster import Cluster
from licheng.backup.keys import add_passphrase_option, open_keys, passphrase_from, write_keys
from licheng.backup.place import BackupFailed, Body, Place, Row
from licheng.backup.plans import Plan, check_plan, plan_restore
from licheng.backup.recovery import recover
from licheng.backup.sources import database_of
from licheng.embedded.installation import UNFINISHED
from licheng.embedded.postgres import EmbeddedPostgres, PostgresFailed, programs
from licheng.embedded.processes import Processes, StartFailed
from licheng.embedded.sites import Site
from licheng.foundations.durable import write_durably

REPORT = "restored.json"
COPY_NAMES = ("a", "b")  # of the two folders that a restored site keeps its files in


@dataclass(slots=True)
class SiteRestored:
    """What came back of one site; `taught`: log entries that the database of that moment did not know."""

    rows: dict[str, int]
    files: int
    bytes: int
    ledger: int
    taught: int = 0
    migrated: bool = False


@dataclass(slots=True)
class Restored:
    """What a restore brought back, from which backup, to which moment (UTC), in how many seconds."""

    backup: str
    moment: str
    last_change: str
    seconds: float
    sites: dict[str, SiteRestored] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `licheng restore` takes."""
    parser.add_argument("--from", dest="place", required=True, type=Path, help="folder of the backups")
    parser.add_argument(
        "--keys-from", required=True, type=Path, help="folder of the sealed keys, or one file"
    )
    parser.add_argument("--to", required=True, type=Path, help="an empty folder")
    add_wanted(parser)
    add_passphrase_option(parser)


def add_wanted(parser: argparse.ArgumentParser) -> None:
    """Which moment is wanted."""
    parser.add_argument(
        "--until", type=moment, help="a moment such as 2026-11-22T13:05:00+08:00; else the newest"
    )
    parser.add_argument("--backup", default="", help="one whole backup by its name")


def moment(text: str) -> datetime:
    """A moment in ISO 8601; without an offset it is meant in local time."""
    return datetime.fromisoformat(text).astimezone()


def run(options: argparse.Namespace) -> int:
    """Restore; 0 when every part agrees."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        place = Place(options.place)
        passphrase = passphrase_from(options.passphrase_file, twice=False)
        plan = plan_restore(place, until=options.until, backup=options.backup)
        done = restore(plan, keys=keys_for(plan, options.keys_from, passphrase), to=options.to, shown=True)
    except (BackupFailed, OSError) as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "✗ 已中斷；資料夾不完整，請刪除。 Stopped; the folder is not whole, delete it.", file=sys.stderr
        )
        return 1
    for name, site in done.sites.items():
        print(
            f"{name}：檔案 files {site.files}，帳本 log {site.ledger}，資料列 rows {sum(site.rows.values())}"
        )
        if site.taught:
            print(f"  帳本有 {site.taught} 筆是這一刻之後的。 The log holds that many entries from after it.")
    print(f"✓ 還原到 restored to {done.moment}（{done.seconds:.0f} s）→ licheng serve --root {options.to}")
    return 0


def keys_for(plan: Plan, keys_from: Path, passphrase: str) -> dict[str, bytes]:
    """The keys, from one file or the newest of a folder.

    Raises BackupFailed for a wrong passphrase, or when there is no key file.
    """
    if keys_from.is_file():
        return open_keys(keys_from, passphrase)
    named = plan.base.get("keys")
    files = [keys_from / named["name"]] if named else sorted(keys_from.glob("*.keys"))
    found = [path for path in files if path.exists()]
    if not found:
        raise BackupFailed(f"{keys_from} 沒有金鑰檔。 There is no key file.")
    return open_keys(found[-1], passphrase)


def restore(plan: Plan, *, keys: dict[str, bytes], to: Path, shown: bool = False) -> Restored:
    """Bring a plan's moment back into an empty folder; its database is stopped again afterwards.

    Raises BackupFailed; the folder then says of itself that it is not whole.
    """
    began = time.monotonic()
    refuse_used(to)
    require_keys(keys, plan.base["sites"])
    with plan.place.locked("objects", shared=True):  # nothing is pruned meanwhile
        return _restored(plan, keys, to, began, shown=shown)


def require_keys(keys: dict[str, bytes], sites: Iterable[str]) -> None:
    """Raise BackupFailed unless the key file has the keys of these sites."""
    missing = [name for name in sites if f"{name}/ledger.key" not in keys]
    if missing:
        raise BackupFailed(f"金鑰檔沒有 {missing} 的金鑰。 The key file lacks keys of these sites.")


def _restored(plan: Plan, keys: dict[str, bytes], to: Path, began: float, *, shown: bool) -> Restored:
    """The restore itself: check, write, have everything agree, say that it is whole."""
    check_plan(plan, programs(), shown=shown)
    to.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_durably(
        to / UNFINISHED, "還原沒有做完，請刪除。 The restore was not finished; delete this.\n".encode()
    )
    postgres = EmbeddedPostgres(to / "postgres")
    done = Restored(plan.base["id"], plan.moment, "", 0.0)
    try:
        done.last_change = recover(plan, postgres)
        sites = _sites_of_that_moment(plan, postgres)
        require_keys(keys, sites)
        for name, body in sites.items():
            home = to / name
            place_keys(keys, name, home / "keys")
            place_ledger(plan.place, body, home / "ledger")
            files = place_files(plan.place, plan.files(name), home)
            place_rows(plan.place, body["packages"], home / "packages")
            done.sites[name] = _agreed(postgres, to, name, files)
    except (PostgresFailed, StartFailed) as failure:
        raise BackupFailed(f"還原的平臺沒有通過檢查：{failure}") from failure
    finally:
        postgres.stop()
    os.sync()  # everything above is on the device before the folder counts as whole
    done.seconds = round(time.monotonic() - began, 1)
    write_durably(to / REPORT, json.dumps(asdict(done), ensure_ascii=False, indent=1).encode())
    (to / UNFINISHED).unlink()
    return done


def _sites_of_that_moment(plan: Plan, postgres: EmbeddedPostgres) -> dict[str, Body]:
    """The plan's sites whose database was there at the moment; one that was opened later is not."""
    asked = Cluster(postgres.url("postgres"), programs()).ask("SELECT datname FROM pg_database")
    there = {name for (name,) in asked}
    return {name: body for name, body in plan.sites.items() if database_of(name) in there}


def refuse_used(to: Path) -> None:
    """Raise BackupFailed unless the folder is empty or not there."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BackupFailed(f"{to} 不是空的資料夾。 The target is not an empty folder.")


def place_keys(keys: dict[str, bytes], name: str, folder: Path) -> None:
    """Write one site's keys."""
    folder.mkdir(mode=0o700, parents=True)
    write_keys(keys, name, folder)


def place_ledger(place: Place, body: Body, folder: Path) -> None:
    """Write the log of one site's part of a document."""
    place_rows(place, body["ledger"]["files"], folder)


def place_files(place: Place, rows: list[Row], home: Path) -> list[Row]:
    """Write every file content into both copies."""
    for copy in ("copy-a", "copy-b"):
        (home / copy).mkdir(parents=True, exist_ok=True)
        place_rows(
            place, [{**row, "path": f"{row['sha256'][:2]}/{row['sha256']}"} for row in rows], home / copy
        )
    return rows


def place_rows(place: Place, rows: list[Row], folder: Path) -> None:
    """Write contents under the names they had; every byte was hashed by the check before."""
    for row in rows:
        path = folder / row["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place.object_path(row["sha256"]), path)
        path.chmod(0o640)


def site_at(to: Path, name: str, postgres: EmbeddedPostgres) -> Site:
    """A restored site as its own commands see it; it serves nobody, so its addresses are never asked."""
    return Site(name, to / name, 0, postgres.url(database_of(name)), "http://127.0.0.1:0")


def settle(processes: Processes, site: Site) -> dict[str, int]:
    """Have a restored site take its log and its copies as its own; how long its log is and what it learnt.

    Raises StartFailed when the database remembers more than the log holds, or the copies lack something.
    """
    said = processes.run(site, "settle_restored")
    answer: dict[str, int] = json.loads(said.strip().rpartition("\n")[2])
    adopt = [word for copy in COPY_NAMES for word in ("--adopt-new-volume", copy)]
    processes.run(site, "guard", *adopt)
    return answer


def _agreed(postgres: EmbeddedPostgres, to: Path, name: str, files: list[Row]) -> SiteRestored:
    """Migrations, log against database, volumes; then what is there."""
    site = site_at(to, name, postgres)
    postgres.ensure_role(site.role)  # a backup of programs that knew no second role lacks it
    with Processes(to / "logs") as processes:
        try:
            processes.run(site, "migrate", "--check")
            migrated = False
        except StartFailed:  # the programs are newer than the backup
            processes.run(site, "migrate", "--verbosity", "0")
            migrated = True
        answer = settle(processes, site)
    rows = count_rows(Cluster(site.database_url, programs()))
    size = sum(row["size"] for row in files)
    return SiteRestored(rows, len(files), size, answer["size"], answer["taught"], migrated)


def count_rows(cluster: Cluster) -> dict[str, int]:
    """How many rows every table holds."""
    tables = cluster.ask(
        "SELECT quote_ident(tablename), tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 2"
    )
    return {
        str(name): int(cluster.ask(f"SELECT count(*) FROM {quoted}")[0][0])  # noqa: S608 -- quoted by PostgreSQL
        for quoted, name in tables
    }
