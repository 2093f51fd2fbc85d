"""The manifest of a submission package: building it and checking that it agrees with itself."""

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from io import StringIO
from typing import Any

from licheng_exchange._documents import MANIFEST
from licheng_exchange._package_model import MANIFEST_NAME, PackageLimits, file_member, roster_member
from licheng_exchange._problems import Problem


def build_manifest(
    *,
    package: str,
    school_code: str,
    school_name: str,
    school_year: int,
    batch: str,
    created_at: str,
    students: Sequence[Mapping[str, Any]],
    rosters: Mapping[str, bytes],
    types: Mapping[str, str],
) -> dict[str, Any]:
    """The manifest of these students, with files and counts derived; `types` is sha256 to media type.

    The result is checked by `seal_package`, not here.
    """
    items = [item for student in students for item in student["items"]]
    files = {file["sha256"]: file for item in items for file in item["files"]}
    return {
        "v": 1,
        "kind": "licheng-submission",
        "package": package,
        "school": {"code": school_code, "name": school_name},
        "school_year": school_year,
        "batch": batch,
        "created_at": created_at,
        "counts": _counts(students, files.values()),
        "students": [dict(student) for student in students],
        "rosters": [
            {"name": name, "sha256": sha256(data).hexdigest(), "size": len(data), "rows": csv_rows(data)}
            for name, data in sorted(rosters.items())
        ],
        "files": [
            {"sha256": key, "size": file["size"], "md5": file["md5"], "type": types[key]}
            for key, file in sorted(files.items())
        ],
    }


def _counts(students: Sequence[Mapping[str, Any]], files: Collection[Mapping[str, Any]]) -> dict[str, int]:
    kinds = Counter(item["kind"] for student in students for item in student["items"])
    return {
        "students": len(students),
        "outcomes": kinds["outcome"],
        "activities": kinds["activity"],
        "files": len(files),
        "bytes": sum(file["size"] for file in files),
    }


def csv_rows(data: bytes) -> int:
    """How many rows follow the title row of a UTF-8 CSV.

    Raises ValueError if it is not one.
    """
    try:
        rows = sum(
            1 for row in csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True) if row
        )
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if rows == 0:
        raise ValueError("there is no title row")
    return rows - 1


def manifest_problems(manifest: Any, limits: PackageLimits) -> Iterator[Problem]:
    """Everything in a manifest that has not its shape or does not agree with the rest of it."""
    shaped = True
    for misfit in MANIFEST.misfits(manifest, "$"):
        shaped = False
        rule = "manifest-field" if misfit.rule == "shape" else misfit.rule
        yield Problem(
            MANIFEST_NAME, rule, f"{misfit.path} {misfit.text_zh}。", f"{misfit.path} {misfit.text_en}."
        )
    if shaped:
        for check in _CHECKS:
            yield from check(manifest)
        yield from _bound_problems(manifest, limits)


def _items(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for student in manifest["students"]:
        for item in student["items"]:
            yield student["no"], item


def _count_problems(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    found = _counts(manifest["students"], manifest["files"])
    for name, count in manifest["counts"].items():
        if count != found[name]:
            yield Problem(
                MANIFEST_NAME,
                "count-differs",
                f"清單寫的 {name} 是 {count}，實際是 {found[name]}。",
                f"The manifest counts {count} {name}; there are {found[name]}.",
            )


def _order_problems(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    lists = (
        ("students", [student["no"] for student in manifest["students"]], False),
        ("items", [item["item"] for _, item in _items(manifest)], False),
        ("rosters", [roster["name"] for roster in manifest["rosters"]], True),
        ("files", [file["sha256"] for file in manifest["files"]], True),
    )
    for name, keys, ordered in lists:
        for key, count in Counter(keys).items():
            if count > 1:
                yield Problem(
                    MANIFEST_NAME,
                    "duplicate",
                    f"{name} 的 {key} 出現 {count} 次。",
                    f"{key} stands {count} times among the {name}.",
                )
        if ordered and keys != sorted(keys):
            yield Problem(MANIFEST_NAME, "order", f"{name} 沒有依序排列。", f"The {name} are not in order.")


def _file_problems(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    files = {file["sha256"]: file for file in manifest["files"]}
    used = set()
    for student_no, item in _items(manifest):
        for file in item["files"]:
            used.add(file["sha256"])
            listed = files.get(file["sha256"])
            if listed is None or (listed["size"], listed["md5"]) != (file["size"], file["md5"]):
                yield Problem(
                    file_member(file["sha256"]),
                    "record-file",
                    f"學號 {student_no} 的「{file['name']}」沒有列在檔案清單，或大小、MD5 不同。",
                    f"“{file['name']}” of student {student_no} is not listed, or with another size or MD5.",
                )
    for unused in files.keys() - used:
        yield Problem(
            file_member(unused), "file-unused", "沒有任何紀錄使用這個檔案。", "No record uses this file."
        )


_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterable[Problem]], ...] = (
    _count_problems,
    _order_problems,
    _file_problems,
)


def _bound_problems(manifest: Mapping[str, Any], limits: PackageLimits) -> Iterator[Problem]:
    if 2 + len(manifest["rosters"]) + len(manifest["files"]) > limits.members:
        yield Problem(
            MANIFEST_NAME,
            "too-many-members",
            f"成員超過 {limits.members} 個。",
            f"There are more than {limits.members} members.",
        )
    bounds = [(roster_member(one["name"]), one["size"], limits.roster_bytes) for one in manifest["rosters"]]
    bounds += [(file_member(one["sha256"]), one["size"], limits.file_bytes) for one in manifest["files"]]
    for name, size, most in bounds:
        if size > most:
            yield Problem(
                name,
                "too-large",
                f"大小 {size} 位元組，超過上限 {most}。",
                f"It has {size} bytes, over the bound of {most}.",
            )
