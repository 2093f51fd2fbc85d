"""What sealing and checking a package take and answer."""

from dataclasses import dataclass
from typing import Any

from licheng_exchange._problems import Problem

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.sig"


class PackageRefused(ValueError):
    """A package cannot be sealed or is not accepted; `problems` says why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.file}: {one.rule}: {one.text_en}" for one in problems))
        self.problems = problems


class PackageBroken(PackageRefused):
    """The structure does not hold, so that nothing after this place can be read."""


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """Bounds checked before reading. Units: bytes where named so. Provisional, not rules of the trade."""

    package_bytes: int = 64 << 30
    members: int = 200_000
    manifest_bytes: int = 128 << 20
    roster_bytes: int = 64 << 20
    file_bytes: int = 1 << 30
    problems: int = 200


@dataclass(frozen=True, slots=True)
class SealedPackage:
    """The finished file's fingerprint."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PackageReport:
    """Whether a package is accepted whole, and every reason why not; sha256 is empty if it cannot be read."""

    ok: bool
    problems: tuple[Problem, ...]
    manifest: dict[str, Any] | None
    sha256: str
    size: int
    signer: str | None = None


def roster_member(name: str) -> str:
    """The member that holds a roster."""
    return f"rosters/{name}.csv"


def file_member(sha256: str) -> str:
    """The member that holds a file."""
    return f"files/{sha256}"
