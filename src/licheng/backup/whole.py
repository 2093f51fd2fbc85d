"""A whole backup: a base of the cluster, then log and files, which can only be newer; the document last."""

import hashlib
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from licheng.backup.cluster import LOG, MANIFEST, closed_log_files, utc
from licheng.backup.folders import Taking
from licheng.backup.keys import refuse_inside, seal_keys
from licheng.backup.place import DOCUMENT_VERSION, BackupFailed, Body, Place, file_hash
from licheng.backup.points import folders_now, log_rows, mark_row, noted_rows
from licheng.backup.pruning import prune
from licheng.backup.sources import Source
from licheng.foundations.durable import sync_folder

FULL_EVERY = timedelta(days=7)  # own bound: a base of changed blocks rests on a full one of this week


@dataclass(frozen=True, slots=True)
class KeysTo:
    """Where the keys go, and what opens them."""

    folder: Path
    passphrase: str


def slot_of(place: Place) -> str:
    """The replication slot of a backup place: two places do not take from each other."""
    return f"licheng_{hashlib.sha256(str(place.root).encode()).hexdigest()[:12]}"


def new_id() -> str:
    """A name for a backup that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def make_backup(
    source: Source, place: Place, *, keys: KeysTo | None, keep: int | None = None, shown: bool = False
) -> Body:
    """Make one whole backup; earlier ones are pruned to `keep` only after this one holds.

    Raises BackupFailed; then nothing new counts.
    """
    place.prepare()
    if keys is not None:
        refuse_inside(keys.folder, place.root)
    with place.locked("backup", wait=False):
        with place.locked("objects"):
            place.clear_leftovers()
        try:
            body = _made(source, place, keys, shown=shown)
        except OSError as failure:
            raise BackupFailed(f"備份中斷：{failure}。 The backup was interrupted.") from failure
        if keep is not None:
            gone = prune(place, keep)
            _say(f"舊備份移除 {len(gone)} 份 old backups removed", shown=shown)
    return body


def _made(source: Source, place: Place, keys: KeysTo | None, *, shown: bool) -> Body:
    cluster, backup, slot = source.cluster, new_id(), slot_of(place)
    system = cluster.system()
    rows = noted_rows(source)
    with _timed("資料庫 database", shown=shown):
        database = _base(source, place, backup, system)
    mark = None
    if cluster.is_received(slot):
        rows = noted_rows(source)
        mark = cluster.mark(f"licheng-{backup}")
    with place.locked("objects", shared=True):
        with _timed("帳本與檔案 log and files", shown=shown):
            taking = Taking(place, shown=shown)
            sites = folders_now(source, taking, recompute=True)
        _say(f"  新檔案 new files: {taking.copied}", shown=shown)
        sealed = _keys(source, keys, backup)
        if mark is not None:
            cluster.wait_received(slot, mark.lsn)
        body: dict[str, Any] = {
            "v": DOCUMENT_VERSION,
            "id": backup,
            "system": system,
            "database": database,
            "mark": None if mark is None else mark_row(mark),
            "rows": rows,
            "sites": sites,
            "keys": sealed,
            "log": place.current_log(system) if mark else "",
            "wal": log_rows(place, system, place.current_log(system), database["first_wal"]) if mark else [],
        }
        place.write_document(place.backup_path(backup), body)
    return body


def _base(source: Source, place: Place, backup: str, system: str) -> Body:
    """A verified base under its final name; changed blocks only when a full one of this week is there."""
    cluster, part, final = source.cluster, place.bases / f".part-{backup}", place.bases / backup
    rests_on = _full_of_this_week(place, system) if cluster.makes_summaries() else None
    try:
        try:
            cluster.take_base(part, place.bases / rests_on if rests_on else None)
        except BackupFailed as refused:
            if rests_on is None:
                raise
            _say(f"改做完整備份 full instead: {refused}", shown=True)
            shutil.rmtree(part, ignore_errors=True)
            rests_on = None
            cluster.take_base(part, None)
        ended = utc(datetime.now(UTC))
        cluster.check_base(part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    part.rename(final)
    sync_folder(place.bases)
    return {
        "rests_on": rests_on,
        "first_wal": cluster.first_log_file(final),
        "manifest": file_hash(final / MANIFEST),
        "log": closed_log_files(final / LOG, "", ()),  # which the manifest leaves out
        "size": sum(path.stat().st_size for path in final.rglob("*") if path.is_file()),
        "ended": ended,
    }


def _full_of_this_week(place: Place, system: str) -> str | None:
    oldest = utc(datetime.now(UTC) - FULL_EVERY)
    full = [body for body in place.backups(system) if body["database"]["rests_on"] is None]
    return full[-1]["id"] if full and full[-1]["database"]["ended"] > oldest else None


def _keys(source: Source, keys: KeysTo | None, backup: str) -> dict[str, str] | None:
    """Seal the keys beside no backup; the document names the file and its hash, never what is inside."""
    if keys is None:
        return None
    path = keys.folder / f"{backup}.keys"
    seal_keys({site.name: site.keys for site in source.sites}, path, keys.passphrase)
    return {"name": path.name, "sha256": file_hash(path)}


def _say(words: str, *, shown: bool) -> None:
    if shown:
        print(words, file=sys.stderr, flush=True)


@contextmanager
def _timed(name: str, *, shown: bool) -> Iterator[None]:
    _say(f"{name} …", shown=shown)
    began = time.monotonic()
    yield
    _say(f"{name} ✓ {time.monotonic() - began:.1f} s", shown=shown)
