"""The archive's API as a school speaks it. Every call can be repeated without harm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from licheng.school.people.models import School
from licheng.school.submission.errors import ArchiveUnreachable

TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 1 << 20
PROBLEM = "application/problem+json"


class ArchiveSaysNo(Exception):
    """The archive understood and refused; `problems` are its own words, file and rule by file and rule."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        super().__init__("; ".join(problem.get("rule", "") for problem in problems))
        self.problems = problems


def _token(school: School) -> str:
    path = Path(settings.ARCHIVE_TOKENS) / school.code
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as missing:
        raise ArchiveUnreachable(reason=f"no token for school {school.code}") from missing


def _client() -> httpx.Client:
    return httpx.Client(base_url=f"{settings.ARCHIVE_URL}/api/v1", timeout=TIMEOUT_SECONDS)


def _call(school: School, method: str, path: str, **arguments: Any) -> Any:
    headers = {"Authorization": f"Bearer {_token(school)}", "Accept": "application/json"}
    headers |= arguments.pop("headers", {})
    try:
        with _client() as client:
            answer = client.request(method, path, headers=headers, **arguments)
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ArchiveUnreachable(reason=f"HTTP {answer.status_code}")
        body = answer.json()
    except (httpx.HTTPError, ValueError) as failure:
        raise ArchiveUnreachable(reason=type(failure).__name__) from failure
    if answer.is_error:
        text = str(body.get("detail", answer.reason_phrase))
        problem = {"file": "", "rule": str(body.get("code", "")), "text_zh": text, "text_en": text}
        raise ArchiveSaysNo(body.get("problems") or [problem])
    return body


def announce(school: School, deposit: dict[str, object]) -> None:
    """Tell the archive which package is coming: id, year, SHA-256, size, and the password that opens it."""
    _call(school, "POST", "/deposits/", json=deposit)


def send(school: School, package: str, path: Path) -> None:
    """Send the package's bytes."""

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    size = {"Content-Length": str(path.stat().st_size), "Content-Type": "application/zip"}
    _call(school, "PUT", f"/deposits/{package}/package", content=pieces(), headers=size)


def verdict(school: School, package: str) -> dict[str, Any]:
    """The deposit's state, counts and problems."""
    answer: dict[str, Any] = _call(school, "GET", f"/deposits/{package}/")
    return answer


def receipts(school: School, package: str) -> list[dict[str, str]]:
    """The receipts of an accepted deposit: student number and the base64 of the exact bytes."""
    answer: list[dict[str, str]] = _call(school, "GET", f"/deposits/{package}/receipts/")["receipts"]
    return answer
