"""A course-plan platform on this machine that answers one address of its API, and can also lie."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COURSES = [
    {"course_code": "115070406V2640101010101", "name": "國語文", "credits": "333322"},
    {"course_code": "115070406V2640101010102", "name": "英語文", "credits": "222222"},
]


@dataclass
class Platform:
    """What it answers next, and what it was asked."""

    url: str = ""
    school_code: str = "070406"
    entry_year: int = 115
    version: object = 1
    courses: list = field(default_factory=lambda: list(COURSES))
    etag: str = '"plan-1"'
    status: int = 200
    content: bytes | None = None  # instead of JSON
    asked: list = field(default_factory=list)  # path and If-None-Match of every question

    def answer(self):
        """The body of the API's answer."""
        body = {
            "school_code": self.school_code,
            "school_name": "示範高商",
            "entry_year": self.entry_year,
            "version": self.version,
            "filed_at": "2026-08-01T00:00:00Z",
            "courses": self.courses,
            "corrections": [],
        }
        return json.dumps(body, ensure_ascii=False).encode() if self.content is None else self.content


def open_platform():
    """A platform that listens; the caller shuts `server` down."""
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            known = self.headers.get("If-None-Match", "")
            platform.asked.append((self.path, known))
            is_known = platform.status == 200 and known == platform.etag
            content = b"" if is_known else platform.answer()
            self.send_response(304 if is_known else platform.status)
            self.send_header("ETag", platform.etag)
            if not is_known:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    platform.url = f"http://127.0.0.1:{server.server_port}"
    return platform, server
