"""`licheng backup`: one whole backup, or every moment from now on with `--follow`."""

import argparse
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from licheng.backup.following import follow
from licheng.backup.keys import add_passphrase_option, passphrase_from, refuse_inside
from licheng.backup.place import BackupFailed, Body, Place
from licheng.backup.sources import Source, embedded_source, server_source
from licheng.backup.whole import KeysTo, make_backup
from licheng.embedded.postgres import programs
from licheng.embedded.sites import REPOSITORY

UNREADABLE = 3  # exit code: the backup counts, yet no copy of some file gave its bytes back


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `licheng backup` takes."""
    parser.add_argument("--to", required=True, type=Path, help="folder of the backups, on another device")
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY / "var" / "demo", help="the embedded installation"
    )
    parser.add_argument(
        "--site-home", type=Path, help="instead: the home of one site whose settings are in the environment"
    )
    parser.add_argument("--pg-bin", type=Path, help="PostgreSQL's programs, of the server's version")
    parser.add_argument("--keys-to", type=Path, help="another folder, for the sealed keys")
    add_passphrase_option(parser)
    parser.add_argument(
        "--keep", type=int, help="how many whole backups stay; older ones go after this one held"
    )
    parser.add_argument("--follow", type=float, metavar="SECONDS", help="keep every moment until stopped")


def run(options: argparse.Namespace) -> int:
    """Make the backup; 0 when it counts, 1 when not, 3 when it counts but a file was lost before."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        keys = _keys(options)
        with ExitStack() as stack:
            source = _source(options, stack)
            if options.follow is not None:
                _follow(source, Place(options.to), options.follow)
                return 0
            body = make_backup(source, Place(options.to), keys=keys, keep=options.keep, shown=True)
    except BackupFailed as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("✗ 已中斷，這次備份不算數。 Stopped; this backup does not count.", file=sys.stderr)
        return 1
    return _report(body, options.to)


def _source(options: argparse.Namespace, stack: ExitStack) -> Source:
    if options.site_home is not None:
        return server_source(options.site_home, options.pg_bin or programs())
    return stack.enter_context(embedded_source(options.root))


def _keys(options: argparse.Namespace) -> KeysTo | None:
    if options.keep is not None and options.keep < 1:
        raise BackupFailed("--keep 至少是 1。 --keep is at least 1.")
    if options.keys_to is None:
        return None
    refuse_inside(options.keys_to, options.to)
    return KeysTo(options.keys_to, passphrase_from(options.passphrase_file, twice=True))


def _follow(source: Source, place: Place, every_seconds: float) -> None:
    """Follow until a signal says stop; the last point is written after it."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    follow(source, place, every_seconds=every_seconds, stopping=stopping)


def _report(body: Body, to: Path) -> int:
    unreadable = 0
    for name, site in body["sites"].items():
        files, log = site["files"], site["ledger"]["size"]
        print(f"{name}：檔案 files {len(files)}，帳本 log {log}，{sum(f['size'] for f in files):,} bytes")
        unreadable += len(site["unreadable"])
        for sha256 in site["unreadable"]:
            print(f"✗ 所有副本都讀不出 no copy gives back {sha256}", file=sys.stderr)
    moment = "之後的每一刻 every moment from here" if body["mark"] else "這一刻 this moment"
    print(f"✓ {body['id']} → {to}（可還原到 can be restored to: {moment}）")
    if body["keys"] is None:
        print("! 沒有備份金鑰（--keys-to）。 The keys were not backed up; without them no restore works.")
    return UNREADABLE if unreadable else 0
