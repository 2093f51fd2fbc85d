# ruff: noqa: INP001 -- a script beside the files it writes
"""Writes the published examples: a ledger, receipt kits, packages, and what a verifier must say of each.

Every byte is the same on every run. The keys, salts and password are test values that anyone can read here:
they must never sign or lock anything real.
"""

import json
import sys
from collections.abc import Callable
from hashlib import md5, sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from licheng_exchange._documents import PUBLISHED, published_schema
from licheng_exchange._notes import Checkpoint, SigningKey, sign_note
from licheng_exchange._package_manifest import build_manifest
from licheng_exchange._package_seal import seal_package
from licheng_exchange._proofs import TlogProof
from licheng_exchange._receipts import (
    build_leaf_deposited,
    build_leaf_stored,
    build_receipt,
    subject_of,
)
from licheng_exchange._tiles import new_bundles, new_tiles
from licheng_exchange._tree import MemoryTree, inclusion_proof, leaf_hash

ORIGIN = "archive.example/ledger"
SCHOOL = {"code": "01A301", "name": "範例高級中學"}
STUDENT_NO = "1130001"
SUBJECT_KEY = sha256(b"TEST ONLY subject key").hexdigest()
PACKAGE = "00000000-0000-4000-8000-000000000001"
PASSWORD = "test-only-password"  # noqa: S105 -- published test value
TIME = "2026-11-22T03:04:05Z"
LEDGER_SIZE = 259


def test_key(name: str) -> SigningKey:
    """A key whose secret follows from its name; for published examples only."""
    return SigningKey(name, sha256(f"TEST ONLY KEY {name}".encode()).digest())


LOG_KEY = test_key(ORIGIN)
RECEIPT_KEY = test_key("archive.example/receipts")
SCHOOL_KEY = test_key("school.example/01A301")
STRANGER_KEY = test_key("stranger.example/log")
DOCUMENT = b"%PDF-1.4\n% an example of a course outcome\n%%EOF\n"
EVIDENCE = b"%PDF-1.4\n% an example of evidence\n%%EOF\n"


def item_uuid(number: int) -> str:
    """An identifier that is the same on every run."""
    return f"00000000-0000-4000-8000-{number:012x}"


def item_file(role: str, name: str, data: bytes) -> dict[str, Any]:
    """How a record lists a file."""
    return {
        "role": role,
        "name": name,
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
        "md5": md5(data, usedforsecurity=False).hexdigest(),
    }


def records() -> list[dict[str, Any]]:
    """One outcome and one activity."""
    outcome = {
        "item": item_uuid(16),
        "kind": "outcome",
        "school_year": 115,
        "semester": 1,
        "course_code": "11501A301V1101A1010101",
        "course_name": "國語文",
        "credits": 4,
        "grade": 1,
        "note": "以訪談寫成的地方誌，含𠮷字與標點。",
        "certified_at": TIME,
        "certified_by": "林老師",
        "files": [item_file("document", "地方誌.pdf", DOCUMENT)],
    }
    activity = {
        "item": item_uuid(17),
        "kind": "activity",
        "category": "competition",
        "category_name": "競賽參與紀錄",
        "school_year": 115,
        "semester": 1,
        "fields": {"競賽名稱": "地方史論文獎", "獎項": "佳作"},
        "note": "",
        "link": None,
        "files": [item_file("evidence", "獎狀.pdf", EVIDENCE)],
    }
    return [outcome, activity]


def ledger() -> tuple[list[bytes], MemoryTree, str]:
    """The entries, the tree and the signed checkpoint of the example ledger."""
    subject = subject_of(SUBJECT_KEY, school=SCHOOL["code"], student_no=STUDENT_NO)
    entries = [
        build_leaf_stored(
            file=item_uuid(1000 + number),
            sha256_hex=sha256(DOCUMENT if number == 0 else str(number).encode()).hexdigest(),
            size=len(DOCUMENT) if number == 0 else len(str(number)),
            school=SCHOOL["code"],
            subject=subject,
            time=TIME,
        )
        for number in range(LEDGER_SIZE - 2)
    ]
    entries += [
        build_leaf_deposited(
            record=record, school=SCHOOL["code"], package=PACKAGE, subject=subject, time=TIME
        )
        for record in records()
    ]
    tree = MemoryTree()
    for entry in entries:
        tree.append(entry)
    note = sign_note(Checkpoint(ORIGIN, tree.size, tree.root).to_text(), LOG_KEY, STRANGER_KEY)
    return entries, tree, note


def proof(index: int) -> str:
    """The proof of one entry of the example ledger."""
    entries, tree, note = ledger()
    hashes = tuple(inclusion_proof(index, tree.size, tree.reader))
    return TlogProof(entries[index], index, hashes, note).encode()


