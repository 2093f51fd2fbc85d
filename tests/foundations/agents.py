"""Copy agents for tests: real ones, each in a process group of its own, and one that lies in a chosen way."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from licheng.foundations.custody.agent import make_keys

SRC = Path(__file__).resolve().parents[2] / "src"


def free_port():
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunningAgent:
    """An agent over a folder; `keys` holds its key and what the site needs."""

    def __init__(self, root, keys, name="b", **options):
        self.root, self.keys, self.name, self.port = Path(root), Path(keys), name, free_port()
        scheme = "https" if "certificate" in options else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log = self.keys / f"{name}.log"
        if not (self.keys / f"{name}.key").exists():
            make_keys(self.keys, name)
        self.options = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]

    def start(self):
        """Start it and wait until it answers."""
        given = ["--root", self.root, "--port", str(self.port), "--name", self.name]
        given += ["--key", self.keys / f"{self.name}.key", "--token", self.keys / f"{self.name}.token"]
        given += ["--removal-token", self.keys / f"{self.name}.removal-token", *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "licheng.cli", "copy-agent", *given],
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC)},  # no setting of a site
                start_new_session=True,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/volume", timeout=2, verify=False)  # noqa: S501 -- only whether it is there
                return self
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self):
        """End the whole process group at once, as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class LyingAgent:
    """A server that gives every question to a function and sends what that answers."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, said = answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_PUT = do_POST = do_DELETE = respond  # noqa: N815 -- the server's names

            def log_message(self, *_given):
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self.server.shutdown()
        self.server.server_close()
