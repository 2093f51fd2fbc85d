"""An installation on one machine: made, started, introduced. People load the sample country later."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx

from licheng.embedded.follower import Follower
from licheng.embedded.postgres import EmbeddedPostgres
from licheng.embedded.processes import Processes, StartFailed
from licheng.embedded.sites import Site, planned

UNFINISHED = "RESTORE-UNFINISHED"  # stands in a folder while a restore fills it
WINDOWS_OPEN_DAYS = (7, 30)  # the sample semester's windows: from a week ago for a month


@dataclass(frozen=True, slots=True)
class Installation:
    """A running installation."""

    root: Path
    school: Site
    archive: Site
    courseplans: Site
    processes: Processes
    backup: Follower


@contextmanager
def installation(root: Path, *, fresh: bool, backup_to: Path | None = None) -> Iterator[Installation]:
    """Start every part under `root`, from nothing when `fresh`; stop them all afterwards, the backup last."""
    if not fresh and (root / UNFINISHED).exists():
        raise StartFailed(f"{root} 的還原沒有做完，不能使用。 The restore into it was not finished.")
    postgres = EmbeddedPostgres(root / "postgres")
    if fresh and root.exists():
        postgres.stop()
        shutil.rmtree(root)
    postgres.start()
    try:
        backup = Follower(root, backup_to)
        with planned(root, postgres) as sites, backup, Processes(root / "logs") as processes:
            for site in sites.values():
                postgres.ensure_database(f"licheng_{site.name}")
                postgres.ensure_role(site.role)
            with ThreadPoolExecutor() as threads:
                list(threads.map(partial(prepare, processes), sites.values()))
            backup.start()
            for site in sites.values():
                processes.run(site, "guard")
                processes.start(f"{site.name}-web", site, site.web_command())
                processes.start(f"{site.name}-worker", site, site.worker_command())
            for site in sites.values():
                processes.wait_ready(site)
            named = (sites["school"], sites["archive"], sites["courseplans"])
            here = Installation(root, *named, processes, backup)
            _pin_archive_keys(here)
            yield here
    finally:
        postgres.stop()


def prepare(processes: Processes, site: Site) -> None:
    """Give a site its keys, tables and static files; sites have none of these in common."""
    processes.run(site, "licheng_keys", "--origin", site.origin)
    processes.run(site, "migrate", "--verbosity", "0")
    processes.run(site, "collectstatic", "--noinput", "--verbosity", "0")


def _pin_archive_keys(here: Installation) -> None:
    """The school trusts the archive's keys that it was given once, not whatever is fetched later."""
    text = httpx.get(f"{here.archive.url}/keys.txt", timeout=10).raise_for_status().text
    (here.school.home / "keys" / "archive-keys.txt").write_text(text, encoding="utf-8")


def introduce_school(here: Installation, code: str, name: str) -> None:
    """Register a school at the archive: its published keys go there, its token comes back."""
    text = httpx.get(f"{here.school.url}/keys.txt", timeout=10).raise_for_status().text
    keys = here.root / "school-keys.txt"
    keys.write_text(text, encoding="utf-8")
    tokens = here.school.home / "keys" / "archive-tokens"
    tokens.mkdir(mode=0o700, exist_ok=True)
    command = ["register_school", "--code", code, "--name", name, "--keys", str(keys)]
    here.processes.run(here.archive, *command, "--token-file", str(tokens / code))


def open_windows(here: Installation, school_year: int, semester: int) -> None:
    """Open the sample semester's windows around today."""
    now = datetime.now().astimezone().replace(microsecond=0)
    before, after = (timedelta(days=days) for days in WINDOWS_OPEN_DAYS)
    command = ["set_windows", "--school-year", str(school_year), "--semester", str(semester)]
    command += ["--opens", (now - before).isoformat(), "--closes", (now + after).isoformat()]
    here.processes.run(here.school, *command)
