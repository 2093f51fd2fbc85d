"""What a restored site must show: files whole, the log leading to its root, receipts that verify offline."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from licheng_exchange import (
    HashReader,
    NoteError,
    ProofError,
    ReceiptError,
    SigningKey,
    TlogProof,
    VerifyingKey,
    decode_entries,
    entries_path,
    folder_fetch,
    inclusion_proof,
    open_checkpoint,
    parse_keys,
    parse_leaf,
    parse_receipt,
    root_hash,
    tile_reader,
    verify_ledger,
    verify_receipt,
    verify_stored,
    verify_tlog_proof,
)

from licheng.backup.cluster import APPEND_ONLY, Cluster
from licheng.backup.folders import TILE
from licheng.backup.place import file_hash

RANDOM_FILES = 500
SAMPLE_PROOFS = 200
COPIES = ("copy-a", "copy-b")
# Receipts as they were issued or fetched, and the keys that signed them, by site.
RECEIPTS = {"archive": "archive_receipts_issuedreceipt", "school": "receipts_studentreceipt"}


@dataclass(slots=True)
class Proven:
    """What was looked at and what was wrong; `problems` names each."""

    files_known: int = 0
    files_hashed: int = 0
    school: str = ""
    school_files: int = 0
    ledger_size: int = 0
    ledger_root: str = ""
    proofs_verified: int = 0
    receipts_verified: int = 0
    rows: int = 0
    newest_row: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RestoredSite:
    """A restored site whose database runs: its folder, and how its database is asked."""

    name: str
    home: Path
    cluster: Cluster

    def key(self) -> SigningKey:
        """The site's own ledger key."""
        return SigningKey.from_text((self.home / "keys" / "ledger.key").read_text(encoding="utf-8").strip())

    def receipt_keys(self) -> tuple[VerifyingKey, ...]:
        """The published keys that receipts in this site's database are signed with."""
        if self.name == "archive":
            signing = (self.home / "keys" / "signing.key").read_text(encoding="utf-8").strip()
            return (self.key().verifying_key, SigningKey.from_text(signing).verifying_key)
        pinned = self.home / "keys" / "archive-keys.txt"
        return parse_keys(pinned.read_text(encoding="utf-8")) if pinned.exists() else ()


