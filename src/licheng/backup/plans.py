"""Which base, end and contents bring a wanted moment back; everything is hashed before it is used."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from licheng.backup.cluster import LOG, MANIFEST, Cluster, utc
from licheng.backup.place import BackupFailed, Body, Differs, Place, Row, file_hash
from licheng.backup.points import has_log_of

LOG_FILES_PER_NUMBER = 256  # of 16 MB each; PostgreSQL's own default


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore does: start from `base`, replay to the target, then put the folders beside it.

    The folders are those of the newest document: the ledger never goes back with the database.

    `until` (UTC) is empty when the named mark of `end` is wanted, or the end of the base when it has none.
    """

    place: Place
    base: Body
    end: Body
    until: str
    bodies: tuple[Body, ...]  # every document from base to end: a file may be listed in any of them

    @property
    def target(self) -> str:
        """PostgreSQL's recovery target."""
        if self.until:
            return f"recovery_target_time = '{self.until}'"
        mark = self.end["mark"]
        return f"recovery_target_name = '{mark['name']}'" if mark else "recovery_target = 'immediate'"

    @property
    def sites(self) -> dict[str, Body]:
        """What comes back beside the database, by site."""
        newest: dict[str, Body] = self.bodies[-1]["sites"]
        return newest

    @property
    def needs_log(self) -> bool:
        """Whether more of the change log is replayed than the base brings along."""
        return self.end["mark"] is not None

    @property
    def moment(self) -> str:
        """The moment that is aimed at (UTC)."""
        return self.until or time_of(self.end)

    def files(self, site: str) -> list[Row]:
        """Every file content of a site that was there between base and end."""
        rows = {row["sha256"]: row for body in self.bodies for row in _files_of(body, site)}
        return [rows[sha256] for sha256 in sorted(rows)]

    def contents(self) -> list[Row]:
        """Everything that will be read out of the place by its hash."""
        rows = {row["sha256"]: row for site in self.sites for row in self.files(site)}
        for site in self.sites.values():
            rows |= {row["sha256"]: row for row in (*site["packages"], *site["ledger"]["files"])}
        return list(rows.values())

    def base_folders(self) -> list[Path]:
        """The base, and in front of it the full one it rests on."""
        ids = [self.base["database"]["rests_on"], self.base["id"]]
        return [self.place.bases / one for one in ids if one]


def _files_of(body: Body, site: str) -> list[Row]:
    """The files a document lists for a site; an earlier one may not know the site yet."""
    rows: list[Row] = body["sites"][site]["files"] if site in body["sites"] else []
    return rows


def time_of(body: Body) -> str:
    """The moment a document stands for (UTC): its mark, or the end of its base."""
    mark = body["mark"]
    return str(mark["time"] if mark else body["database"]["ended"])


def plan_restore(
    place: Place, *, until: datetime | None = None, backup: str = "", base_only: bool = False
) -> Plan:
    """The plan for the newest moment, for a moment in time, or for one backup by its name.

    `base_only` leaves the received log out: what a backup without one would give.
    Raises BackupFailed when the place holds nothing, or nothing that reaches the wanted moment.
    """
    bodies = place.backups()
    if not bodies:
        raise BackupFailed(f"{place.root} 沒有完整的備份。 There is no whole backup here.")
    if backup:
        bodies = [body for body in bodies if body["id"] == backup]
        if not bodies:
            raise BackupFailed(f"沒有這份備份：{backup}。 No such backup.")
    system = bodies[-1]["system"]
    bodies = [body for body in bodies if body["system"] == system]
    point = None if backup else place.newest_point(system)
    documents = sorted([*bodies, *([point] if point else [])], key=time_of)
    if base_only:
        newest = bodies[-1]
        return Plan(place, newest, {**newest, "mark": None}, "", (newest,))
    if until is not None:
        return _until(place, bodies, documents, utc(until))
    end = documents[-1]
    base = end if "database" in end else next(body for body in bodies if body["id"] == end["base"])
    return Plan(place, base, end, "", _between(documents, base))


