"""Sealing a submission package in one pass."""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from hashlib import md5, sha256
from itertools import islice
from typing import Any, BinaryIO

from licheng_exchange._canonical import NotCanonical, canonical
from licheng_exchange._notes import SigningKey
from licheng_exchange._package_manifest import csv_rows, manifest_problems
from licheng_exchange._package_model import (
    MANIFEST_NAME,
    SIGNATURE_NAME,
    PackageLimits,
    PackageRefused,
    SealedPackage,
    file_member,
    roster_member,
)
from licheng_exchange._package_zip import Sink, ZipWriter, pieces_of
from licheng_exchange._problems import Problem

type OpenFile = Callable[[str], AbstractContextManager[BinaryIO]]
"""Opens the content that has this SHA-256."""


def seal_package(  # noqa: PLR0917 -- what goes in, then what locks it
    out: Sink,
    manifest: Mapping[str, Any],
    rosters: Mapping[str, bytes],
    open_file: OpenFile,
    password: str,
    key: SigningKey,
    *,
    limits: PackageLimits | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> SealedPackage:
    """Write the package, reading every file once and checking it against the manifest on the way.

    `random_bytes` makes the salts; anything but the system's source is for published examples only.
    Raises PackageRefused if the manifest, a roster or a file does not fit; the output is then useless.
    """
    limits = limits or PackageLimits()
    _refuse(islice(manifest_problems(manifest, limits), limits.problems))
    _refuse(_roster_problems(manifest, rosters))
    try:
        manifest_bytes = canonical(manifest)
    except NotCanonical as error:
        raise PackageRefused(
            Problem(MANIFEST_NAME, "not-canonical", "清單無法寫成標準格式。", str(error))
        ) from error
    signature = signature_text(key, manifest_bytes)
    writer = ZipWriter(out, password.encode(), random_bytes)
    writer.add(MANIFEST_NAME, len(manifest_bytes), _split(manifest_bytes))
    writer.add(SIGNATURE_NAME, len(signature), [signature])
    for roster in manifest["rosters"]:
        data = rosters[roster["name"]]
        writer.add(roster_member(roster["name"]), len(data), _split(data))
    for file in manifest["files"]:
        with open_file(file["sha256"]) as content:
            writer.add(
                file_member(file["sha256"]), file["size"], checked(pieces_of(content, file["size"] + 1), file)
            )
    return SealedPackage(sha256=writer.finish(), size=writer.size)


def signature_text(key: SigningKey, manifest_bytes: bytes) -> bytes:
    """The content of `manifest.sig`: the key's label and the base64 signature, a line each."""
    return f"{key.verifying_key.label}\n{b64encode(key.sign(manifest_bytes)).decode()}\n".encode()


def checked(pieces: Iterator[bytes], file: Mapping[str, Any]) -> Iterator[bytes]:
    """The pieces of a listed file, unchanged. Raises PackageRefused at the end if it is another."""
    strong, legacy, size = sha256(), md5(usedforsecurity=False), 0
    for piece in pieces:
        strong.update(piece)
        legacy.update(piece)
        size += len(piece)
        yield piece
    found = {"sha256": strong.hexdigest(), "size": size, "md5": legacy.hexdigest()}
    for name, value in found.items():
        if value != file[name]:
            raise PackageRefused(
                Problem(
                    file_member(file["sha256"]),
                    f"file-{name}",
                    f"檔案的 {name} 是 {value}，清單寫的是 {file[name]}。",
                    f"The file's {name} is {value}; the manifest says {file[name]}.",
                )
            )


def roster_misfits(roster: Mapping[str, Any], data: bytes) -> Iterator[Problem]:
    """Where a roster differs from what the manifest says of it."""
    member = roster_member(roster["name"])
    found = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    try:
        found["rows"] = csv_rows(data)
    except ValueError as error:
        yield Problem(
            member, "roster-csv", "名冊不是 UTF-8 的 CSV。", f"The roster is no UTF-8 CSV: {error}."
        )
    for name, value in found.items():
        if value != roster[name]:
            yield Problem(
                member,
                f"roster-{name}",
                f"名冊的 {name} 是 {value}，清單寫的是 {roster[name]}。",
                f"The roster's {name} is {value}; the manifest says {roster[name]}.",
            )


def _roster_problems(manifest: Mapping[str, Any], rosters: Mapping[str, bytes]) -> Iterator[Problem]:
    listed = {roster["name"]: roster for roster in manifest["rosters"]}
    for name in sorted(listed.keys() ^ rosters.keys()):
        yield Problem(
            roster_member(name),
            "roster-listed",
            "名冊與清單不一致：一邊有、一邊沒有。",
            "The roster is either given or listed, but not both.",
        )
    for name in sorted(listed.keys() & rosters.keys()):
        yield from roster_misfits(listed[name], rosters[name])


def _split(data: bytes) -> Iterator[bytes]:
    size = 1 << 20
    return (data[at : at + size] for at in range(0, len(data), size))


def _refuse(problems: Iterator[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise PackageRefused(*found)
