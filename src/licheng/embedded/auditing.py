"""`licheng audit verify`: every site's audit chain computed again and compared with its signed log."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from licheng.embedded.postgres import EmbeddedPostgres, PostgresFailed
from licheng.embedded.sites import PREFERRED_PORTS, REPOSITORY, Site

COMMAND = (sys.executable, str(REPOSITORY / "manage.py"), "audit_verify")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `licheng audit` takes."""
    parser.add_argument("what", choices=["verify"], help="compute the chains again")
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY / "var" / "demo", help="the embedded installation"
    )
    parser.add_argument(
        "--this-site", action="store_true", help="instead: the one site whose settings are in the environment"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object by site")


def run(options: argparse.Namespace) -> int:
    """Verify; 0 when every chain of every site is whole, 1 otherwise."""
    more = ["--json"] if options.json else []
    if options.this_site:
        return subprocess.run([*COMMAND, *more], check=False).returncode
    try:
        with _sites(options.root) as sites:
            answers = {site.name: _asked(site, more) for site in sites}
    except PostgresFailed as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({name: _figures(said) for name, (_code, said) in answers.items()}))
    else:
        for name, (_code, said) in answers.items():
            print(f"{name}：\n{said.strip()}")
    return int(any(code for code, _said in answers.values()))


@contextmanager
def _sites(root: Path) -> Iterator[list[Site]]:
    """The sites under `root`; their database is started meanwhile if nobody runs it.

    Raises PostgresFailed when nothing is installed there.
    """
    postgres = EmbeddedPostgres(root / "postgres")
    homes = [name for name in PREFERRED_PORTS if (root / name).is_dir()]
    if not homes or not (postgres.data / "PG_VERSION").exists():
        raise PostgresFailed(f"{root} 沒有安裝任何平臺。 Nothing is installed there.")
    was_running = postgres.is_running()
    postgres.start()
    try:
        yield [Site(name, root / name, 0, postgres.url(f"licheng_{name}"), "") for name in homes]
    finally:
        if not was_running:
            postgres.stop()


def _asked(site: Site, more: list[str]) -> tuple[int, str]:
    """The command's exit code and what it said, errors included."""
    done = subprocess.run(
        site.command("audit_verify", *more),
        check=False,
        env=site.environment() | {"LICHENG_LOG": os.environ.get("LICHENG_LOG", "text")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout or done.stderr


def _figures(said: str) -> object:
    try:
        return json.loads(said)
    except ValueError:
        return {"is_good": False, "error": said.strip().rpartition("\n")[2]}