def prove(
    site: RestoredSite, noted: dict[str, int], *, seed: str, proofs: int | None = SAMPLE_PROOFS
) -> Proven:
    """Every proof of one restored site; `proofs` is how many entries and receipts, all when None."""
    chance, found = random.Random(f"{seed}/{site.name}"), Proven()  # noqa: S311 -- a repeatable sample
    if not _log_is_whole(site, found):
        return found
    fetch = folder_fetch(site.home / "ledger")
    leaves = [leaf for index in range(-(-found.ledger_size // TILE)) for leaf in _bundle(fetch, index, found)]
    _files(site, leaves, chance, found)
    reader = tile_reader(fetch, found.ledger_size)
    _proofs(site, leaves, reader, _sample(range(len(leaves)), proofs, chance), found)
    if site.name in RECEIPTS:
        _receipts(site, reader, proofs, found)
    _rows(site, noted, found)
    return found


def _log_is_whole(site: RestoredSite, found: Proven) -> bool:
    """Recompute the log from its entries with the restored key; before the first entry there is none."""
    folder = site.home / "ledger"
    if not (folder / "checkpoint").exists():
        return True  # the rows are compared with its length in the end
    verdict = verify_ledger(folder_fetch(folder), [site.key().verifying_key])
    found.problems += [f"ledger: {problem.text_en}" for problem in verdict.problems]
    if not verdict.ok or verdict.checkpoint is None:
        return False
    found.ledger_size, found.ledger_root = verdict.checkpoint.size, verdict.checkpoint.root.hex()
    return True


def _bundle(fetch: Callable[[str], bytes], index: int, found: Proven) -> list[bytes]:
    return decode_entries(fetch(entries_path(index, min(TILE, found.ledger_size - index * TILE))))


def _files(site: RestoredSite, leaves: list[bytes], chance: random.Random, found: Proven) -> None:
    """Every file the database speaks of is in both copies; a sample and one whole school are hashed again."""
    rows = site.cluster.ask(
        "SELECT sha256, size_bytes FROM custody_content WHERE removed_at IS NULL ORDER BY 1"
    )
    known = {str(sha256): int(size) for sha256, size in rows}
    found.files_known = len(known)
    for sha256, size in known.items():
        for path in _paths(site, sha256):
            if not path.is_file() or path.stat().st_size != size:
                found.problems.append(f"file missing: {path.parent.parent.name} {sha256}")
    schools = _schools(leaves)
    found.school = chance.choice(sorted(schools)) if schools else ""
    whole = schools.get(found.school, set()) & set(known)
    found.school_files = len(whole)
    for sha256 in sorted(whole | set(_sample(sorted(known), RANDOM_FILES, chance))):
        found.files_hashed += 1
        for path in _paths(site, sha256):
            if path.is_file() and file_hash(path) != sha256:
                found.problems.append(f"file changed: {path.parent.parent.name} {sha256}")


def _paths(site: RestoredSite, sha256: str) -> list[Path]:
    return [site.home / copy / sha256[:2] / sha256 for copy in COPIES]


def _schools(leaves: list[bytes]) -> dict[str, set[str]]:
    """Which hashes the log acknowledged to which school."""
    schools: dict[str, set[str]] = {}
    for leaf in leaves:
        try:
            parsed = parse_leaf(leaf)
        except ReceiptError:  # an entry that is not of this form speaks of no file
            continue
        files = parsed["files"] if parsed["type"] == "deposited" else [parsed]
        schools.setdefault(parsed["school"], set()).update(file["sha256"] for file in files)
    return schools


def _proofs(
    site: RestoredSite, leaves: list[bytes], reader: HashReader, indexes: Iterable[int], found: Proven
) -> None:
    """The receipt of an entry, made anew from the restored log and verified with the restored file itself."""
    if not leaves:
        return
    note = (site.home / "ledger" / "checkpoint").read_text(encoding="utf-8")
    keys = [site.key().verifying_key]
    for index in indexes:
        path = inclusion_proof(index, found.ledger_size, reader)
        text = TlogProof(leaves[index], index, tuple(path), note).encode()
        wrong = _proof_wrong(site, text, leaves[index], keys)
        if wrong:
            found.problems.append(f"proof {index}: {wrong}")
        found.proofs_verified += not wrong


def _proof_wrong(site: RestoredSite, text: str, leaf: bytes, keys: list[VerifyingKey]) -> str:
    """What is wrong with a proof, empty when nothing is."""
    try:
        stored = _stored_hash(leaf)
        path = _paths(site, stored)[0] if stored else None
        if path is None or not path.is_file():  # a deposited record, or a file that was rightly removed since
            verify_tlog_proof(text, leaf, keys)
            return ""
    except ProofError as refused:
        return str(refused)
    verdict = verify_stored(text, (file_hash(path), path.stat().st_size), keys)
    return "; ".join(problem.text_en for problem in verdict.problems)


def _stored_hash(leaf: bytes) -> str:
    """The file that an entry acknowledges; empty for deposited records and for entries of another form."""
    try:
        parsed = parse_leaf(leaf)
    except ReceiptError:
        return ""
    return str(parsed["sha256"]) if parsed["type"] == "stored" else ""


def _receipts(site: RestoredSite, reader: HashReader, most: int | None, found: Proven) -> None:
    """Receipts as people hold them: signature and proofs verify, and their old head is a head of this log."""
    keys = site.receipt_keys()
    limit = "" if most is None else f" ORDER BY random() LIMIT {most}"
    for (body,) in site.cluster.ask(f'SELECT body FROM "{RECEIPTS[site.name]}"{limit}'):  # noqa: S608 -- our own names
        problems = [problem.text_en for problem in verify_receipt(bytes(body), keys, {}).problems]
        if not problems and site.name == "archive":
            problems = list(_strange_heads(bytes(body), keys, reader, found.ledger_size))
        found.problems += [f"receipt: {problem}" for problem in problems]
        found.receipts_verified += not problems


def _strange_heads(
    body: bytes, keys: tuple[VerifyingKey, ...], reader: HashReader, size: int
) -> Iterable[str]:
    """Heads in a receipt that the restored log has never had: it would have been rewound or forked."""
    for text in {
        TlogProof.parse(item["proof"]).checkpoint_note for item in parse_receipt(body)["receipt"]["items"]
    }:
        try:
            head = open_checkpoint(text, keys)
        except NoteError as refused:
            yield str(refused)
            continue
        if head.size > size or root_hash(head.size, reader) != head.root:
            yield f"its head of {head.size} entries is not a head of the restored log of {size}"


def _rows(site: RestoredSite, noted: dict[str, int], found: Proven) -> None:
    """No row of an append-only table that was there before the moment is missing."""
    for table in APPEND_ONLY:
        question = f'SELECT count(*) FROM "{table}"'  # noqa: S608 -- our own names
        count = int(site.cluster.ask(question)[0][0])
        if count < noted.get(table, 0):
            found.problems.append(f"{table}: {count} rows, {noted[table]} were there")
        found.rows += count
    newest = site.cluster.ask("SELECT max(created_at) FROM ledger_ledgerentry")[0][0]
    found.newest_row = newest.isoformat() if newest else ""
    size = int(site.cluster.ask('SELECT count(*) FROM ledger_ledgerentry WHERE "index" IS NOT NULL')[0][0])
    if size != found.ledger_size:
        found.problems.append(f"the database knows {size} entries, the log {found.ledger_size}")


def _sample[T](things: Iterable[T], most: int | None, chance: random.Random) -> list[T]:
    listed = list(things)
    return listed if most is None else chance.sample(listed, min(most, len(listed)))
