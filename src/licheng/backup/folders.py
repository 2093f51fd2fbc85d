"""Taking a site's folders in: file contents by their hash, the log up to its signed head, sealed packages."""

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from licheng_exchange import (
    NoteError,
    SigningKey,
    entries_path,
    folder_fetch,
    open_checkpoint,
    tile_path,
    verify_ledger,
)

from licheng.backup.place import BackupFailed, Body, Differs, Place, Row
from licheng.backup.sources import SiteFolders

TILE = 256  # C2SP tlog-tiles: entries in a bundle, hashes in a tile
SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN_EVERY = 200  # files between two lines of progress


@dataclass
class Taking:
    """What one process has taken in so far: a content is read once, a folder again only after it changed."""

    place: Place
    shown: bool = False
    _folders: dict[Path, tuple[int, dict[str, Path]]] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)
    _log: dict[tuple[Path, str], Row] = field(default_factory=dict)
    copied: int = 0

    def site(self, site: SiteFolders, *, recompute: bool) -> Body:
        """Take everything of one site in; what the document says of it.

        Raises BackupFailed when the log does not verify.
        """
        log = self._ledger(site, recompute=recompute)
        packages = [self._named(path, site.packages) for path in sorted(_files_under(site.packages))]
        files, unreadable = self._contents(site)
        name = site.database_name
        return {
            "database": name,
            "ledger": log,
            "packages": packages,
            "files": files,
            "unreadable": unreadable,
        }

    def _contents(self, site: SiteFolders) -> tuple[list[Row], list[str]]:
        """Every file content of a site, from the first copy that gives it back whole."""
        found: dict[str, list[Path]] = {}
        for root in site.copies:
            for sha256, path in self._names_in(root).items():
                found.setdefault(sha256, []).append(path)
        rows, unreadable = [], []
        for number, (sha256, paths) in enumerate(sorted(found.items()), start=1):
            size = self._taken.get(sha256)
            if size is None:
                size = self._take(sha256, paths)
            if size is None:
                unreadable.append(sha256)
            else:
                self._taken[sha256] = size
                rows.append({"sha256": sha256, "size": size})
            if self.shown and (number % SHOWN_EVERY == 0 or number == len(found)):
                print(f"  {site.name} 檔案 files {number}/{len(found)}", file=sys.stderr, flush=True)
        return rows, unreadable

    def _take(self, sha256: str, paths: list[Path]) -> int | None:
        for path in paths:
            try:
                size = path.stat().st_size
                if not self.place.has(sha256, size):
                    with path.open("rb") as source:
                        size = self.place.keep(source, sha256)[1]
                    self.copied += 1
            except Differs as wrong:
                print(f"  ✗ {path}：{wrong}", file=sys.stderr, flush=True)
            except FileNotFoundError:  # removed since its folder was read
                continue
            else:
                return size
        return None

    def _names_in(self, root: Path) -> dict[str, Path]:
        """Every content of a copy by its hash; a folder is read again only when its time has changed."""
        names: dict[str, Path] = {}
        for folder in sorted(root.iterdir()) if root.is_dir() else []:
            if not folder.is_dir() or len(folder.name) != 2:  # noqa: PLR2004 -- the first two digits of the hash
                continue
            changed = folder.stat().st_mtime_ns
            known = self._folders.get(folder)
            if known is None or known[0] != changed:
                inside = {path.name: path for path in folder.iterdir() if SHA256.fullmatch(path.name)}
                known = self._folders[folder] = (changed, inside)
            names |= known[1]
        return names

    def _ledger(self, site: SiteFolders, *, recompute: bool) -> Body:
        """The log up to its signed head: the head is read first, so what it speaks of is there already."""
        path = site.ledger / "checkpoint"
        if not path.exists():
            return {"size": 0, "root": "", "files": []}
        note = path.read_bytes()
        try:
            key = SigningKey.from_text((site.keys / "ledger.key").read_text(encoding="utf-8").strip())
            head = open_checkpoint(note.decode(), [key.verifying_key])
        except (OSError, NoteError, UnicodeDecodeError) as failure:
            raise BackupFailed(
                f"{site.name} 的帳本簽章不符：{failure}。 The log's head does not verify."
            ) from failure
        sha256, size = self.place.keep(io.BytesIO(note))
        rows = [{"path": "checkpoint", "sha256": sha256, "size": size}]
        rows += [self._log_row(site.ledger, name) for name in log_paths(head.size)]
        if recompute:
            check_log(self.place, rows, key)
        return {"size": head.size, "root": head.root.hex(), "files": rows}

    def _log_row(self, folder: Path, name: str) -> Row:
        row = self._log.get((folder, name))
        if row is None:
            row = self._log[folder, name] = self._named(folder / name, folder)
        return row

    def _named(self, path: Path, folder: Path) -> Row:
        with path.open("rb") as source:
            sha256, size = self.place.keep(source)
        return {"path": path.relative_to(folder).as_posix(), "sha256": sha256, "size": size}


def log_paths(size: int) -> Iterator[str]:
    """The files of a log of this size that its head needs: bundles, then tiles of every level."""
    level = 0
    while (count := size >> (8 * level)) > 0:
        full, rest = divmod(count, TILE)
        widths = [(index, TILE) for index in range(full)] + ([(full, rest)] if rest else [])
        for index, width in widths:
            if level == 0:
                yield entries_path(index, width)
            yield tile_path(level, index, width)
        level += 1


def check_log(place: Place, rows: list[Row], key: SigningKey) -> None:
    """Recompute a log that was taken in from its entries.

    Raises BackupFailed when its root is not the signed one.
    """
    where = {row["path"]: str(place.object_path(row["sha256"]).relative_to(place.root)) for row in rows}
    fetch = folder_fetch(place.root)
    verdict = verify_ledger(lambda path: fetch(where.get(path, path)), [key.verifying_key])
    if not verdict.ok:
        reasons = "；".join(problem.text_zh for problem in verdict.problems)
        raise BackupFailed(f"帳本驗算不符：{reasons} The log does not lead to its signed root.")


def _files_under(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (
            path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".tmp-")
        )
