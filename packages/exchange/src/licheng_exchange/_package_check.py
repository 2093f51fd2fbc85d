"""Accepting a submission package: one pass, constant memory, every byte accounted for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from licheng_exchange._canonical import NotCanonical, parse_canonical
from licheng_exchange._notes import NoteError, VerifyingKey, decode_base64
from licheng_exchange._package_manifest import manifest_problems
from licheng_exchange._package_model import (
    MANIFEST_NAME,
    SIGNATURE_NAME,
    PackageBroken,
    PackageLimits,
    PackageRefused,
    PackageReport,
    file_member,
    roster_member,
)
from licheng_exchange._package_read import HashingFile, ZipWalker, broken, whole
from licheng_exchange._package_seal import checked, roster_misfits
from licheng_exchange._problems import Problem

MAX_SIGNATURE_BYTES = 1024


class OpenPackage:
    """A package whose manifest is signed and whole; its files are read and checked as they are taken."""

    def __init__(
        self, file: HashingFile, password: str, vkeys: Iterable[VerifyingKey], limits: PackageLimits
    ) -> None:
        self._walker = ZipWalker(file, password.encode("utf-8", "surrogatepass"))
        self._limits = limits
        _, content = self._walker.take(MANIFEST_NAME, None, limits.manifest_bytes)
        manifest_bytes = whole(content)
        _, content = self._walker.take(SIGNATURE_NAME, None, MAX_SIGNATURE_BYTES)
        self.signer = _signer(whole(content), manifest_bytes, vkeys)
        self.manifest = _manifest_of(manifest_bytes, limits)

    def rosters(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every roster; must be taken before the files.

        Raises PackageRefused for one that differs from the manifest.
        """
        for roster in self.manifest["rosters"]:
            member = roster_member(roster["name"])
            _, content = self._walker.take(member, roster["size"], self._limits.roster_bytes)
            data = b"".join(content)
            problems = tuple(roster_misfits(roster, data))
            if problems:
                raise PackageRefused(*problems)
            yield roster["name"], data

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """SHA-256 and pieces of every file; what is not taken of one is checked before the next.

        The pieces are proven only once their iterator has ended; nothing is accepted before `files` has.
        Raises PackageRefused for a file that differs from the manifest.
        """
        for file in self.manifest["files"]:
            member = file_member(file["sha256"])
            _, content = self._walker.take(member, file["size"], self._limits.file_bytes)
            pieces = checked(content, file)
            yield file["sha256"], pieces
            for _ in pieces:
                pass
        self._walker.end()

    def content_problems(self) -> Iterator[tuple[Problem, ...]]:
        """The problems of each member in turn, instead of taking them; a broken structure raises."""
        for roster in self.manifest["rosters"]:
            member = roster_member(roster["name"])
            _, content = self._walker.take(member, roster["size"], self._limits.roster_bytes)
            try:
                yield tuple(roster_misfits(roster, b"".join(content)))
            except PackageBroken:
                raise
            except PackageRefused as error:
                yield error.problems
        for file in self.manifest["files"]:
            member = file_member(file["sha256"])
            _, content = self._walker.take(member, file["size"], self._limits.file_bytes)
            try:
                for _ in checked(content, file):
                    pass
            except PackageBroken:
                raise
            except PackageRefused as error:
                yield error.problems
        self._walker.end()


@contextmanager
def open_package(
    path: Path, *, password: str, vkeys: Iterable[VerifyingKey], limits: PackageLimits | None = None
) -> Iterator[OpenPackage]:
    """Open a package for storing while verifying: take `rosters()`, then `files()` to the end.

    Raises PackageRefused at the first problem, also while rosters and files are taken.
    """
    limits = limits or PackageLimits()
    try:
        file = path.open("rb")
    except OSError as error:
        raise broken(path.name, "unreadable", "檔案無法讀取。", "The file cannot be read.") from error
    with file:
        if path.stat().st_size > limits.package_bytes:
            raise PackageRefused(_too_large(path.name, path.stat().st_size, limits))
        yield OpenPackage(HashingFile(file), password, tuple(vkeys), limits)


def check_package(
    path: Path, password: str, vkeys: Iterable[VerifyingKey], limits: PackageLimits | None = None
) -> PackageReport:
    """Whether a package is whole, signed by one of the keys and agrees with itself in every byte."""
    limits = limits or PackageLimits()
    try:
        size = path.stat().st_size
        if size > limits.package_bytes:
            problem = _too_large(path.name, size, limits)
            return PackageReport(ok=False, problems=(problem,), manifest=None, sha256="", size=size)
        with path.open("rb") as file:
            return _report(HashingFile(file), password, tuple(vkeys), limits)
    except OSError:
        problem = Problem(path.name, "unreadable", "檔案無法讀取。", "The file cannot be read.")
        return PackageReport(ok=False, problems=(problem,), manifest=None, sha256="", size=0)


def _too_large(name: str, size: int, limits: PackageLimits) -> Problem:
    return Problem(
        name,
        "too-large",
        f"提交包有 {size} 位元組，超過上限 {limits.package_bytes}。",
        f"The package has {size} bytes, over the bound of {limits.package_bytes}.",
    )


def _report(
    file: HashingFile, password: str, vkeys: tuple[VerifyingKey, ...], limits: PackageLimits
) -> PackageReport:
    problems: list[Problem] = []
    package: OpenPackage | None = None
    try:
        package = OpenPackage(file, password, vkeys, limits)
        for found in package.content_problems():
            problems += found
            if len(problems) >= limits.problems:
                break
    except PackageRefused as error:
        problems += error.problems
    return PackageReport(
        ok=not problems,
        problems=tuple(problems[: limits.problems]),
        manifest=package.manifest if package else None,
        sha256=file.digest_of_all(),
        size=file.place,
        signer=package.signer if package else None,
    )


def _signer(signature: bytes, manifest_bytes: bytes, vkeys: Iterable[VerifyingKey]) -> str:
    try:
        label, encoded, rest = signature.decode("utf-8").split("\n")
        value = decode_base64(encoded)
    except (ValueError, NoteError) as error:
        raise broken(
            SIGNATURE_NAME, "signature-format", "簽章檔的格式不對。", "The signature file is malformed."
        ) from error
    key = next((one for one in vkeys if one.label == label), None)
    if key is None or rest:
        raise broken(
            SIGNATURE_NAME,
            "signer-unknown",
            f"提交包由 {label} 簽署，但公布的金鑰中沒有這一把。",
            f"The package is signed by {label}, which is not among the published keys.",
        )
    if not key.verify(value, manifest_bytes):
        raise broken(
            SIGNATURE_NAME,
            "signature",
            "清單的簽章不符：manifest.json 在簽署後被更動過。",
            "The signature does not fit: manifest.json was altered after it was signed.",
        )
    return label


def _manifest_of(data: bytes, limits: PackageLimits) -> dict[str, Any]:
    try:
        manifest = parse_canonical(data)
    except NotCanonical as error:
        raise broken(
            MANIFEST_NAME, "not-canonical", "清單不是標準格式的 JSON。", f"The manifest is {error}"
        ) from error
    problems = tuple(islice(manifest_problems(manifest, limits), limits.problems))
    if problems:
        raise PackageBroken(*problems)
    found: dict[str, Any] = manifest
    return found
