"""The archive's API as a school speaks it. Every call can be repeated without harm."""

from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from licheng.school.people.models import School
from licheng.school.submission.errors import ArchiveUnreachable

TIMEOUT_SECONDS = 60.0
PIECE_BYTES = 8 << 20  # what a broken line costs at most
# What says nothing of the package: a token that ended or lacks its scope, too many questions.
MENDED_BY_WAITING = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.TOO_MANY_REQUESTS}
MENDED_BY_SENDING_AGAIN = {"package-differs", "offset-differs", "upload-busy"}


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


def _answer(school: School, method: str, path: str, **arguments: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {_token(school)}", "Accept": "application/json"}
    headers |= arguments.pop("headers", {})
    try:
        with _client() as client:
            answer = client.request(method, path, headers=headers, **arguments)
    except httpx.HTTPError as failure:
        raise ArchiveUnreachable(reason=type(failure).__name__) from failure
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ArchiveUnreachable(reason=f"HTTP {answer.status_code}")
    if answer.status_code in MENDED_BY_WAITING:
        rule = _refusal(answer).problems[0]["rule"]
        raise ArchiveUnreachable(reason=f"HTTP {answer.status_code} {rule}")
    return answer


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as failure:
        raise ArchiveUnreachable(reason=f"HTTP {answer.status_code} without JSON") from failure


def _refusal(answer: httpx.Response) -> ArchiveSaysNo:
    body = _body(answer) if answer.content else {}
    text = str(body.get("detail", answer.reason_phrase))
    problem = {"file": "", "rule": str(body.get("code", "")), "text_zh": text, "text_en": text}
    return ArchiveSaysNo(body.get("problems") or [problem])


def _call(school: School, method: str, path: str, **arguments: Any) -> Any:
    answer = _answer(school, method, path, **arguments)
    if answer.is_error:
        raise _refusal(answer)
    return _body(answer)


def announce(school: School, deposit: dict[str, object]) -> None:
    """Tell the archive which package is coming: id, year, SHA-256, size, and the password that opens it."""
    _call(school, "POST", "/deposits/", json=deposit)


def send(school: School, package: str, path: Path) -> None:
    """Send the package's bytes from where the archive has them (tus 1.0), piece by piece.

    Raises ArchiveUnreachable when the line breaks: what arrived stays there, the next try goes on from it.
    """
    address, size = f"/deposits/{package}/package", path.stat().st_size
    offset = _offset(_sent(school, "HEAD", address))
    with path.open("rb") as file:
        is_arrived = False
        while not is_arrived:  # an empty last part tells the archive that all of it is there
            file.seek(offset)
            headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            offset = _offset(_sent(school, "PATCH", address, content=file.read(PIECE_BYTES), headers=headers))
            is_arrived = offset == size


def _sent(school: School, method: str, path: str, **arguments: Any) -> httpx.Response:
    headers = {"Tus-Resumable": "1.0.0"} | arguments.pop("headers", {})
    answer = _answer(school, method, path, headers=headers, **arguments)
    if answer.is_error:
        refusal = _refusal(answer)
        if refusal.problems[0]["rule"] in MENDED_BY_SENDING_AGAIN:
            raise ArchiveUnreachable(reason=refusal.problems[0]["rule"]) from refusal
        raise refusal
    return answer


def _offset(answer: httpx.Response) -> int:
    try:
        return int(answer.headers["Upload-Offset"])
    except (KeyError, ValueError) as broken:
        raise ArchiveUnreachable(reason="the archive did not say how much it has") from broken


def verdict(school: School, package: str) -> dict[str, Any]:
    """The deposit's state, counts and problems."""
    answer: dict[str, Any] = _call(school, "GET", f"/deposits/{package}/")
    return answer


def receipts(school: School, package: str) -> list[dict[str, str]]:
    """The receipts of an accepted deposit: student number and the base64 of the exact bytes."""
    answer: list[dict[str, str]] = _call(school, "GET", f"/deposits/{package}/receipts/")["receipts"]
    return answer
