"""One real installation for all of these tests, and one place that kept every moment of a small history."""

import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from licheng.backup.following import follow, newest_base
from licheng.backup.keys import open_keys, seal_keys
from licheng.backup.place import Place
from tests.backup.country import PASSPHRASE, Country

BEFORE, BETWEEN, AFTER = 20, 10, 5  # files acknowledged before the base, before the harm, after the harm


@contextmanager
def passable_folder():
    """A folder that PostgreSQL's own account may pass through; pytest closes its own ones to others again."""
    folder = Path(tempfile.mkdtemp(prefix="licheng-backup-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def tmp_path():
    """As pytest's, and a cluster can live in it."""
    with passable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def country():
    """Every site with its database; the school has acknowledged some files."""
    with passable_folder() as folder:
        made = Country(folder).make()
        made.acknowledge(0, BEFORE)
        yield made
        made.stop()


@dataclass(frozen=True)
class History:
    """What happened: files came, at `before_harm` somebody deleted every row, more files came."""

    place: Place
    sealed: Path
    before_harm: datetime

    def keys(self):
        return open_keys(self.sealed, PASSPHRASE)


@pytest.fixture(scope="session")
def history():
    """An installation of its own that was followed while rows came, were all deleted, and came again."""
    with passable_folder() as folder:
        yield lived_through(folder)


def lived_through(folder):
    """Live the history under a folder; its cluster is stopped, its backup place stays."""
    lived, place, stopping = Country(folder / "lived").make(), Place(folder / "place"), threading.Event()
    lived.acknowledge(0, BEFORE)
    with lived.source() as source:
        thread = threading.Thread(
            target=follow, args=(source, place), kwargs={"every_seconds": 0.5, "stopping": stopping}
        )
        thread.start()
        wait_for(lambda: place.root.exists() and newest_base(place, source.cluster.system()))
        lived.acknowledge(BEFORE, BETWEEN)
        before_harm = datetime.now(UTC)
        lived.cluster.ask("DELETE FROM files_storedfile RETURNING 1", url=lived.site().database_url)
        lived.acknowledge(BEFORE + BETWEEN, AFTER)
        stopping.set()
        thread.join()
        sealed = folder / "keys" / "first.keys"
        seal_keys({site.name: site.keys for site in source.sites}, sealed, PASSPHRASE)
    lived.stop()
    return History(place, sealed, before_harm)


@contextmanager
def followed(country, place):
    """Follow in a thread; what it raised is raised at the end."""
    stopping = threading.Event()
    with country.source() as source, ThreadPoolExecutor(1) as pool:
        running = pool.submit(follow, source, place, every_seconds=0.3, stopping=stopping)
        wait_for(lambda: running.done() or place.newest_point(source.cluster.system()))
        try:
            yield running
        finally:
            stopping.set()
            running.result()


def wait_for(condition, seconds=60):
    """Wait for something another process does."""
    waiting = threading.Event()
    for _try in range(seconds * 10):
        if condition():
            return
        waiting.wait(0.1)
    raise AssertionError("it did not happen in time")
