"""The course-plan platform's API as a school asks it: the courses of its plan on file for one entry year."""

import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
from django.conf import settings
from licheng_exchange import CodeLine, InvalidCourseCode, write_code_file

from licheng.school.rosters.errors import NoPlanOnFile, PlansNotConnected, PlansStrange, PlansUnreachable

# Own bounds: 300 courses are 40 KB and come within a second.
TIMEOUT = httpx.Timeout(10, connect=5)
DEADLINE_SECONDS = 30
LIMIT_BYTES = 8 << 20
ETAG_MAX = 100
VERSION_MAX = 32_767


@dataclass(frozen=True, slots=True)
class FiledCourses:
    """A plan on file as the platform answered it; `data` is its code file, `etag` names this answer."""

    version: int
    etag: str
    data: bytes


def filed_courses(school_code: str, entry_year: int, known_etag: str = "") -> FiledCourses | None:
    """The courses of a school's plan on file, or None when they are those of the answer with that ETag.

    Raises PlansNotConnected, PlansUnreachable, NoPlanOnFile, or PlansStrange for an answer that is not this
    school's courses of this year.
    """
    if not settings.COURSEPLANS_URL:
        raise PlansNotConnected
    status, etag, content = _answer(f"/schools/{school_code}/years/{entry_year}/courses", known_etag)
    if status == HTTPStatus.NOT_MODIFIED and known_etag:
        return None
    if status == HTTPStatus.NOT_FOUND:
        raise NoPlanOnFile(year=entry_year)
    if status != HTTPStatus.OK:
        raise PlansUnreachable(reason=f"HTTP {status}")
    body = _body(content)
    if (body.get("school_code"), body.get("entry_year")) != (school_code, entry_year):
        raise PlansStrange(reason="school_code, entry_year")
    data = _code_file(body.get("courses"), f"{entry_year}{school_code}")
    version = body.get("version")
    if type(version) is not int or not 0 < version <= VERSION_MAX:
        raise PlansStrange(reason="version")
    return FiledCourses(version, etag, data)


def _answer(path: str, known_etag: str) -> tuple[int, str, bytes]:
    # Unpacked answers alone: what is counted against the bound is what is kept.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    headers |= {"If-None-Match": known_etag} if known_etag else {}
    content = bytearray()
    ends_at = time.monotonic() + DEADLINE_SECONDS
    try:
        with (
            httpx.Client(base_url=f"{settings.COURSEPLANS_URL}/api/v1", timeout=TIMEOUT) as client,
            client.stream("GET", path, headers=headers) as answer,
        ):
            for chunk in answer.iter_raw():
                content += chunk
                if len(content) > LIMIT_BYTES:
                    raise PlansStrange(reason=f"> {LIMIT_BYTES} bytes")
                if time.monotonic() > ends_at:
                    raise PlansUnreachable(reason=f"> {DEADLINE_SECONDS} s")
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise PlansUnreachable(reason=type(failure).__name__) from failure
    etag = answer.headers.get("ETag", "")
    return answer.status_code, etag if etag.isascii() and len(etag) <= ETAG_MAX else "", bytes(content)


def _body(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as failure:
        raise PlansStrange(reason="JSON") from failure
    if not isinstance(body, dict):
        raise PlansStrange(reason="JSON")
    return body


def _code_file(courses: object, expected: str) -> bytes:
    """The code file of the courses, each of which must be of the year and school asked for."""
    if not isinstance(courses, list) or not courses:
        raise PlansStrange(reason="courses")
    try:
        lines = [CodeLine(one["course_code"], one["name"], one["credits"]) for one in courses]
        data = write_code_file(lines, "txt")
    except (KeyError, TypeError, AttributeError) as failure:
        raise PlansStrange(reason="courses") from failure
    except InvalidCourseCode as refusal:
        raise PlansStrange(reason=refusal.rule) from refusal
    if any(not line.code.startswith(expected) for line in lines):
        raise PlansStrange(reason="course_code")
    return data