def write(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def keys_text(*keys: SigningKey) -> bytes:
    """The published keys file."""
    return "".join(f"{key.vkey}\n" for key in keys).encode()


def expect(path: Path, verdicts: dict[str, list[str]]) -> None:
    """Write what a verifier must say: per case the rules broken, none for a good one."""
    write(path, (json.dumps(verdicts, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode())


def write_ledger(out: Path) -> None:
    """The static files of a whole ledger, and one with an altered entry."""
    entries, _, note = ledger()
    hashes = [leaf_hash(entry) for entry in entries]
    tree = MemoryTree()
    files = {"checkpoint": note.encode(), "keys.txt": keys_text(LOG_KEY)}
    files |= dict(new_tiles(0, hashes, tree.reader)) | dict(new_bundles(0, entries, b""))
    altered = {path: data for path, data in files.items() if path != "tile/entries/001.p/3"}
    changed = build_leaf_stored(
        file=item_uuid(9), sha256_hex="00" * 32, size=0, school="01A301", subject="00" * 32, time=TIME
    )
    altered |= dict(new_bundles(256, [changed, *entries[257:]], b""))
    for case, content in (("good", files), ("altered-entry", altered)):
        for path, data in content.items():
            write(out / case / path, data)
    expect(out / "expected.json", {"good": [], "altered-entry": ["tile-differs"]})


def write_receipts(out: Path) -> None:
    """A student's kit, kits that must fail, and the proof of one upload."""
    pairs = list(zip(records(), [proof(LEDGER_SIZE - 2), proof(LEDGER_SIZE - 1)], strict=True))
    receipt = build_receipt(
        archive=ORIGIN,
        school_code=SCHOOL["code"],
        school_name=SCHOOL["name"],
        student_no=STUDENT_NO,
        student_name="王小明",
        subject_key=SUBJECT_KEY,
        package=PACKAGE,
        issued_at=TIME,
        items=pairs,
        key=RECEIPT_KEY,
    )
    keys = keys_text(LOG_KEY, RECEIPT_KEY)
    good = {"receipt.json": receipt, "keys.txt": keys, "地方誌.pdf": DOCUMENT}
    cases: dict[str, tuple[dict[str, bytes], list[str]]] = {
        "good": (good, []),
        "changed-file": (good | {"地方誌.pdf": DOCUMENT + b"\n"}, ["file-changed"]),
        "other-file": (good | {"別的檔案.pdf": b"%PDF-1.4\n"}, ["file-not-in-receipt"]),
        "changed-name": (
            good | {"receipt.json": receipt.replace("王小明".encode(), "王大明".encode())},
            ["receipt-signature"],
        ),
        "trailing-newline": (good | {"receipt.json": receipt + b"\n"}, ["receipt-format"]),
        "stranger-key": (
            good | {"keys.txt": keys_text(STRANGER_KEY, RECEIPT_KEY)},
            ["proof-refused", "proof-refused"],
        ),
    }
    for case, (content, _) in cases.items():
        for path, data in content.items():
            write(out / case / path, data)
    write(out / "stored.tlog-proof", proof(0).encode())
    expect(out / "expected.json", {case: rules for case, (_, rules) in cases.items()})


def counting_salts() -> Callable[[int], bytes]:
    """Salts that are the same on every run; for published examples only."""
    state = [0]

    def salt(size: int) -> bytes:
        state[0] += 1
        return sha256(b"TEST ONLY SALT %d" % state[0]).digest()[:size]

    return salt


def sealed(key: SigningKey) -> bytes:
    """The example package."""
    contents = {sha256(data).hexdigest(): data for data in (DOCUMENT, EVIDENCE)}
    rosters = {"學生名冊": f"學校代碼，學號，姓名\r\n01A301,{STUDENT_NO}，王小明\r\n".encode()}
    student = {
        "no": STUDENT_NO,
        "name": "王小明",
        "id_number": "A123456789",
        "birth_date": "2010-01-02",
        "grade": 1,
        "class_name": "一年一班",
        "seat_no": 3,
        "subject_key": SUBJECT_KEY,
        "items": records(),
    }
    manifest = build_manifest(
        package=PACKAGE,
        school_code=SCHOOL["code"],
        school_name=SCHOOL["name"],
        school_year=115,
        batch="normal",
        created_at=TIME,
        students=[student],
        rosters=rosters,
        types=dict.fromkeys(contents, "application/pdf"),
    )
    out = BytesIO()
    seal_package(
        out,
        manifest,
        rosters,
        lambda digest: BytesIO(contents[digest]),
        PASSWORD,
        key,
        random_bytes=counting_salts(),
    )
    return out.getvalue()


def write_packages(out: Path) -> None:
    """A good package and ones that must be refused."""
    good = sealed(SCHOOL_KEY)
    place = good.index(b"files/") + 64 + 60
    cases: dict[str, tuple[bytes, list[str]]] = {
        "good": (good, []),
        "changed-byte": (good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :], ["member-damaged"]),
        "stranger-key": (sealed(STRANGER_KEY), ["signer-unknown"]),
        "trailing-byte": (good + b"\0", ["trailing-bytes"]),
        "truncated": (good[:-200], ["truncated"]),
    }
    for case, (data, _) in cases.items():
        write(out / case / "submission.zip", data)
        write(out / case / "password.txt", f"{PASSWORD}\n".encode())
        write(out / case / "keys.txt", keys_text(SCHOOL_KEY))
    expect(out / "expected.json", {case: rules for case, (_, rules) in cases.items()})


def write_schemas(out: Path) -> None:
    """The JSON Schema texts of the documents that travel."""
    for name in PUBLISHED:
        text = json.dumps(published_schema(name), indent=2, ensure_ascii=False)
        write(out / f"{name}.json", f"{text}\n".encode())


def main(golden: Path, schemas: Path) -> None:
    """Write everything below the two folders."""
    write_ledger(golden / "ledger")
    write_receipts(golden / "receipts")
    write_packages(golden / "packages")
    write_schemas(schemas)


if __name__ == "__main__":
    here = Path(__file__).parent
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else here,
        Path(sys.argv[2]) if len(sys.argv) > 2 else here.parent / "schemas" / "v1",  # noqa: PLR2004 -- two folders
    )
