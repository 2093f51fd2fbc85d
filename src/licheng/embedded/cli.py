"""`licheng demo`, `demo-check` and `serve`: the embedded default on one machine."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from licheng.embedded import codes
from licheng.embedded.installation import Installation, installation
from licheng.embedded.processes import StartFailed
from licheng.embedded.sites import DEFAULT_ROOT
from licheng.embedded.visitor import WalkFailed
from licheng.embedded.walkthrough import Walk, walk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the three commands take."""
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="where everything is kept")
    place = os.environ.get("LICHENG_BACKUP_TO")
    parser.add_argument(
        "--backup-to",
        type=Path,
        default=Path(place) if place else None,
        help="folder on another device where every moment is kept; default: LICHENG_BACKUP_TO",
    )


def run(options: argparse.Namespace) -> int:
    """Run a command; 0 when everything held."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, our processes end with us
    try:
        return _run(options)
    except (WalkFailed, StartFailed) as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已停止。 Stopped.")
        return 0


def _run(options: argparse.Namespace) -> int:
    is_fresh = options.command != "serve"
    with installation(options.root, fresh=is_fresh, backup_to=options.backup_to) as here:
        if not is_fresh:
            _serve(here, None)
            return 0
        done = walk(here)
        if options.command == "demo":
            _serve(here, done)
        else:
            print(json.dumps(done.counts))
    return 0


def _serve(here: Installation, done: Walk | None) -> None:
    """Print where everything is, then wait until the user stops."""
    print(f"\n學校平臺 School   {here.school.url}\n中央資料庫 Archive {here.archive.url}")
    print(f"課程計畫平臺 Course plans {here.courseplans.url}")
    sign_ins = here.root / "sign-ins.txt"
    if done is not None:
        sign_ins.write_text("\n".join(done.sign_ins) + "\n", encoding="utf-8")
        codes.keep(here.root, done.apps)
    if sign_ins.exists():
        print("\n登入 Sign-ins\n" + sign_ins.read_text(encoding="utf-8"))
    print("按 Ctrl-C 結束。 Press Ctrl-C to stop.", flush=True)
    while True:
        here.processes.check()
        here.backup.check()
        time.sleep(1)
