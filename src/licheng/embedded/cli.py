"""`licheng demo`, `demo-check` and `serve`: the embedded default on one machine."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from licheng.embedded.installation import Installation, installation
from licheng.embedded.processes import StartFailed
from licheng.embedded.sites import REPOSITORY
from licheng.embedded.visitor import WalkFailed
from licheng.embedded.walkthrough import Walk, walk

DEFAULT_ROOT = REPOSITORY / "var" / "demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the three commands take."""
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="where everything is kept")


def run(options: argparse.Namespace) -> int:
    """Run a command; 0 when everything held."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, our processes end with us
    try:
        return _run(options.command, options.root)
    except (WalkFailed, StartFailed) as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已停止。 Stopped.")
        return 0


def _run(command: str, root: Path) -> int:
    with installation(root, fresh=command != "serve") as here:
        if command == "serve":
            _serve(here, None)
            return 0
        done = walk(here)
        if command == "demo":
            _serve(here, done)
        else:
            print(json.dumps(done.counts))
    return 0


def _serve(here: Installation, done: Walk | None) -> None:
    """Print where everything is, then wait until the user stops."""
    print(f"\n學校平臺 School   {here.school.url}\n中央資料庫 Archive {here.archive.url}")
    sign_ins = here.root / "sign-ins.txt"
    if done is not None:
        sign_ins.write_text("\n".join(done.sign_ins) + "\n", encoding="utf-8")
    if sign_ins.exists():
        print("\n登入 Sign-ins\n" + sign_ins.read_text(encoding="utf-8"))
    print("按 Ctrl-C 結束。 Press Ctrl-C to stop.", flush=True)
    while True:
        here.processes.check()
        time.sleep(1)
