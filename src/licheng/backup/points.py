"""A point: a moment after a whole backup, with log and files as they were then or later."""

from pathlib import Path
from typing import Any

from licheng.backup.cluster import Mark, closed_log_files
from licheng.backup.folders import Taking
from licheng.backup.place import DOCUMENT_VERSION, Body, Place, Row
from licheng.backup.sources import Source


def noted_rows(source: Source) -> dict[str, dict[str, int]]:
    """How many append-only rows each site holds now; a later moment holds at least as many."""
    return {site.name: source.cluster.rows_of(site.database_url) for site in source.sites}


def folders_now(source: Source, taking: Taking, *, recompute: bool) -> dict[str, Body]:
    """Take the folders of every site in.

    Raises BackupFailed when a log does not verify.
    """
    return {site.name: taking.site(site, recompute=recompute) for site in source.sites}


def mark_row(mark: Mark) -> dict[str, str]:
    """A mark as it stands in a document."""
    return {"name": mark.name, "lsn": mark.lsn, "time": mark.time}


def write_point(source: Source, taking: Taking, base: Body, *, slot: str, name: str) -> Body:
    """Write down that this moment can be restored: database first, log and files after it, document last.

    Raises BackupFailed or OSError; the point before it stays.
    """
    place, system = taking.place, base["system"]
    log = place.current_log(system)
    rows = noted_rows(source)
    mark = source.cluster.mark(name)
    with place.locked("objects", shared=True):
        sites = folders_now(source, taking, recompute=False)
        source.cluster.wait_received(slot, mark.lsn)
        known = {row["sha256"] for site in base["sites"].values() for row in site["files"]}
        body: dict[str, Any] = {
            "v": DOCUMENT_VERSION,
            "system": system,
            "base": base["id"],
            "mark": mark_row(mark),
            "rows": rows,
            "sites": {name: _beyond(site, known) for name, site in sites.items()},
            "log": log,
            "wal": log_rows(place, system, log, base["database"]["first_wal"]),
        }
        place.write_document(place.point_path(system), body)
    return body


def _beyond(site: Body, known: set[str]) -> Body:
    """A site's part of a point: files that its whole backup lists already are not listed again."""
    return site | {"files": [row for row in site["files"] if row["sha256"] not in known]}


def log_rows(place: Place, system: str, log: str, first: str) -> list[Row]:
    """The finished files of a log from `first` on; those that the newest point lists are not read again."""
    point = place.newest_point(system)
    known = point["wal"] if point is not None and point["log"] == log else []
    return closed_log_files(place.log_folder(log), first, known)


def has_log_of(place: Place, log: str, base: Body) -> bool:
    """Whether a received log reaches back to where recovery of this base begins."""
    path: Path = place.log_folder(log) / base["database"]["first_wal"]
    return bool(log) and (path.exists() or path.with_name(f"{path.name}.partial").exists())
