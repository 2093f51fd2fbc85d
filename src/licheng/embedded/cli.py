"""`licheng`: the embedded default on one machine."""

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


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when everything held."""
    parser = argparse.ArgumentParser(prog="licheng", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says in (
        ("demo", "load the sample country, walk the whole path, then keep serving"),
        ("demo-check", "the same without serving; the last line is one JSON object with the counts"),
        ("serve", "start what the last demo left"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="where everything is kept")
    options = parser.parse_args(arguments)
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


if __name__ == "__main__":
    sys.exit(main())
