"""Sealing and checking a package against 7-Zip on the same files in the same run."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

from licheng_exchange._notes import SigningKey
from licheng_exchange._package_check import check_package
from licheng_exchange._package_manifest import build_manifest
from licheng_exchange._package_seal import seal_package

PASSWORD = "bench-password"  # noqa: S105 -- locks random bytes for seconds
KEY = SigningKey("school.example/01A301", bytes(32))
TIME = "2026-11-22T03:04:05Z"
MEGABYTE = 1_000_000


def write_files(folder: Path, count: int, size: int) -> list[dict[str, Any]]:
    """Random files named by their SHA-256, and how records list them."""
    listed = []
    for number in range(count):
        data = os.urandom(size)
        name = sha256(data).hexdigest()
        (folder / name).write_bytes(data)
        listed.append(
            {
                "role": "document",
                "name": f"{number}.pdf",
                "sha256": name,
                "size": size,
                "md5": md5(data, usedforsecurity=False).hexdigest(),
            }
        )
    return listed


def manifest_of(files: list[dict[str, Any]]) -> dict[str, Any]:
    """One item per file."""
    items: list[dict[str, Any]] = [
        {
            "item": f"00000000-0000-4000-8000-{number:012x}",
            "kind": "activity",
            "category": "other",
            "category_name": "其他",
            "school_year": 115,
            "semester": 1,
            "fields": {},
            "note": "",
            "link": None,
            "files": [file],
        }
        for number, file in enumerate(files)
    ]
    student = {
        "no": "1",
        "name": "學生",
        "id_number": "A123456789",
        "birth_date": "2010-01-02",
        "grade": 1,
        "class_name": "",
        "seat_no": 1,
        "subject_key": "0" * 64,
        "items": items,
    }
    return build_manifest(
        package="00000000-0000-4000-8000-000000000001",
        school_code="01A301",
        school_name="範例高級中學",
        school_year=115,
        batch="bench",
        created_at=TIME,
        students=[student],
        rosters={},
        types={file["sha256"]: "application/pdf" for file in files},
    )


def rate(total: int, work: Callable[[], object]) -> float:
    """Best of three, in MB/s."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return total / MEGABYTE / min(seconds)


def seven(tool: str, *words: str) -> None:
    """Run 7-Zip quietly. Raises CalledProcessError if it fails."""
    subprocess.run([tool, *words], check=True, stdout=subprocess.DEVNULL)


def accept(path: Path) -> None:
    """Raises SystemExit if the package is not accepted: a rate of refusals would mean nothing."""
    report = check_package(path, PASSWORD, [KEY.verifying_key])
    if not report.ok:
        raise SystemExit(str(report.problems[0]))


def seal(path: Path, manifest: dict[str, Any], source: Path) -> None:
    """Seal the files of a folder."""
    with path.open("wb") as out:
        seal_package(out, manifest, {}, lambda name: (source / name).open("rb"), PASSWORD, KEY)


def main(count: int, size: int) -> None:
    """Print one line per measurement and the ratios to 7-Zip."""
    with tempfile.TemporaryDirectory() as name:
        root, source = Path(name), Path(name) / "files"
        source.mkdir()
        manifest, total = manifest_of(write_files(source, count, size)), count * size
        ours, theirs = root / "ours.zip", root / "theirs.zip"
        rates = {
            "seal": rate(total, lambda: seal(ours, manifest, source)),
            "check": rate(total, lambda: accept(ours)),
        }
        print(f"{count} files of {size / MEGABYTE:.3f} MB")
        if tool := shutil.which("7z") or shutil.which("7zz"):
            words = ("a", "-tzip", "-mem=AES256", "-mx0", f"-p{PASSWORD}", str(theirs), str(source))

            def pack() -> None:
                theirs.unlink(missing_ok=True)
                seven(tool, *words)

            rates["7z a"] = rate(total, pack)
            rates["7z t"] = rate(total, lambda: seven(tool, "t", f"-p{PASSWORD}", str(theirs)))
            rates["7z t ours"] = rate(total, lambda: seven(tool, "t", f"-p{PASSWORD}", str(ours)))
            print(f"ratio seal / 7z a: {rates['seal'] / rates['7z a']:.2f}")
            print(f"ratio check / 7z t: {rates['check'] / rates['7z t']:.2f}")
        for what, speed in rates.items():
            print(f"{what}: {speed:,.0f} MB/s")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3] or ("100", "2000000")))