def _until(place: Place, bodies: list[Body], documents: list[Body], until: str) -> Plan:
    """The newest base from before the moment, and the newest document, which must be from after it."""
    before = [body for body in bodies if body["database"]["ended"] <= until]
    if not before:
        first = bodies[0]["database"]["ended"]
        raise BackupFailed(f"最早只能還原到 {first}。 Nothing reaches back before {first}.")
    reaching = [body for body in documents if body["mark"] and body["mark"]["time"] >= until]
    for base in reversed(before):
        for end in reversed(reaching):
            if has_log_of(place, end["log"], base):
                return Plan(place, base, end, until, _between(documents, base))
    if reaching:
        raise BackupFailed("那時的變更紀錄不在這裡。 The change log of that moment is not here.")
    last = max((body["mark"]["time"] for body in documents if body["mark"]), default="")
    if last:
        raise BackupFailed(f"最晚只能還原到 {last}。 Nothing reaches beyond {last}.")
    raise BackupFailed("這裡沒有收到變更紀錄，只能還原到各份備份的時刻。 No change log was kept here.")


def _between(documents: list[Body], base: Body) -> tuple[Body, ...]:
    return tuple(body for body in documents if time_of(body) >= time_of(base))


def check_plan(plan: Plan, programs: Path, *, shown: bool = False) -> None:
    """Hash everything the plan reads before anything is written.

    Raises BackupFailed naming what is missing or differs.
    """
    for folder in plan.base_folders():
        listed = next(b for b in plan.place.backups(plan.base["system"]) if b["id"] == folder.name)
        manifest = folder / MANIFEST
        if not manifest.exists() or file_hash(manifest) != listed["database"]["manifest"]:
            raise Differs(f"{folder.name} 的資料庫清單不符。 The base's own manifest differs.")
        Cluster("", programs).check_base(folder)
        _check_rows(folder / LOG, listed["database"]["log"])
    if plan.needs_log:
        _check_log(plan)
    rows = plan.contents()
    wrong = [row["sha256"] for row in rows if not _is_whole(plan.place, row)]
    if wrong:
        names = "\n  ".join(wrong)
        raise Differs(
            f"備份有 {len(wrong)} 個內容不見或已改變。 Missing or changed in the backup:\n  {names}"
        )
    if shown:
        print(f"備份檢查無誤 verified: {len(rows)} 個內容 contents", file=sys.stderr, flush=True)


def _is_whole(place: Place, row: Row) -> bool:
    return (
        place.has(row["sha256"], row["size"]) and file_hash(place.object_path(row["sha256"])) == row["sha256"]
    )


def _check_log(plan: Plan) -> None:
    """The log reaches from the base on without a gap, and every finished file is what was received."""
    folder = plan.place.log_folder(plan.end["log"])
    if not has_log_of(plan.place, plan.end["log"], plan.base):
        raise BackupFailed("變更紀錄沒有從這份備份開始。 The change log does not reach back to this base.")
    _check_rows(folder, plan.end["wal"])
    numbers = sorted({number for path in log_files(plan) if (number := _number(path)) is not None})
    if numbers and len(numbers) != numbers[-1] - numbers[0] + 1:
        raise BackupFailed("變更紀錄中間缺了一段。 The change log has a gap.")


def _check_rows(folder: Path, rows: list[Row]) -> None:
    for row in rows:
        path = folder / row["path"]
        if not path.exists() or path.stat().st_size != row["size"] or file_hash(path) != row["sha256"]:
            raise Differs(f"變更紀錄 {row['path']} 不見或已改變。 This file of the change log differs.")


def log_files(plan: Plan) -> Iterator[Path]:
    """The received log from the base on: finished files, the unfinished last one, timeline histories."""
    first = plan.base["database"]["first_wal"]
    for path in sorted(plan.place.log_folder(plan.end["log"]).iterdir()):
        if path.suffix == ".history" or path.name[8:24] >= first[8:]:
            yield path


def _number(path: Path) -> int | None:
    if path.suffix == ".history":
        return None
    return int(path.name[8:16], 16) * LOG_FILES_PER_NUMBER + int(path.name[16:24], 16)
