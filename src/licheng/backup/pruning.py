"""Removing old backups, oldest first: document, base, then what no kept document speaks of."""

import shutil
from collections.abc import Iterable

from licheng.backup.place import Body, Place
from licheng.foundations.durable import sync_folder


def prune(place: Place, keep: int) -> list[str]:
    """Keep the newest `keep` whole backups and the full bases they rest on; the names of those removed.

    Raises ValueError for less than one, OSError when the device fails.
    """
    if keep < 1:
        raise ValueError("at least one backup is kept")
    with place.locked("objects"):
        bodies = place.backups()
        kept = bodies[-keep:]
        needed = {body["id"] for body in kept} | {body["database"]["rests_on"] for body in kept}
        gone = [body for body in bodies if body["id"] not in needed]
        for body in gone:
            place.backup_path(body["id"]).unlink()
            sync_folder(place.root / "backups")
            shutil.rmtree(place.bases / body["id"])
        left = [body for body in bodies if body["id"] in needed]
        points = _points(place, {body["id"] for body in left})
        if gone:
            _drop_contents(place, [*left, *points])
            _drop_log(place, left, {body["system"] for body in gone})
    return [body["id"] for body in gone]


def _points(place: Place, kept: set[str]) -> list[Body]:
    """The points that still rest on a kept backup; the others are removed."""
    bodies = []
    for path in sorted((place.root / "points").glob("*.json")):
        body = place.read_document(path)
        if body["base"] in kept:
            bodies.append(body)
        else:
            path.unlink()
    return bodies


def named_contents(bodies: Iterable[Body]) -> set[str]:
    """Every hash that documents speak of."""
    return {
        row["sha256"]
        for body in bodies
        for site in body["sites"].values()
        for row in (*site["files"], *site["packages"], *site["ledger"]["files"])
    }


def _drop_contents(place: Place, bodies: list[Body]) -> None:
    named = named_contents(bodies)
    for path in (place.root / "objects").glob("??/*"):
        if path.name not in named:
            path.unlink()


def _drop_log(place: Place, left: list[Body], systems: set[str]) -> None:
    """Remove the log from before the oldest kept base, and all of a cluster that has no base any more."""
    for system in systems:
        first = [body["database"]["first_wal"][8:] for body in left if body["system"] == system]
        for path in (path for log in place.logs(system) for path in place.log_folder(log).iterdir()):
            if not first or (path.suffix != ".history" and path.name[8:24] < min(first)):
                path.unlink()
