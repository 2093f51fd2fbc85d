"""`licheng restore-drill`: restore into a folder of its own, prove what must hold, clean up."""

import argparse
import json
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from licheng.backup.cluster import Cluster, utc
from licheng.backup.keys import add_passphrase_option, passphrase_from
from licheng.backup.place import BackupFailed, Body, Place
from licheng.backup.plans import Plan, plan_restore
from licheng.backup.proving import SAMPLE_PROOFS, RestoredSite, prove
from licheng.backup.restoring import Restored, add_wanted, keys_for, restore, site_at
from licheng.backup.sources import database_of, embedded_source
from licheng.embedded.postgres import EmbeddedPostgres, programs
from licheng.embedded.processes import Processes, StartFailed
from licheng.foundations.durable import write_durably

SECONDS_A_MINUTE = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `licheng restore-drill` takes."""
    parser.add_argument("--from", dest="place", required=True, type=Path, help="folder of the backups")
    parser.add_argument(
        "--keys-from", required=True, type=Path, help="folder of the sealed keys, or one file"
    )
    add_wanted(parser)
    add_passphrase_option(parser)
    parser.add_argument(
        "--work", type=Path, help="where the folder of the drill is made; else the temporary one"
    )
    parser.add_argument("--all", action="store_true", help="verify every proof and receipt, not a sample")
    parser.add_argument("--seed", default="", help="repeat the sample of an earlier drill")
    parser.add_argument("--report", type=Path, help="write the result there too (JSON)")
    parser.add_argument("--live", type=Path, help="the running embedded installation that is told the result")


def run(options: argparse.Namespace) -> int:
    """Drill; 0 when everything held. The last line is one JSON object."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        passphrase = passphrase_from(options.passphrase_file, twice=False)
        plan = plan_restore(Place(options.place), until=options.until, backup=options.backup)
        keys = keys_for(plan, options.keys_from, passphrase)
        proofs = None if options.all else SAMPLE_PROOFS
        report = drill(plan, keys=keys, work=options.work, proofs=proofs, seed=options.seed, shown=True)
        if options.report is not None:
            write_durably(options.report, _encoded(report))
        if options.live is not None:
            tell_live(options.live, report)
    except (BackupFailed, StartFailed, OSError) as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("✗ 已中斷。 Stopped.", file=sys.stderr)
        return 1
    for name, site in report["sites"].items():
        for problem in site["problems"]:
            print(f"✗ {name}: {problem}", file=sys.stderr)
    print(json.dumps(report, ensure_ascii=False))
    return 0 if report["is_good"] else 1


def drill(
    plan: Plan,
    *,
    keys: dict[str, bytes],
    work: Path | None = None,
    proofs: int | None = SAMPLE_PROOFS,
    seed: str = "",
    shown: bool = False,
) -> dict[str, Any]:
    """Restore into a folder that is deleted again and prove every site; the report.

    Raises BackupFailed when the restore itself fails.
    """
    seed, began = seed or secrets.token_hex(4), time.monotonic()
    at = datetime.now(UTC)
    with own_folder(work) as folder:
        done = restore(plan, keys=keys, to=folder / "site", shown=shown)
        sites = proven_sites(folder / "site", plan, proofs=proofs, seed=seed)
    minutes = round((time.monotonic() - began) / SECONDS_A_MINUTE, 2)
    return {
        "at": utc(at),
        "backup": done.backup,
        "moment": done.moment,
        "behind_seconds": round((at - datetime.fromisoformat(done.moment)).total_seconds(), 1),
        "minutes": minutes,
        "seed": seed,
        "is_good": not any(site["problems"] for site in sites.values()),
        "sites": {name: _figures(name, done) | site for name, site in sites.items()},
    }


def proven_sites(
    root: Path, plan: Plan, *, proofs: int | None = SAMPLE_PROOFS, seed: str = "0"
) -> dict[str, dict[str, Any]]:
    """Start a restored installation's database and prove every site that came back; figures by site."""
    postgres = EmbeddedPostgres(root / "postgres")
    postgres.start()
    try:
        sites = {}
        for name in (name for name in plan.sites if (root / name).is_dir()):
            url = postgres.url(database_of(name))
            site = RestoredSite(name, root / name, Cluster(url, programs()))
            sites[name] = asdict(prove(site, _noted(plan, name), seed=seed, proofs=proofs))
        return sites
    finally:
        postgres.stop()


def _noted(plan: Plan, name: str) -> dict[str, int]:
    """How many append-only rows must be there: those counted before the moment that was restored."""
    body: Body = plan.base if plan.until else plan.end
    rows: dict[str, int] = body["rows"].get(name, {})  # a site that was opened after the base has none there
    return rows


def _figures(name: str, done: Restored) -> dict[str, Any]:
    site = done.sites[name]
    return {"tables": site.rows, "taught": site.taught, "bytes": site.bytes}


def _encoded(report: dict[str, Any]) -> bytes:
    return json.dumps(report, ensure_ascii=False, indent=1).encode()


@contextmanager
def own_folder(work: Path | None) -> Iterator[Path]:
    """A folder of the drill's own, gone afterwards with the database in it."""
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="licheng-drill-", dir=work))
    folder.chmod(0o755)  # PostgreSQL's own account passes through
    try:
        yield folder
    finally:
        EmbeddedPostgres(folder / "site" / "postgres").stop()
        shutil.rmtree(folder)


def tell_live(root: Path, report: dict[str, Any]) -> None:
    """Have the live sites write the result down, for their integrity pages.

    Raises StartFailed when a site refuses it.
    """
    postgres = EmbeddedPostgres(root / "postgres")
    with (
        embedded_source(root),
        tempfile.TemporaryDirectory() as folder,
        Processes(root / "logs") as processes,
    ):
        path = Path(folder) / "report.json"
        path.write_bytes(_encoded(report))
        for name in report["sites"]:
            site = site_at(root, name, postgres)
            processes.run(site, "record_restore_drill", "--file", str(path), "--site", name)
